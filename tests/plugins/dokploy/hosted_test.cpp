// iac.dokploy as it ships, in its child process, over HTTP.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "dokploy/environment.hpp"
#include "served.hpp"

using namespace iac;
using Catch::Contains;
using test::Served;

namespace {

std::string said(const test::Hosted& hosted) {
    INFO(hosted.result.message << "\n" << hosted.output);
    REQUIRE(hosted.result.status == IAC_OK);
    return hosted.result.emitted.back();
}

std::size_t asked(const Served& served, const std::string& procedure) {
    std::size_t count = 0;
    for (const auto& request : served.requests())
        if (request.path.find("/api/" + procedure) == 0) ++count;
    return count;
}

}  // namespace

TEST_CASE("dokploy: the first deployment writes file and environment, deploys, and follows it") {
    Served served;
    const auto id = served.add();
    served.with([&](auto& its) { its.service(id).environment = "# mine\nFOREIGN=\"1\""; });
    const auto hosted = served.run(R"({"file": "compose.yaml", "variables": {"PORT": 5432}})");
    CHECK_THAT(said(hosted), Contains(R"("outcome":"changed")") && Contains("deployed") &&
                                 Contains("whether it works was not verified") &&
                                 Contains("Autodeploy is on") && Contains(R"("config_hash":")"));
    CHECK_THAT(hosted.output, Contains("2 variables added; compose file changed") &&
                                  Contains("+ PORT") && Contains("runs in Dokploy: deployment") &&
                                  Contains("Docker Compose Deployed") && !Contains("s3cret"));
    served.with([&](auto& its) {
        const auto& service = its.service(id);
        CHECK(service.compose_file == Served::kCompose);
        CHECK(service.source == "raw");
        REQUIRE(its.runs().size() == 1);
        CHECK(its.runs()[0].title == Served::kTitle);
        const auto there = dokploy::variablesOf(its.runs()[0].environment);
        CHECK(there.at("FOREIGN") == "1");
        CHECK(there.at("SECRET") == "s3cret");
        CHECK(there.at("PORT") == "5432");
        CHECK(there.at("IAC_DEPLOY_REF") == Served::kRevision);
        CHECK(there.at("IAC_CONFIG_HASH").size() == 64);
        CHECK_THAT(*service.environment, Catch::StartsWith("# mine\nFOREIGN=\"1\"\n"));
    });
}

TEST_CASE("dokploy: what is in place is unchanged, and force deploys it all the same") {
    Served served;
    served.add();
    said(served.run());
    const auto second = said(served.run(R"({"file": "compose.yaml", "name": "web"})"));
    // The same deployment again is the same step: its own, of an earlier attempt.
    CHECK_THAT(second, Contains(R"("outcome":"changed")"));
    CHECK(served.runs() == 1);
    served.forget();
    CHECK_THAT(said(served.run()),
               Contains(R"("outcome":"unchanged")") && Contains("has this configuration already"));
    served.with([](auto& its) { its.services().begin()->second.status = "idle"; });
    CHECK_THAT(said(served.run()), Contains("Dokploy says that it is stopped"));
    CHECK(served.runs() == 1);
    said(served.run(R"({"file": "compose.yaml", "force": true})"));
    CHECK(served.runs() == 2);
    served.forget();
    served.force = true;
    said(served.run());
    CHECK(served.runs() == 3);
}

TEST_CASE("dokploy: an equal hash is not enough when the last deployment failed or was edited") {
    Served served;
    const auto id = served.add();
    served.course.end = "error";
    test::failure(served.run());
    served.forget();
    served.course.end = "done";
    CHECK_THAT(said(served.run()), Contains(R"("outcome":"changed")"));
    CHECK(served.runs() == 2);
    served.with([&](auto& its) {
        auto& environment = its.service(id).environment;
        environment->replace(environment->find("s3cret"), 6, "edited");
    });
    served.forget();
    const auto hosted = served.run();
    CHECK_THAT(said(hosted), Contains(R"("outcome":"changed")"));
    CHECK_THAT(hosted.logged.at(0),
               Contains("was changed in Dokploy") && Contains("1 variable changed"));
    CHECK(dokploy::variablesOf(served.environmentOf(id)).at("SECRET") == "s3cret");
}

TEST_CASE("dokploy: a variable that is not declared any more is removed, a foreign one never") {
    Served served;
    const auto id = served.add();
    served.with([&](auto& its) { its.service(id).environment = "FOREIGN=1"; });
    said(served.run(R"({"file": "compose.yaml", "variables": {"OLD": "1", "KEPT": true}})"));
    served.forget();
    const auto hosted = served.run(R"({"file": "compose.yaml", "variables": {"KEPT": true}})");
    said(hosted);
    CHECK_THAT(hosted.output, Contains("1 variable removed") && Contains("- OLD"));
    const auto there = dokploy::variablesOf(served.environmentOf(id));
    CHECK(there.count("OLD") == 0);
    CHECK(there.at("KEPT") == "true");
    CHECK(there.at("FOREIGN") == "1");
}

TEST_CASE("dokploy: create makes project, environment and service, once") {
    Served served;
    served.environment_name = "staging";
    const auto hosted = served.run(R"({"file": "compose.yaml", "create": true, "name": "My Web"})");
    CHECK_THAT(said(hosted), Contains("My Web in platform/staging deployed"));
    CHECK_THAT(hosted.output, Contains("No project \"platform\"") &&
                                  Contains("No environment \"staging\"") &&
                                  Contains("No compose service \"My Web\""));
    served.with([](auto& its) {
        CHECK(its.projects().size() == 1);
        CHECK(its.environments().size() == 2);
        REQUIRE(its.services().size() == 1);
        CHECK(its.services().begin()->second.app_name == "my-web-mixd7w");
        CHECK(its.services().begin()->second.source == "raw");
    });
    said(served.run(R"({"file": "compose.yaml", "create": true, "name": "My Web"})"));
    CHECK(served.with([](auto& its) { return its.services().size(); }) == 1);
}

TEST_CASE("dokploy: environments go by Dokploy's names, and production may be its default") {
    Served served;
    served.with([](auto& its) { its.add("platform", "live", "web"); });
    served.more_config = R"(,"environments": {"production": "live"})";
    CHECK_THAT(said(served.run()), Contains("web in platform/live deployed"));

    Served renamed;
    renamed.add();
    renamed.with([](auto& its) { its.renameEnvironment("production", "main"); });
    CHECK_THAT(said(renamed.run()), Contains(R"("outcome":"changed")"));
    renamed.environment_name = "staging";
    CHECK_THAT(test::failure(renamed.run()).message,
               Contains("No environment \"staging\" in project \"platform\"") &&
                   Contains("there is main"));
}

TEST_CASE("dokploy: an application keeps its build arguments, and its empty answers are answers") {
    Served served;
    const auto id = served.add("docker", false);
    served.with([&](auto& its) { its.service(id).build_args = "ARG=1"; });
    CHECK_THAT(said(served.run(R"({"type": "application"})")), Contains(R"("outcome":"changed")"));
    served.with([&](auto& its) {
        CHECK(its.service(id).build_args == "ARG=1");
        CHECK(dokploy::variablesOf(its.runs().at(0).environment).at("SECRET") == "s3cret");
    });
}

TEST_CASE("dokploy: a deployment from git is recognized though its title is overwritten") {
    Served served;
    const auto id = served.add("git");
    served.course.commit = Served::kRevision;
    served.course.seconds = 0;  // it has ended, and lost its title, before anybody looks
    const std::string with = R"({"source": "dokploy", "file": "compose.yaml"})";
    CHECK_THAT(said(served.run(with)), Contains(R"("outcome":"changed")"));
    served.with([&](auto& its) {
        CHECK(its.service(id).rows.at(0).title == "feat: a commit of somebody");
        CHECK(its.service(id).source == "git");
        CHECK(its.service(id).compose_file.empty());
    });
    served.forget();
    CHECK_THAT(said(served.run(with)), Contains(R"("outcome":"unchanged")"));
}

TEST_CASE("dokploy: a push of code alone deploys what Dokploy builds of it") {
    Served served;
    const bool compose = GENERATE(false, true);
    const std::string type = compose ? R"("source": "dokploy")" : R"("type": "application")";
    served.add("git", compose);
    served.course.seconds = 0;
    served.course.commit = Served::kRevision;
    const auto run = [&](const std::string& more) {
        return said(served.run("{" + type + more + "}"));
    };
    CHECK_THAT(run(""), Contains(R"("outcome":"changed")"));
    served.forget();
    CHECK_THAT(run(""), Contains(R"("outcome":"unchanged")"));
    served.revision = "2f5a3a0c8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b";
    served.dry_run = true;
    CHECK_THAT(run(""), Contains("it is at another revision"));
    served.dry_run = false;
    CHECK_THAT(run(""), Contains(R"("outcome":"changed")"));
    CHECK(served.runs() == 2);
    // Where the service names its files, they decide.
    const std::string files = R"(, "files": ["compose.yaml"])";
    CHECK_THAT(run(files), Contains(R"("outcome":"changed")"));
    served.forget();
    served.revision = "3f5a3a0c8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b";
    CHECK_THAT(run(files), Contains(R"("outcome":"unchanged")"));
    served.write("compose.yaml", "services: {}\n");
    CHECK_THAT(run(files), Contains(R"("outcome":"changed")"));
}

TEST_CASE("dokploy: an image that somebody else built is not deployed again for a push") {
    Served served;
    served.add("docker", false);
    CHECK_THAT(said(served.run(R"({"type": "application"})")), Contains(R"("outcome":"changed")"));
    served.forget();
    served.revision = "2f5a3a0c8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b";
    CHECK_THAT(said(served.run(R"({"type": "application"})")),
               Contains(R"("outcome":"unchanged")"));
}

TEST_CASE("dokploy: a second attempt finds what the first has begun, and deploys nothing") {
    Served served;
    served.add();
    served.course.seconds = 3600;
    served.more_config = R"(,"deadline": 1)";
    CHECK_THAT(test::failure(served.run()).message, Contains("still runs in Dokploy after 1 s"));
    served.attempt = 2;
    served.more_config.clear();
    served.with([](auto& its) { its.finishRunning(); });
    const auto hosted = served.run();
    CHECK_THAT(said(hosted), Contains(R"("outcome":"changed")"));
    CHECK_THAT(hosted.output, Contains("an earlier attempt of this step"));
    CHECK(served.runs() == 1);
    CHECK(asked(served, "compose.deploy") == 1);
}

TEST_CASE("dokploy: a dry run says what would change, shows no value, and changes nothing") {
    Served served;
    const auto id = served.add();
    served.with([&](auto& its) {
        its.service(id).environment = "SECRET=other-s3cret";
        its.service(id).compose_file =
            "services:\n  web:\n    image: nginx:1.26\n    environment: { API_KEY: typed-s3cret "
            "}\n";
    });
    served.dry_run = true;
    const auto hosted = served.run(R"({"file": "compose.yaml", "variables": {"NEW": "fresh"}})");
    CHECK_THAT(said(hosted), Contains(R"("outcome":"changed")") &&
                                 Contains("would deploy web in platform/production: 1 variable "
                                          "added, 1 changed; compose file changed"));
    CHECK(hosted.result.emitted.at(0) ==
          R"({"remote_config_hash":"","remote_revision":"","added":["NEW"],"changed":["SECRET"],)"
          R"("removed":[],"compose_file":true})");
    CHECK_THAT(hosted.output, Contains("+ NEW") && Contains("~ SECRET") &&
                                  Contains("3 -     image: nginx:1.26") &&
                                  Contains("3 +     image: nginx:1.27") && !Contains("s3cret") &&
                                  !Contains("fresh"));
    CHECK(served.runs() == 0);
    for (const auto& request : served.requests()) CHECK(request.method == "GET");

    served.dry_run = false;
    said(served.run());
    served.dry_run = true;
    CHECK_THAT(said(served.run()), Contains(R"("outcome":"unchanged")"));
    CHECK_THAT(said(served.run(R"({"file": "compose.yaml", "name": "none", "create": true})")),
               Contains("would make none in platform/production in Dokploy and deploy it"));
    CHECK(served.runs() == 1);
}

TEST_CASE("dokploy: Autodeploy of a service of ours is switched off where that is wanted") {
    Served served;
    const auto id = served.add();
    served.more_config = R"(,"auto_deploy": "off")";
    const auto hosted = served.run();
    CHECK_THAT(said(hosted), !Contains("Autodeploy"));
    CHECK_THAT(hosted.output, Contains("switched off: Autodeploy"));
    CHECK_FALSE(served.with([&](auto& its) { return its.service(id).auto_deploy; }));
    served.with([&](auto& its) { its.service(id).create_env_file = false; });
    CHECK_THAT(said(served.run()), Contains("Dokploy writes no .env for it"));
}

TEST_CASE("dokploy: done is verified as far as the service asks for it") {
    Served served;
    served.add();
    const std::string health = R"({"file": "compose.yaml", "verify": {"url": ")" + served.url +
                               R"(/api/health", "within": 1}})";
    CHECK_THAT(said(served.run(health)), Contains("/api/health answers with 200"));

    Served sick;
    sick.add();
    const auto failed = test::failure(sick.run(R"({"file": "compose.yaml", "verify": {"url": ")" +
                                               sick.url + R"(/nothing", "within": 1}})"));
    CHECK_THAT(failed.message, Contains("/nothing did not answer with 200 within 1 s") &&
                                   Contains("it answered with status 404"));
    CHECK_THAT(failed.diagnosis, Contains(R"("error_kind":"unhealthy")"));
}

TEST_CASE("dokploy: containers are verified where Dokploy shows them") {
    const std::string with =
        R"({"file": "compose.yaml", "verify": {"containers": true, "within": 1}})";
    Served served;
    served.add();
    CHECK_THAT(said(served.run(with)), Contains("not verified: Dokploy does not show them"));
    served.with([](auto& its) {
        its.containers = {{"running", "Up 3 seconds (healthy)"},
                          {"exited", "Exited (0) 1 second ago"}};
    });
    CHECK_THAT(said(served.run(with)), Contains("2 containers run"));
    served.with([](auto& its) {
        its.containers.push_back({"restarting", "Restarting (1) 1 s ago"});
    });
    CHECK_THAT(test::failure(served.run(with)).message,
               Contains("web-mixd7w-3 is Restarting (1) 1 s ago"));
}

TEST_CASE("dokploy: the containers of a service on another server are asked for there") {
    const std::string with =
        R"({"file": "compose.yaml", "verify": {"containers": true, "within": 1}})";
    Served served;
    const auto id = served.add();
    const auto asked_with = [&](const std::string& parameter) {
        std::size_t count = 0;
        for (const auto& one : served.requests())
            if (one.path.find("getContainersByAppNameMatch") != std::string::npos &&
                one.path.find(parameter) != std::string::npos)
                ++count;
        return count;
    };
    served.with([](auto& its) { its.containers = {{"running", "Up 3 seconds"}}; });
    CHECK_THAT(said(served.run(with)), Contains("1 containers run"));
    CHECK(asked_with("serverId") == 0);
    served.with([&](auto& its) { its.service(id).server = "server-1"; });
    CHECK_THAT(said(served.run(with)), Contains("1 containers run"));
    CHECK(asked_with("serverId=server-1") == 1);
}

TEST_CASE("dokploy: a cancelled step ends at once, and Dokploy goes on") {
    Cancellation cancel;  // outlives the server, which may be asked once more
    Served served;
    served.add();
    served.course.seconds = 30;
    served.cancel = &cancel;
    served.meanwhile = [&cancel](auto& its, const auto&) {
        if (!its.runs().empty()) cancel.request();
    };
    const auto hosted = served.run();
    CHECK(hosted.result.end == plugin::HostedResult::End::cancelled);
    CHECK_THAT(hosted.result.message, Contains("what Dokploy has begun goes on there"));
    CHECK(served.with([](auto& its) { return its.runs().at(0).status; }) == "running");
    for (const auto& request : served.requests())
        CHECK_THAT(request.path,
                   !Contains("kill") && !Contains("cancel") && !Contains("cleanQueues"));
}

TEST_CASE("dokploy: steps that make the same project at the same time make it once") {
    for (int round = 0; round < 4; ++round) {
        Served served;
        std::vector<std::thread> steps;
        std::atomic<int> good{0};
        for (const char* name : {"web", "api", "db"})
            steps.emplace_back([&, name] {
                const std::string with = R"({"file": "compose.yaml", "create": true, "name": ")" +
                                         std::string(name) + "\"}";
                if (served.run(with).result.status == IAC_OK) ++good;
            });
        for (auto& one : steps) one.join();
        CHECK(good == 3);
        served.with([](auto& its) {
            CHECK(its.projects().size() == 1);
            CHECK(its.environments().size() == 1);
            CHECK(its.services().size() == 3);
            for (const auto& [id, service] : its.services()) CHECK_FALSE(service.auto_deploy);
        });
    }
}

TEST_CASE("dokploy: of several with one name the oldest is used where things are made") {
    Served served;
    served.with([](auto& its) {
        its.addProject("platform");
        its.addProject("platform");
    });
    CHECK(served.run(R"({"file": "compose.yaml", "create": true})").result.status == IAC_OK);
    CHECK(served.run(R"({"file": "compose.yaml", "create": true})").result.status == IAC_OK);
    served.with([](auto& its) {
        CHECK(its.projects().size() == 2);
        CHECK(its.services().size() == 1);
    });
    // Who makes nothing does not guess.
    CHECK_THAT(test::failure(served.run()).diagnosis, Contains("ambiguous_name"));
}
