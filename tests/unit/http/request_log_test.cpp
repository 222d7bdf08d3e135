// What the log says of webhooks and of wrong signatures.
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "fixtures/standard_error.hpp"
#include "http/request_log.hpp"
#include "world.hpp"

namespace iac::http {
namespace {

using Catch::Matchers::Contains;
using namespace std::chrono_literals;

const std::string kDeploy = R"({"env":"staging","ref":"main"})";

/// The lines that contain the text.
std::vector<std::string> linesOf(const std::string& printed, const std::string& text) {
    std::istringstream in(printed);
    std::vector<std::string> found;
    for (std::string line; std::getline(in, line);)
        if (line.find(text) != std::string::npos) found.push_back(line);
    return found;
}

}  // namespace

TEST_CASE("a webhook that is received leaves one line with what became of it, and is counted") {
    World world;
    const auto printed = fixtures::standardError([&] {
        CHECK(world.post("/deploy", kDeploy).status == 202);
        CHECK(world.post("/deploy", R"({"env":"moon","ref":"main"})").status == 422);
        CHECK(world.post("/deploy", "{").status == 400);
    });
    const auto lines = linesOf(printed, "webhook received");
    REQUIRE(lines.size() == 3);
    CHECK_THAT(lines[0], Contains("http: webhook received: trigger=\"manual\"") &&
                             Contains("event=\"request\"") &&
                             Contains("verdict=\"accepted\" deployment=1") &&
                             Contains("address=\"127.0.0.1\""));
    CHECK_THAT(lines[1], Contains("verdict=\"rejected\"") &&
                             Contains("there is no environment \\\"moon\\\""));
    CHECK_THAT(lines[2], Contains("verdict=\"rejected\" reason="));
    const auto metrics = world.get("/metrics").body;
    CHECK_THAT(metrics,
               Contains(R"(iac_runner_webhooks_total{trigger="manual",verdict="accepted"} 1)") &&
                   Contains(R"(iac_runner_webhooks_total{trigger="manual",verdict="rejected"} 2)"));
}

TEST_CASE("a wrong signature or token leaves one line with who sent it, and is counted") {
    World world;
    const auto token = world.makeToken("reader", "read");
    const auto printed = fixtures::standardError([&] {
        auto extra = signedPlain(kDeploy, "another secret");
        extra.emplace_back("X-GitHub-Delivery", "d-2 \"quoted\"");
        CHECK(world.post("/deploy", kDeploy, extra).status == 401);
        CHECK(world.sendWith("iac_wrong", "GET", "/deployments").status == 401);
        const auto nonce = freshNonce();
        const auto once = signedStamped("GET /deployments.", kSecret, nonce);
        CHECK(world.ask("GET", "/deployments", "", once).status == 200);
        CHECK(world.ask("GET", "/deployments", "", once).status == 401);
        CHECK(world
                  .ask("GET", "/deployments", "",
                       signedStamped("GET /deployments.", kSecret, freshNonce(), -3600))
                  .status == 401);
        // Neither who shows nothing, nor who may not do what is asked for, was wrong about a
        // secret.
        CHECK(world.ask("GET", "/deployments", "", {}).status == 401);
        CHECK(world.sendWith(token, "GET", "/tokens").status == 403);
    });
    const auto lines = linesOf(printed, "signature rejected");
    REQUIRE(lines.size() == 4);
    CHECK_THAT(lines[0], Contains("warning http: signature rejected: address=\"127.0.0.1\"") &&
                             Contains("path=\"/deploy\"") &&
                             Contains(R"(delivery="d-2 \"quoted\"")") && Contains("reason="));
    CHECK_THAT(lines[1], Contains("path=\"/deployments\"") && Contains("token is not known"));
    CHECK_THAT(lines[2], Contains("nonce"));
    CHECK_THAT(lines[3], Contains("X-IAC-Timestamp"));
    for (const auto& line : lines) {
        CHECK_THAT(line, !Contains("iac_wrong"));
        CHECK_THAT(line, !Contains("sha256="));
    }
    const auto metrics = world.get("/metrics").body;
    CHECK_THAT(metrics, Contains(R"(iac_runner_signatures_rejected_total{trigger="manual"} 1)") &&
                            Contains(R"(iac_runner_signatures_rejected_total{trigger="api"} 3)"));
}

TEST_CASE("lines that come too fast are left out and counted") {
    LineLimit limit;
    const auto now = Steady::now();
    const auto most = static_cast<int>(LineLimit::kAtOnce);
    for (int i = 0; i < most; ++i) CHECK(limit.take(now) == 0);
    for (int i = 0; i < 7; ++i) CHECK(limit.take(now) == -1);
    CHECK(limit.take(now + 1s) == 7);
    CHECK(limit.take(now + 1s) == 0);
    CHECK(limit.take(now + 1s) == -1);
    // A long pause saves up no more than what may come at once.
    for (int i = 0; i < most; ++i) CHECK(limit.take(now + 1h) >= 0);
    CHECK(limit.take(now + 1h) == -1);

    World world;
    const auto printed = fixtures::standardError([&] {
        for (int i = 0; i < most + 10; ++i)
            world.post("/deploy", kDeploy, signedPlain(kDeploy, "another secret"));
    });
    CHECK(linesOf(printed, "signature rejected").size() < static_cast<std::size_t>(most + 10));
    CHECK_THAT(world.get("/metrics").body,
               Contains(R"(iac_runner_signatures_rejected_total{trigger="manual"} )" +
                        std::to_string(most + 10)));
}

}  // namespace iac::http
