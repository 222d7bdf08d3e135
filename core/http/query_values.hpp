#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "http/request.hpp"
#include "model/event.hpp"

namespace iac::http {

/// What a query says, checked. All throw Problem 400 with the name of the parameter.

/// Only these may be asked for: a misspelt filter must not be a filter that is not there.
void allowOnly(const Request& request, const std::vector<std::string_view>& names);
std::string textOf(const Request& request, const std::string& name);
/// Empty when it is not there.
std::optional<std::int64_t> numberOf(const Request& request, const std::string& name,
                                     std::int64_t least, std::int64_t most);
std::optional<Time> timeOf(const Request& request, const std::string& name);
bool flagOf(const Request& request, const std::string& name);

/// The id in the path of what is called "deployment", "hold". Throws Problem 404: what is no number
/// is the id of nothing.
std::int64_t idOf(const Request& request, const std::string& what = "deployment");

/// "2025-01-24", "2025-01-24T04:51:00Z", "2025-01-24T04:51:00.250+01:00".
std::optional<Time> timeFromText(std::string_view text);

}  // namespace iac::http
