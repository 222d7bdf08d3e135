// The workflows of packaging/github: their own shell, against the real daemon and real git, with a
// stand-in for gh.
#include <yaml-cpp/yaml.h>

#include <catch2/catch.hpp>

#include "end_to_end/world.hpp"

using namespace iac::tests;
using Catch::Contains;

namespace {

const std::filesystem::path kGithub = std::filesystem::path(IAC_SOURCE_DIR) / "packaging/github";

CommandEnd start(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                 const std::filesystem::path& folder) {
    CommandEnd end;
    iac::RunLimits limits;
    limits.timeout = iac::Duration(120'000);
    limits.output = [&](int stream, std::string_view bytes) {
        (stream == 1 ? end.out : end.err) += bytes;
    };
    end.exit_code = iac::run({argv, environment, folder.string()}, {}, limits).exit.code;
    return end;
}

bool isThere(const std::string& program) {
    const bool found =
        start({"sh", "-c", "command -v " + program}, {"PATH=/usr/local/bin:/usr/bin:/bin"}, "/")
            .exit_code == 0;
    if (!found) WARN("skipped: " << program << " is not installed");
    return found;
}

std::vector<YAML::Node> stepsOf(const YAML::Node& workflow) {
    std::vector<YAML::Node> steps;
    for (const auto& job : workflow["jobs"])
        for (const auto& step : job.second["steps"]) steps.push_back(step);
    return steps;
}

// It knows a release when it made it.
constexpr const char* kGh = R"(#!/bin/sh
echo "$*" >>"$GH_RECORD"
[ "$2" = create ] && touch "$GH_RECORD.$3"
[ -e "$GH_RECORD.$3" ]
)";

/// A clone in which the jobs of the workflows run, and the daemon that they ask.
struct ActionsWorld {
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    Daemon daemon{folder.path(), configuration(infrastructure.folder())};
    std::vector<std::string> environment{
        "PATH=" + (folder / "bin").string() + ":/usr/local/bin:/usr/bin:/bin",
        "HOME=" + folder.path().string(),
        "LANG=C.UTF-8",
        "GIT_CONFIG_NOSYSTEM=1",
        "IAC_URL=http://127.0.0.1:" + std::to_string(daemon.port()),
        "IAC_SECRET=" + std::string(kSecret),
        "IAC_PAUSE=0.2",
        "GITHUB_ACTOR=octo",
        "GH_RECORD=" + (folder / "gh").string()};

    ActionsWorld() {
        iac::fixtures::writeFile(folder / "bin/gh", kGh);
        std::filesystem::permissions(folder / "bin/gh", std::filesystem::perms::owner_all);
    }
    /// The shell of a workflow in a fresh checkout, with the inputs as its variables.
    CommandEnd job(const std::string& workflow, const std::vector<std::string>& inputs = {}) {
        const auto checkout = folder / "checkout";
        std::filesystem::remove_all(checkout);
        infrastructure.git({"clone", "--quiet", ".", checkout.string()});
        std::filesystem::create_directory(checkout / ".github");
        std::filesystem::copy(kGithub / "scripts", checkout / ".github/iac-runner",
                              std::filesystem::copy_options::recursive);
        auto all = environment;
        all.insert(all.end(), inputs.begin(), inputs.end());
        std::string shell;
        for (const auto& step :
             stepsOf(YAML::LoadFile((kGithub / "workflows" / workflow).string())))
            if (step["run"]) shell += step["run"].as<std::string>();
        return start({"bash", "-e", "-c", shell}, all, checkout);
    }
    std::string at(std::int64_t id, const std::string& member) const {
        return daemon.get("/deployments/" + std::to_string(id)).at(member);
    }
};

}  // namespace

TEST_CASE("the workflows are what GitHub can read, and no input becomes shell", "[github]") {
    std::size_t found = 0;
    for (const auto& file : std::filesystem::directory_iterator(kGithub / "workflows")) {
        INFO(file.path());
        ++found;
        const auto workflow = YAML::LoadFile(file.path().string());
        for (const char* key : {"name", "on", "permissions", "jobs"}) CHECK(workflow[key]);
        for (const auto& job : workflow["jobs"])
            for (const char* key : {"runs-on", "timeout-minutes", "steps"}) CHECK(job.second[key]);
        for (const auto& step : stepsOf(workflow)) {
            CHECK(step["run"].IsDefined() != step["uses"].IsDefined());
            if (!step["run"]) continue;
            const auto shell = step["run"].as<std::string>();
            CHECK_THAT(shell, !Contains("${{"));
            CHECK(start({"bash", "-n", "-c", shell}, {"PATH=/usr/bin:/bin"}, "/").err.empty());
        }
    }
    CHECK(found == 3);
    if (!isThere("actionlint")) return;
    const auto judged = start({"actionlint", "staging.yml", "production.yml", "rollback.yml"},
                              {"PATH=/usr/local/bin:/usr/bin:/bin"}, kGithub / "workflows");
    INFO(judged.out);
    CHECK(judged.exit_code == 0);
}

TEST_CASE("the scripts of the workflows are as shellcheck wants them", "[github]") {
    if (!isThere("shellcheck")) return;
    for (const auto& file : std::filesystem::directory_iterator(kGithub / "scripts")) {
        const auto judged = start({"shellcheck", file.path().string()},
                                  {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"}, "/");
        INFO(judged.out);
        CHECK(judged.exit_code == 0);
    }
}

TEST_CASE("a push is tagged and deployed to staging, promoted, released and rolled back",
          "[github]") {
    if (!isThere("jq") || !isThere("curl") || !isThere("python3")) return;
    ActionsWorld world;
    const auto staging = world.job("staging.yml");
    INFO(staging.out << staging.err << world.daemon.log());
    REQUIRE(staging.exit_code == 0);
    CHECK_THAT(staging.out, Contains("deployment 1: success") && Contains("platform/redis"));
    CHECK(world.at(1, "tag") == "v0.0.1");
    CHECK(world.at(1, "environment") == "staging");
    CHECK(world.at(1, "triggered_by") == "octo");
    CHECK(world.infrastructure.git({"tag"}) == "v0.0.1");

    world.infrastructure.write("platform/02.redis/compose.yaml", "7.4\n");
    world.infrastructure.commit("redis: 7.4");
    REQUIRE(world.job("staging.yml").exit_code == 0);
    CHECK(world.at(2, "tag") == "v0.0.2");
    // The same job again: the same tag.
    REQUIRE(world.job("staging.yml").exit_code == 0);
    CHECK(world.infrastructure.git({"tag"}) == "v0.0.1\nv0.0.2");

    const auto production = world.job("production.yml", {"VERSION=v0.0.1"});
    INFO(production.out << production.err);
    REQUIRE(production.exit_code == 0);
    CHECK_THAT(production.out, Contains("v0.0.1 is released as v0.1.0"));
    CHECK(world.at(4, "environment") == "production");
    CHECK(world.at(4, "tag") == "v0.1.0");
    CHECK(world.infrastructure.git({"rev-parse", "v0.1.0"}) ==
          world.infrastructure.git({"rev-parse", "v0.0.1"}));
    CHECK_THAT(iac::fixtures::readFile(world.folder / "gh"),
               Contains("release create v0.1.0 --verify-tag"));
    for (const char* bad : {"VERSION=main", "VERSION=v9.9.9", "VERSION=v0.0.1;id"}) {
        const auto refused = world.job("production.yml", {bad});
        CHECK(refused.exit_code == 2);
        CHECK_THAT(refused.err, Contains("is not a version that was tagged"));
    }

    const auto back = world.job(
        "rollback.yml", {"ENVIRONMENT=staging", "REASON=it's \"slow\"; $(id)", "REF=v0.0.1"});
    INFO(back.out << back.err);
    REQUIRE(back.exit_code == 0);
    CHECK(world.at(5, "status") == "success");
    CHECK(world.at(5, "revision") == world.infrastructure.git({"rev-parse", "v0.0.1"}));
    CHECK_THAT(world.daemon.get("/holds").body, Contains(R"(it's \"slow\"; $(id))"));
}

TEST_CASE("a deployment that fails or is refused fails the job, with a token, too", "[github]") {
    if (!isThere("jq") || !isThere("curl") || !isThere("python3")) return;
    ActionsWorld world;
    world.infrastructure.write("platform/02.redis/deploy.py", "import nowhere\n");
    world.infrastructure.commit("Break redis");
    const Reply made =
        world.daemon.signedPost("/tokens", R"({"name":"ci","role":"deploy","by":"ada"})");
    REQUIRE(made.status == 201);
    const auto failed = world.job("staging.yml", {"IAC_TOKEN=" + made.at("token")});
    INFO(failed.out << failed.err);
    CHECK(failed.exit_code == 1);
    CHECK_THAT(failed.out, Contains("deployment 1: failed") && Contains("nowhere"));
    CHECK(world.at(1, "triggered_by") == "ci");

    const auto refused = world.job("staging.yml", {"IAC_TOKEN=iac_wrong"});
    CHECK(refused.exit_code != 0);
    CHECK_THAT(refused.out + refused.err, Contains("401") && !Contains("iac_wrong"));
}
