#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "history/history.hpp"
#include "history/readers.hpp"

namespace iac::history {

/// A list of deployments as SQL, and the values of its places.
struct ListQuery {
    std::string sql;
    std::vector<Connection::Value> values;
};
ListQuery listQuery(const DeploymentQuery& query, std::size_t page);

ListQuery eventQuery(const EventQuery& query, std::size_t page);

/// See History::goodBefore.
std::optional<Target> readGoodBefore(Connection& sql, const Target& target);
std::vector<Target> readTargets(Connection& sql, std::string_view environment);
std::vector<std::string> readPinnedRevisions(Connection& sql);

}  // namespace iac::history
