#pragma once

#include <Poco/JSON/Object.h>

#include <string>
#include <vector>

#include "cli/client.hpp"

namespace iac::cli {

/// What a hold is on: "platform/postgres in staging", "all of staging".
std::string placeOf(const Poco::JSON::Object::Ptr& hold);

/// The open holds that concern a deployment: those on its environment or its services.
std::vector<Poco::JSON::Object::Ptr> holdsOn(Client& client,
                                             const Poco::JSON::Object::Ptr& deployment);

}  // namespace iac::cli
