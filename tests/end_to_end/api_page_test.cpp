// The page of the API, with the commands that it shows.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "end_to_end/world.hpp"

using namespace iac::tests;

namespace {

/// Its blocks of shell, one after the other.
std::string commandsOf(const std::filesystem::path& page) {
    std::ifstream in(page);
    std::string commands, line;
    for (bool inside = false; std::getline(in, line);) {
        if (line.starts_with("```")) {
            inside = line == "```sh";
        } else if (inside) {
            commands += line + "\n";
        }
    }
    return commands;
}

}  // namespace

TEST_CASE("every command of the page of the API does what it says", "[api]") {
    const TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    Daemon daemon(folder.path(), configuration(infrastructure.folder()));
    REQUIRE(daemon.signedPost("/sync", R"({"all":true})").at("status") == "success");
    const Reply token = daemon.signedPost("/tokens", R"({"name":"page","role":"admin"})");
    REQUIRE(token.status == 201);
    const auto script = folder / "page.sh";
    std::ofstream(script) << "set -euo pipefail\n"
                          << commandsOf(IAC_SOURCE_DIR "/core/http/README.md");
    std::string out;
    iac::RunLimits limits;
    limits.timeout = iac::Duration{120'000};
    limits.output = [&](int, std::string_view bytes) { out += bytes; };
    const auto end = iac::run(
        {{"bash", "-x", script.string()},
         {"PATH=/usr/bin:/bin", "IAC_URL=http://127.0.0.1:" + std::to_string(daemon.port()),
          "IAC_TOKEN=" + token.at("token"), "WEBHOOK_SECRET=" + std::string(kSecret)},
         folder.path()},
        {}, limits);
    INFO(out);
    CHECK(end.exit.code == 0);
    for (const char* said :
         {"\"healthy\"", "\"status\":\"success\"", "event: end", "iac_runner_deployments",
          "\"status\":\"released\"", "\"status\":\"revoked\""})
        CHECK_THAT(out, Catch::Contains(said));
}
