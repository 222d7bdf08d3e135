#pragma once

#include <Poco/JSON/Object.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "cli/client.hpp"

namespace iac::cli {

/// Names and values of a query; an empty value is left out.
using Parameters = std::vector<std::pair<std::string, std::string>>;

/// A path with its query, encoded: "/deployments?env=staging&limit=20".
std::string target(std::string path, const Parameters& parameters);
/// A name as one segment of a path: "platform%2Fpostgres".
std::string segment(const std::string& name);

/// A time as the daemon understands it: "2h" and "7d" are so long before `now`; anything else is
/// left for the daemon to judge.
std::string momentOf(const std::string& text, Time now);

/// A list that the daemon gives in pages.
struct List {
    std::string path;        ///< "/deployments"
    std::string member;      ///< of the answer: "deployments"
    Parameters filters;      ///< without the limit
    std::size_t limit = 20;  ///< so many at most, over all pages
};

/// The list as one answer, `{"deployments":[...]}`: page after page up to its limit.
Poco::JSON::Object::Ptr readList(Client& client, const List& list);

}  // namespace iac::cli
