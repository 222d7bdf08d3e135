#pragma once

#include <Poco/JSON/Object.h>

#include <cstddef>

#include "base/clock.hpp"
#include "model/hold.hpp"

namespace iac::http {

/// A hold as the API shows it.
Poco::JSON::Object::Ptr holdJson(const Hold& hold, Time now);

}  // namespace iac::http
