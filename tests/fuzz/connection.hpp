#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "http/request_reader.hpp"

namespace iac::fuzz {

/// Reads the requests of a connection that says these bytes and hangs up, until one is refused or
/// the end. `limit`: the route of a request -> how long its body may be; what it throws is a
/// refusal, too. The status of the refusal; 0: there was none.
int read(std::string_view bytes, const std::function<std::uint64_t(http::Request&)>& limit,
         const std::function<void(http::Request&)>& taken);

/// The same request in the one plain way to write it.
std::string plain(const http::Request& request);

}  // namespace iac::fuzz
