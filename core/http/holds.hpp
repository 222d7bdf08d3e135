#pragma once

#include <Poco/JSON/Object.h>

#include <cstddef>

#include "base/clock.hpp"
#include "model/hold.hpp"

namespace iac::http {

/// All that a page may show are looked through for one that has ended.
inline constexpr std::size_t kKnownHolds = 500;

/// A hold as the API shows it.
Poco::JSON::Object::Ptr holdJson(const Hold& hold, Time now);

}  // namespace iac::http
