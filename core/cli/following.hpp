#pragma once

#include <Poco/JSON/Object.h>

#include <iosfwd>
#include <string>

#include "cli/client.hpp"

namespace iac::cli {

/// Waits for the end of a deployment, and of the one that takes it over, if one does: that one when
/// it is final. `progress` gets the log as it is written, each byte once, also when the connection
/// breaks or the daemon restarts meanwhile; null: nobody wants it.
Poco::JSON::Object::Ptr awaitEnd(Client& client, std::string id, std::ostream* progress);

}  // namespace iac::cli
