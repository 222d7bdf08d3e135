// How SQLite answers the lists: along an index whatever is asked for, so that a page costs the same
// among a thousand rows and among a million.
#include <sqlite3.h>

#include <array>
#include <catch2/catch.hpp>
#include <memory>

#include "history/queries.hpp"
#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;
using Catch::Contains;

namespace {

/// The plan of a query, one line for each part.
std::string planFor(const std::filesystem::path& file, const std::string& sql) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
    const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database(opened, sqlite3_close);
    REQUIRE(code == SQLITE_OK);
    std::string plan;
    REQUIRE(sqlite3_exec(
                opened, ("EXPLAIN QUERY PLAN " + sql).c_str(),
                [](void* lines, int, char** columns, char**) {
                    *static_cast<std::string*>(lines) += std::string(columns[3]) + "\n";
                    return 0;
                },
                &plan, nullptr) == SQLITE_OK);
    return plan;
}

/// A filter, and the indexes of which it has to use one.
template <class Query>
struct Filter {
    const char* name;
    void (*set)(Query&);
    std::vector<std::string> indexes;
};
using DeploymentFilter = Filter<DeploymentQuery>;
using EventFilter = Filter<EventQuery>;

const std::string kById = "INTEGER PRIMARY KEY (rowid>? AND rowid<?)";

const std::vector<DeploymentFilter> kDeployments = {
    {"environment", [](auto& q) { q.environment = "e"; }, {"deployments_environment"}},
    {"service", [](auto& q) { q.service = "s"; }, {"steps_service"}},
    {"trigger", [](auto& q) { q.trigger = "t"; }, {"deployments_trigger "}},
    {"triggered_by", [](auto& q) { q.triggered_by = "p"; }, {"deployments_triggered_by"}},
    {"ref", [](auto& q) { q.ref = "r"; }, {"deployments_ref"}},
    {"revision", [](auto& q) { q.revision = "r"; }, {"deployments_revision"}},
    {"state", [](auto& q) { q.state = DeploymentState::failed; }, {"deployments_state"}},
};
const std::vector<EventFilter> kEvents = {
    {"environment", [](auto& q) { q.environment = "e"; }, {"events_environment"}},
    {"trigger", [](auto& q) { q.trigger = "t"; }, {"events_trigger "}},
    {"delivery", [](auto& q) { q.delivery = "d"; }, {"events_delivery"}},
    {"triggered_by", [](auto& q) { q.triggered_by = "p"; }, {"events_triggered_by"}},
};

ListQuery queryOf(const DeploymentQuery& query) {
    return listQuery(query, 500);
}
ListQuery queryOf(const EventQuery& query) {
    return eventQuery(query, 500);
}

template <class Query>
std::string planOf(const Place& place, const std::vector<Filter<Query>>& filters, bool since,
                   bool until) {
    Query query;
    query.before = 1'000;
    for (const auto& filter : filters) filter.set(query);
    if (since) query.since = Time{};
    if (until) query.until = Time{};
    return planFor(place.folder.database(), queryOf(query).sql);
}

bool usesOneOf(const std::string& plan, const std::vector<std::string>& indexes) {
    return std::ranges::any_of(
        indexes, [&](const std::string& index) { return plan.find(index) != plan.npos; });
}

/// Every filter by itself and every pair, each with and without bounds of time.
template <class Query>
void checkAll(const Place& place, const std::vector<Filter<Query>>& all) {
    for (const bool since : {false, true}) {
        for (const bool until : {false, true}) {
            for (std::size_t one = 0; one < all.size(); ++one) {
                for (std::size_t other = one; other < all.size(); ++other) {
                    const auto plan = planOf<Query>(place, {all[one], all[other]}, since, until);
                    INFO(all[one].name << " and " << all[other].name << (since ? ", since" : "")
                                       << (until ? ", until" : "") << ":\n"
                                       << plan);
                    auto indexes = all[one].indexes;
                    indexes.insert(indexes.end(), all[other].indexes.begin(),
                                   all[other].indexes.end());
                    CHECK(usesOneOf(plan, indexes));
                    CHECK_THAT(plan, !Contains("SCAN deployments") && !Contains("SCAN events") &&
                                         !Contains("SCAN d\n") && !Contains("SCAN s\n"));
                    // A delivery is at most a handful of rows: to sort those costs nothing.
                    if (!usesOneOf(plan, {"events_delivery"}))
                        CHECK_THAT(plan, !Contains("TEMP B-TREE"));
                }
            }
        }
    }
}

}  // namespace

TEST_CASE("deployments are listed along an index for every filter and every pair", "[queries]") {
    const Place place;
    checkAll(place, kDeployments);
}

TEST_CASE("events are listed along an index for every filter and every pair", "[queries]") {
    const Place place;
    checkAll(place, kEvents);
}

TEST_CASE("a list between two times reads only the rows of about that time", "[queries]") {
    const Place place;
    const auto deployments = planOf<DeploymentQuery>(place, {}, true, true);
    INFO(deployments);
    CHECK_THAT(deployments, Contains("SEARCH d USING " + kById) &&
                                Contains("deployments_created_at (created_at<?)") &&
                                Contains("deployments_created_at (created_at>?)") &&
                                !Contains("SCAN d\n") && !Contains("TEMP B-TREE"));
    const auto events = planOf<EventQuery>(place, {}, true, true);
    INFO(events);
    CHECK_THAT(events, Contains("SEARCH events USING " + kById) &&
                           Contains("events_received_at (received_at<?)") &&
                           Contains("events_received_at (received_at>?)") &&
                           !Contains("SCAN events") && !Contains("TEMP B-TREE"));
}

TEST_CASE("a clock that was set back hides nothing from a filter by time", "[queries]") {
    Place place;
    const auto start = place.clock.now();
    const Duration hour(3'600'000), moment(1);
    place->admit(request("v1"), planOf({"a"}));
    place->admit(request("v2"), planOf({"a"}));
    place.clock.pass(-hour);
    place->admit(request("v3"), planOf({"a"}));
    const auto found = [&](std::optional<Time> since, std::optional<Time> until) {
        DeploymentQuery query;
        EventQuery events;
        query.since = events.since = since;
        query.until = events.until = until;
        const auto count = place->deployments(query).size();
        CHECK(place->events(events).size() == count);
        return count;
    };
    CHECK(found(std::nullopt, std::nullopt) == 3);
    CHECK(found(start, std::nullopt) == 2);
    CHECK(found(std::nullopt, start - moment) == 1);
    CHECK(found(start - moment, start) == 0);
    CHECK(found(start - hour, start + moment) == 3);
}
