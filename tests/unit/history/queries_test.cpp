#include <catch2/catch.hpp>

#include "history/readers.hpp"
#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;

namespace {

std::vector<DeploymentId> idsOf(const std::vector<Deployment>& deployments) {
    std::vector<DeploymentId> ids;
    for (const auto& deployment : deployments) ids.push_back(deployment.id);
    return ids;
}

}  // namespace

TEST_CASE("deployments are found by every filter, and by all of them together", "[queries]") {
    Place history;
    const auto [first, steps] = runningDeployment(*history, push("d1"), {"a", "b"});
    history->finish(first, {DeploymentState::success, {}});
    const auto middle = history.clock.now() + Duration(500);
    history.clock.pass(Duration(1'000));
    Event other = request("v2");
    other.environment = "production";
    runningDeployment(*history, other, {"b"});
    const std::vector<DeploymentId> older{1}, newer{2}, both{2, 1}, none{};
    const auto found = [&](auto set) {
        DeploymentQuery query;
        set(query);
        return idsOf(history->deployments(query));
    };
    CHECK(found([](auto&) {}) == both);
    CHECK(found([](auto& q) { q.environment = "staging"; }) == older);
    CHECK(found([](auto& q) { q.service = "a"; }) == older);
    CHECK(found([](auto& q) { q.service = "b"; }) == both);
    CHECK(found([](auto& q) { q.service = "none"; }) == none);
    CHECK(found([](auto& q) { q.trigger = "manual"; }) == newer);
    CHECK(found([](auto& q) { q.triggered_by = "octocat"; }) == older);
    CHECK(found([](auto& q) { q.ref = "v2"; }) == newer);
    CHECK(found([](auto& q) { q.revision = "sha-v2"; }) == newer);
    CHECK(found([](auto& q) { q.state = DeploymentState::success; }) == older);
    CHECK(found([](auto& q) { q.state = DeploymentState::queued; }) == none);
    CHECK(found([&](auto& q) { q.since = middle; }) == newer);
    CHECK(found([&](auto& q) { q.until = middle; }) == older);
    CHECK(found([&](auto& q) { q.since = history.clock.now(); }) == newer);
    CHECK(found([&](auto& q) { q.until = history.clock.now(); }) == older);
    CHECK(found([](auto& q) { q.before = 2; }) == older);
    CHECK(found([](auto& q) { q.ref = "v2' OR '1'='1"; }) == none);
    CHECK(found([&](auto& q) {
              q.environment = "staging";
              q.service = "b";
              q.trigger = "github";
              q.triggered_by = "octocat";
              q.ref = "refs/heads/main";
              q.revision = "sha-refs/heads/main";
              q.state = DeploymentState::success;
              q.until = middle;
              q.since = middle - Duration(10'000);
          }) == older);
}

TEST_CASE("pages hold together while rows arrive, and are never longer than the limit",
          "[queries]") {
    Limits limits;
    limits.page = 7;
    Place history(limits);
    int next = 0;
    const auto admit = [&](int count) {
        for (int i = 0; i < count; ++i)
            history->admit(request("v" + std::to_string(++next)), planOf({"a"}));
    };
    admit(30);
    std::vector<DeploymentId> seen;
    DeploymentQuery query;
    query.environment = "staging";
    for (auto page = history->deployments(query); !page.empty();
         page = history->deployments(query)) {
        CHECK(page.size() <= 7);
        for (const auto id : idsOf(page)) seen.push_back(id);
        query.before = page.back().id;
        admit(3);
    }
    std::vector<DeploymentId> expected;
    for (DeploymentId id = 30; id > 0; --id) expected.push_back(id);
    CHECK(seen == expected);
    query = {};
    query.limit = 2;
    CHECK(history->deployments(query).size() == 2);
}

TEST_CASE("a question that takes longer than its deadline is interrupted", "[queries]") {
    Place history;
    history->admit(request("v1"), planOf({"a"}));
    const Duration deadline = GENERATE(Duration(5'000), Duration(50));
    Readers readers(history.folder.database().string(), deadline);
    static constexpr std::string_view kCount =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) "
        "SELECT COUNT(*) FROM n";
    {
        auto reader = readers.lend();
        if (deadline > Duration(1'000)) {
            CHECK(std::get<0>(reader->askOne<std::int64_t>(kCount, 10).value()) == 10);
        } else {
            CHECK_THROWS_AS(reader->askOne<std::int64_t>(kCount, 4'000'000'000), Unavailable);
        }
    }
    CHECK(std::get<0>(readers.lend()->askOne<std::int64_t>(kCount, 10).value()) == 10);
    CHECK_THROWS_AS(readers.lend()->runOnce("DELETE FROM events"), Unavailable);
}

TEST_CASE("when every reader is lent, the next question waits at most for its deadline",
          "[queries]") {
    Place history;
    Readers readers(history.folder.database().string(), Duration(20));
    auto one = readers.lend(), two = readers.lend(), three = readers.lend();
    {
        auto four = readers.lend();
        CHECK_THROWS_AS(readers.lend(), Unavailable);
    }
    CHECK_NOTHROW(readers.lend());
}
