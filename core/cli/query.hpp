#pragma once

#include <Poco/JSON/Object.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"

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

/// Which part of a list is wanted, and how it is shown: the same for every list.
struct Part {
    std::string since, until;
    std::int64_t before = 0;
    std::size_t limit = 20;  ///< so many at most, over all pages
    bool json = false;
};

/// Adds --since, --until, --before, --limit and --json.
void addPart(CLI::App& command, Part& part);

/// Asks for the part of a list that the daemon keeps at "/" + `name`, page after page, and shows
/// it: as JSON, `{"deployments": [...]}`, or by `print`. The exit code.
int showList(const Options& options, const std::string& name, Parameters filters, const Part& part,
             const std::function<void(const std::vector<Poco::JSON::Object::Ptr>&)>& print);

}  // namespace iac::cli
