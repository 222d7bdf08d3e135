#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace iac::http {

/// Lists are read page by page, newest first: a page is everything below an id, so it stays what it
/// is while rows arrive.

/// How many rows the caller wants: `limit`, 1 to 499 (the history gives one more than that at most:
/// one more than a page says whether there is a next one). Throws Problem 400.
std::size_t pageOf(const Request& request);
/// Below which id: `before`; 0: from the newest. Throws Problem 400.
std::int64_t beforeOf(const Request& request);
/// Where the next page is: the same filters, before that id.
std::string nextPage(std::string_view path, const Request& request, std::int64_t before);

}  // namespace iac::http
