#include "history/queries.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "history/statements.hpp"

namespace iac::history {
namespace {

/// By how much the clock may have been set back without hiding a row from a filter by time.
constexpr std::int64_t kSetBack = 86'400'000;
constexpr std::int64_t kNewest = std::numeric_limits<std::int64_t>::max();

void add(ListQuery& list, std::string_view part, Connection::Value value) {
    list.values.push_back(std::move(value));
    list.sql += part;
    list.sql += '$' + std::to_string(list.values.size());
}

// The ids below `before` (0: any), and not much newer than `until`.
void addBefore(ListQuery& list, std::int64_t before, const std::optional<Time>& until,
               std::string_view from, std::string_view end) {
    const std::int64_t below = before > 0 ? before : kNewest;
    if (!until) return add(list, "", below);
    add(list, sql::kBoundBegin, below);
    add(list, from, toColumn(*until) + kSetBack);
    list.sql += end;
}

void addAfter(ListQuery& list, Time since, std::string_view from, std::string_view end) {
    add(list, from, toColumn(since) - kSetBack);
    list.sql += end;
}

}  // namespace

ListQuery listQuery(const DeploymentQuery& query, std::size_t page) {
    ListQuery list;
    const bool by_service = !query.service.empty();
    list.sql = by_service ? sql::kListByService : sql::kListAll;
    addBefore(list, query.before, query.until, sql::kBeforeUntil, sql::kBeforeEnd);
    if (query.since) {
        list.sql += by_service ? sql::kIdByService : sql::kId;
        addAfter(list, *query.since, sql::kAfterSince, sql::kAfterEnd);
    }
    const std::array filters{std::pair{sql::kFilterService, &query.service},
                             std::pair{sql::kFilterEnvironment, &query.environment},
                             std::pair{sql::kFilterTrigger, &query.trigger},
                             std::pair{sql::kFilterTriggeredBy, &query.triggered_by},
                             std::pair{sql::kFilterRef, &query.ref},
                             std::pair{sql::kFilterRevision, &query.revision}};
    for (const auto& [part, value] : filters)
        if (!value->empty()) add(list, part, *value);
    if (query.state) add(list, sql::kFilterState, std::string(toText(*query.state)));
    if (query.since) add(list, sql::kFilterSince, toColumn(*query.since));
    if (query.until) add(list, sql::kFilterUntil, toColumn(*query.until));
    add(list, by_service ? sql::kNewestFirstByService : sql::kNewestFirst,
        toColumn(std::min(query.limit, page)));
    return list;
}

ListQuery eventQuery(const EventQuery& query, std::size_t page) {
    ListQuery list;
    list.sql = sql::kListEvents;
    addBefore(list, query.before, query.until, sql::kEventsBeforeUntil, sql::kEventsBeforeEnd);
    if (query.since) addAfter(list, *query.since, sql::kEventsAfterSince, sql::kEventsAfterEnd);
    const std::array filters{std::pair{sql::kEventEnvironment, &query.environment},
                             std::pair{sql::kEventTrigger, &query.trigger},
                             std::pair{sql::kEventDelivery, &query.delivery},
                             std::pair{sql::kEventTriggeredBy, &query.triggered_by}};
    for (const auto& [part, value] : filters)
        if (!value->empty()) add(list, part, *value);
    if (query.since) add(list, sql::kEventSince, toColumn(*query.since));
    if (query.until) add(list, sql::kEventUntil, toColumn(*query.until));
    add(list, sql::kNewestEventFirst, toColumn(std::min(query.limit, page)));
    return list;
}

std::optional<Target> readGoodBefore(Connection& sql, const Target& target) {
    const auto row =
        sql.askOne<std::string, std::int64_t, std::string, std::optional<std::int64_t>>(
            sql::kGoodBefore, target.service, target.environment, target.last_good_revision);
    if (!row) return std::nullopt;
    const auto& [revision, deployment, outcome, at] = *row;
    return Target{target.service, target.environment, revision,  deployment,
                  outcome,        deployment,         timeOf(at)};
}

std::vector<Target> readTargets(Connection& sql, std::string_view environment) {
    std::vector<Target> targets;
    for (auto& [service, revision, good, outcome, deployment, updated_at] :
         sql.ask<std::string, std::string, std::int64_t, std::string, std::int64_t, std::int64_t>(
             sql::kTargets, environment))
        targets.push_back({std::move(service), std::string(environment), std::move(revision), good,
                           std::move(outcome), deployment, timeOf(updated_at)});
    return targets;
}

std::vector<std::string> readPinnedRevisions(Connection& sql) {
    std::vector<std::string> revisions;
    for (auto& [revision] : sql.ask<std::string>(sql::kPinnedRevisions))
        revisions.push_back(std::move(revision));
    return revisions;
}

}  // namespace iac::history
