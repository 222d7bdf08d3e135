#include <catch2/catch.hpp>
#include <sstream>

#include "world.hpp"

namespace iac::http {
namespace {

/// The value of a series; -1 when it is not there.
double valueOf(const std::string& text, const std::string& series) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
    return -1;
}

}  // namespace

TEST_CASE("the metrics say what waits, what runs, and what was answered") {
    World world({}, {{"database", [] { return true; }}, {"plugins", [] { return false; }}});
    for (const std::string ref : {"v1", "v2", "v3"})
        world.post("/deploy", R"({"env":"staging","ref":")" + ref + "\"}");
    world.begin(1, {"platform/postgres"});
    world.send("POST", "/holds", R"({"env":"production","reason":"a test"})");
    world.get("/deployments/77");
    world.get("/nothing-" + std::string(100, 'x'));
    const auto answer = world.get("/metrics");
    CHECK(answer.status == 200);
    CHECK(answer.headers.at("content-type").starts_with("text/plain; version=0.0.4"));
    const std::string& text = answer.body;
    INFO(text);
    CHECK(valueOf(text, R"(iac_runner_deployments{state="queued"})") == 2);
    CHECK(valueOf(text, R"(iac_runner_deployments{state="running"})") == 1);
    CHECK(valueOf(text, "iac_runner_holds") == 1);
    CHECK(valueOf(text, R"(iac_runner_health{check="database"})") == 1);
    CHECK(valueOf(text, R"(iac_runner_health{check="plugins"})") == 0);
    CHECK(valueOf(text, "iac_runner_history_commits_total") > 0);
    CHECK(valueOf(text, "iac_runner_connections") >= 1);
    CHECK(valueOf(text, "process_open_fds") > 3);
    CHECK(valueOf(text, "process_resident_memory_bytes") > 1e6);
    CHECK(valueOf(text, "process_start_time_seconds") > 1.6e9);
    CHECK(valueOf(text, "process_cpu_seconds_total") > 0);
    CHECK(text.find("iac_runner_build_info{version=\"") != std::string::npos);
    const std::string requests = "iac_runner_http_requests_total";
    CHECK(text.find(requests + "{") != std::string::npos);
    for (const std::string label : {"method=\"POST\"", "route=\"/deploy\"", "status=\"202\"",
                                    "route=\"/deployments/{id}\"", "status=\"404\""})
        CHECK(text.find(label) != std::string::npos);
    // Nobody can make the list grow with paths of his own.
    CHECK(text.find("nothing-") == std::string::npos);
    CHECK(text.find("route=\"other\"") != std::string::npos);
}

TEST_CASE("the metrics say how long steps and deployments took since the start") {
    World world;
    deploy(world, "v1");
    const auto steps = world.begin(1, {"platform/postgres", "platform/redis"});
    world.endStep(steps[0], StepState::changed);
    world.endStep(steps[1], StepState::failed);
    world.end(1, DeploymentState::failed);
    for (int looked = 0; looked < 2; ++looked) {
        const auto text = world.get("/metrics").body;
        INFO(text);
        const std::string step = "iac_runner_step_seconds",
                          invoke = R"({executor="invoke",status=")";
        CHECK(valueOf(text, step + "_count" + invoke + "changed\"}") == 1);
        CHECK(valueOf(text, step + "_count" + invoke + "failed\"}") == 1);
        CHECK(valueOf(text, step + "_bucket" + invoke + "failed\",le=\"3600\"}") == 1);
        CHECK(valueOf(text, step + "_sum" + invoke + "failed\"}") >= 0);
        const std::string failed = R"({environment="staging",status="failed"})";
        CHECK(valueOf(text, "iac_runner_deployment_seconds_count" + failed) == 1);
    }
}

TEST_CASE("the metrics take a token, unless the configuration opens them") {
    World closed;
    CHECK(closed.ask("GET", "/metrics", "", {}).status == 401);
    CHECK(closed.sendWith(closed.makeToken("prometheus", "read"), "GET", "/metrics").status == 200);
    World open([](config::Settings& settings) { settings.server.anonymous_metrics = true; });
    CHECK(open.ask("GET", "/metrics", "", {}).status == 200);
    CHECK(open.ask("GET", "/deployments", "", {}).status == 401);
}

}  // namespace iac::http
