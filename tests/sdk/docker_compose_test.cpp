// The example executor, as the file it is built to, with a stand-in `docker` on PATH.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "fixtures/folder.hpp"
#include "plugin/host.hpp"
#include "plugin/value.hpp"

using namespace iac;
using plugin::HostedResult;

namespace {

const plugin::Registry& registry() {
    static const plugin::Registry loaded = [] {
        ::setenv("IAC_LIBRARY_FOLDER", IAC_BUILD_DIR "/lib/iac-runner", 0);
        // A folder of its own: the build tree's may be writable for others.
        static const fixtures::Folder folder;
        const auto file = folder / "docker_compose.so";
        std::filesystem::copy_file(IAC_BUILD_DIR "/tests/sdk/plugins/docker_compose.so", file);
        using std::filesystem::perms;
        std::filesystem::permissions(file, perms::group_write | perms::others_write,
                                     std::filesystem::perm_options::remove);
        return plugin::Registry({folder.path()});
    }();
    return loaded;
}

/// One step, and the calls of `docker` that it made.
struct Compose {
    fixtures::Folder folder;
    std::string config = R"("host":"","program":"docker","wait_seconds":120)";
    std::string with = R"("file":"web/compose.yaml","project":"","host":"")";
    std::string service = "web";
    bool dry_run = false;
    HostedResult result;
    std::string printed;

    /// answer: what the stand-in does after it has noted how it was called.
    explicit Compose(const std::string& answer) {
        fixtures::writeFile(folder / "tree/web/compose.yaml", "services: {}\n");
        const auto docker = folder / "bin/docker";
        understands("{}");
        const std::string known = (folder / "config.json").string();
        fixtures::writeFile(
            docker, "#!/bin/sh\necho \"[$DOCKER_HOST] $PWD $*\" >> " + (folder / "calls").string() +
                        "\ncase \"$*\" in *\" config \"*) test ! -f " + known + " || { cat " +
                        known + "; exit; };; esac\n" + answer + "\n");
        std::filesystem::permissions(docker, std::filesystem::perms::owner_all);
    }
    /// What `config --format json` prints; TREE: the work tree.
    void understands(std::string json) {
        const std::string tree = (folder / "tree").string();
        for (auto at = json.find("TREE"); at != json.npos; at = json.find("TREE"))
            json.replace(at, 4, tree);
        fixtures::writeFile(folder / "config.json", json);
    }
    /// That it fails as everything else does.
    void understandsNothing() { std::filesystem::remove(folder / "config.json"); }
    void run() {
        plugin::HostedCall call;
        call.plugin = &registry().find("executor", "example.docker-compose");
        call.config = "{" + config + "}";
        call.input =
            R"({"deployment":7,"service":"platform/web","name":")" + service +
            R"(","environment":"staging",)"
            R"("revision":"0123456789012345678901234567890123456789","attempt":1,"directory":")" +
            (folder / "tree").string() + R"(","dry_run":)" + (dry_run ? "true" : "false") +
            R"(,"with":{)" + with + "}}";
        call.environment = {"PATH=" + (folder / "bin").string() + ":/usr/bin:/bin"};
        call.directory = folder / "tree";
        plugin::HostedEvents events;
        events.output = [this](int, std::string_view bytes) { printed += bytes; };
        result = plugin::callInHost(call, events);
    }
    std::string calls() const {
        std::string text = fixtures::readFile(folder / "calls");
        const std::string tree = (folder / "tree").string();
        for (auto at = text.find(tree); at != text.npos; at = text.find(tree))
            text.replace(at, tree.size(), "TREE");
        return text;
    }
    std::string emitted(const std::string& name) const {
        for (const auto& json : result.emitted) {
            std::string reason;
            const auto document = plugin::Document::parse(json, reason);
            REQUIRE(document);
            if (const auto* found = plugin::find(document->root(), "/" + name))
                return std::string(plugin::stringOf(*found));
        }
        return {};
    }
};

}  // namespace

TEST_CASE("docker compose is told to bring the service up and to wait", "[docker_compose]") {
    Compose compose(R"(echo " Container web-1  Started" >&2)");
    compose.run();
    INFO(compose.result.message);
    CHECK(compose.result.status == 0);
    CHECK(compose.calls() ==
          "[] TREE compose -p web -f web/compose.yaml config --format json\n"
          "[] TREE compose -p web -f web/compose.yaml up -d --wait --wait-timeout 120 "
          "--remove-orphans\n");
    CHECK(compose.emitted("outcome") == "changed");
}

TEST_CASE("containers that run already are no change", "[docker_compose]") {
    Compose compose(
        R"(echo " Container web-1  Running" >&2; echo " Container web-1  Healthy" >&2)");
    compose.run();
    CHECK(compose.emitted("outcome") == "unchanged");
}

TEST_CASE("another host is reached over SSH, the service's before the executor's",
          "[docker_compose]") {
    Compose compose(":");
    compose.config = R"("host":"ssh://deploy@web1","program":"docker","wait_seconds":5)";
    compose.run();
    CHECK_THAT(compose.calls(), Catch::StartsWith("[ssh://deploy@web1] TREE compose -p web"));
    compose.with = R"("file":"web/compose.yaml","project":"edge","host":"ssh://deploy@web2")";
    compose.run();
    CHECK_THAT(compose.calls(), Catch::Contains("[ssh://deploy@web2] TREE compose -p edge"));
}

TEST_CASE("a dry run only asks whether the file is right", "[docker_compose]") {
    Compose compose(":");
    compose.dry_run = true;
    compose.run();
    CHECK(compose.calls() == "[] TREE compose -p web -f web/compose.yaml config --format json\n");
    CHECK(compose.emitted("outcome") == "unknown");
}

TEST_CASE("what compose refuses fails the step with its last line", "[docker_compose]") {
    Compose compose("echo 'Container web-1 is unhealthy' >&2; echo >&2; exit 1");
    compose.run();
    CHECK(compose.result.status == 1);
    CHECK(compose.result.message ==
          "docker compose for web ended with exit code 1: Container web-1 is unhealthy");
    CHECK(compose.emitted("error_kind") == "compose_failed");
}

TEST_CASE("a Docker that cannot be reached is tried again", "[docker_compose]") {
    Compose compose("echo 'Cannot connect to the Docker daemon at ssh://web1.' >&2; exit 1");
    compose.run();
    CHECK(compose.result.status == 2);
    CHECK(compose.emitted("error_kind") == "docker_unreachable");
}

TEST_CASE("a file that is missing or outside the work tree starts nothing", "[docker_compose]") {
    Compose compose(":");
    const auto [file, status, sentence] = GENERATE(table<const char*, int, const char*>(
        {{"web/other.yaml", 1, "No file \"web/other.yaml\" at 0123"},
         {"../compose.yaml", 4, "is not inside the work tree"},
         {"/etc/passwd", 4, "is not inside the work tree"},
         {"-f", 4, "is not inside the work tree"}}));
    compose.with = std::string(R"("file":")") + file + R"(","project":"","host":"")";
    compose.run();
    CHECK(compose.result.status == status);
    CHECK_THAT(compose.result.message, Catch::Contains(sentence));
    CHECK(compose.calls().empty());
}

TEST_CASE("a host of another scheme is refused, and a missing client is named",
          "[docker_compose]") {
    Compose compose(":");
    compose.config = R"("host":"web1","program":"docker","wait_seconds":5)";
    compose.run();
    CHECK(compose.result.end == HostedResult::End::refused);
    CHECK_THAT(compose.result.message, Catch::Contains("has to begin with ssh://"));

    compose.config = R"("host":"","program":"no-such-docker","wait_seconds":5)";
    compose.run();
    CHECK(compose.result.status == 1);
    CHECK_THAT(compose.result.message, Catch::StartsWith("no-such-docker could not be run"));
    CHECK(compose.emitted("error_kind") == "program_missing");
}

TEST_CASE("what would be mounted from the work tree starts nothing", "[docker_compose]") {
    Compose compose(":");
    const auto [config, what] = GENERATE(table<const char*, const char*>(
        {{R"({"services":{"web":{"volumes":[{"type":"bind","source":"TREE/web/html"}]}}})",
          "html (service web)"},
         {R"({"services":{"a":{},"b":{"volumes":[{"type":"volume","source":"data"},
              {"type":"bind","source":"TREE"}]}}})",
          "(service b)"},
         {R"({"services":{"a":{"volumes":[{"type":"bind","source":"TREE/web/../web/x"}]}}})",
          "(service a)"},
         {R"({"configs":{"nginx":{"file":"TREE/web/nginx.conf"}}})", "(configs: nginx)"},
         {R"({"secrets":{"token":{"file":"TREE/web/token"}}})", "(secrets: token)"}}));
    compose.dry_run = GENERATE(false, true);
    compose.understands(config);
    compose.run();
    CHECK(compose.result.status == 1);
    CHECK_THAT(compose.result.message,
               Catch::StartsWith("the Compose file mounts /") && Catch::Contains(what) &&
                   Catch::Contains("which is removed when the step has ended"));
    CHECK(compose.emitted("error_kind") == "mounts_work_tree");
    CHECK_THAT(compose.calls(), !Catch::Contains(" up "));
}

TEST_CASE("absolute paths and volumes are mounted", "[docker_compose]") {
    Compose compose(":");
    compose.understands(
        R"({"services":{"web":{"volumes":[{"type":"bind","source":"/srv/html"},
            {"type":"bind","source":"TREE-beside"},{"type":"volume","source":"data"},
            {"type":"tmpfs"}]}},"configs":{"a":{"content":"x"}},"secrets":{"b":{"external":true}}})");
    compose.run();
    INFO(compose.result.message);
    CHECK(compose.result.status == 0);
    CHECK_THAT(compose.calls(), Catch::Contains(" up "));
}

TEST_CASE("a container that ends by itself is named, and need not be waited for",
          "[docker_compose]") {
    Compose compose("echo 'container web-migrate-1 exited (0)' >&2; exit 1");
    compose.run();
    CHECK(compose.result.status == 1);
    CHECK(compose.emitted("error_kind") == "one_shot");
    Compose patient(":");
    patient.with += R"(,"wait":false)";
    patient.run();
    CHECK(patient.result.status == 0);
    CHECK_THAT(patient.calls(), Catch::EndsWith("web/compose.yaml up -d --remove-orphans\n"));
}

TEST_CASE("a Docker client without Compose is named as what it is", "[docker_compose]") {
    const auto* said =
        GENERATE("docker: 'compose' is not a docker command.", "unknown shorthand flag: 'p' in -p");
    Compose compose(std::string("echo \"") + said +
                    "\" >&2; echo 'See docker --help' >&2; exit 125");
    compose.understandsNothing();
    compose.run();
    CHECK(compose.result.status == 1);
    CHECK(compose.emitted("error_kind") == "program_missing");
    CHECK_THAT(compose.emitted("next_action"), Catch::Contains("docker-compose-plugin"));
}

TEST_CASE("a project that Compose would not take starts nothing", "[docker_compose]") {
    Compose compose(":");
    SECTION("by the name of the service") {
        compose.service = GENERATE("Web", "web.api", "-web", "web+1");
    }
    SECTION("by the setting") {
        compose.with = R"("file":"web/compose.yaml","project":"Edge Proxy")";
    }
    compose.run();
    CHECK(compose.result.status == 4);
    CHECK_THAT(compose.result.message, Catch::Contains("cannot be a Compose project"));
    CHECK(compose.emitted("error_kind") == "invalid_project");
    CHECK(compose.calls().empty());
}

TEST_CASE("what Compose makes of a file is in no log", "[docker_compose]") {
    Compose compose(":");
    compose.understands(R"({"services":{"web":{"environment":{"TOKEN":"hunter22"}}}})");
    compose.run();
    CHECK(compose.result.status == 0);
    CHECK_THAT(compose.printed, !Catch::Contains("hunter22"));
    for (const auto& json : compose.result.emitted) CHECK_THAT(json, !Catch::Contains("hunter22"));
}
