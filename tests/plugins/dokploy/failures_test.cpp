// What iac.dokploy says when it does not work: each sentence with its next action.
#include <atomic>
#include <catch2/catch.hpp>

#include "dokploy/environment.hpp"
#include "served.hpp"

using namespace iac;
using Catch::Contains;
using test::Served;

namespace {

// The sentence and its kind: "kind: sentence".
std::string why(const test::Hosted& hosted, std::int32_t status = IAC_FAILED) {
    const auto failed = test::failure(hosted, status);
    const std::string mark = R"({"error_kind":")";
    REQUIRE_THAT(failed.diagnosis, Catch::StartsWith(mark) && !Contains(R"("next_action":"")"));
    const auto kind = failed.diagnosis.substr(mark.size());
    return kind.substr(0, kind.find('"')) + ": " + failed.message;
}

}  // namespace

TEST_CASE("dokploy: a wrong URL, a wrong key and a missing project each say what to do") {
    Served served;
    served.add();
    served.key = "wrong";
    CHECK(why(served.run()) == "dokploy_key: " + served.url +
                                   " refuses the API key: it is wrong, expired, revoked, or its "
                                   "rate limit is spent");
    CHECK(served.requests().size() == 1);
    served.key = "the key";
    const auto url = served.url;
    served.url += "/elsewhere";
    CHECK(why(served.run()) ==
          "not_dokploy: " + url +
              " does not answer as Dokploy does: settings.getDokployVersion was "
              "answered with status 404");
    served.url = "http://127.0.0.1:1";
    served.patience = 0;
    CHECK_THAT(why(served.run(), IAC_RETRY),
               Contains("dokploy_unreachable: http://127.0.0.1:1 could not be asked"));
    served.url = url;
    CHECK(why(served.run(R"({"file": "compose.yaml", "project": "none"})")) ==
          "missing_project: No project \"none\" at " + url + "; there is platform");
    CHECK(why(served.run(R"({"file": "compose.yaml", "name": "none"})")) ==
          "missing_service: No compose service \"none\" in platform/production at " + url +
              "; there is web");
    CHECK_THAT(why(served.run(R"({"file": "compose.yaml", "id": "none"})")),
               Contains("missing_service: web (none) is not in"));
}

TEST_CASE("dokploy: pages of other servers are not taken for Dokploy's") {
    Served served;
    served.add();
    served.answerNext({200, "<html>welcome</html>", "text/html"});
    CHECK_THAT(why(served.run()), Contains("not_dokploy") && Contains("is no JSON"));
    served.answerNext({302, "", "text/html", {{"Location", "https://login.example.com/"}}});
    CHECK_THAT(why(served.run()), Contains("not_dokploy") && Contains("status 302"));
    served.answerNext({200, R"({"ok":true})"});
    CHECK_THAT(why(served.run()), Contains("it does not say its version"));
    served.with([](auto& its) { its.version = "v0.24.9"; });
    CHECK_THAT(why(served.run()), Contains("dokploy_version") && Contains("runs Dokploy 0.24.9"));
}

TEST_CASE("dokploy: what Dokploy refuses or fails at is said without its secrets") {
    Served served;
    served.add();
    const auto version = fakes::HttpAnswer{200, "\"v0.30.2\""};
    const auto refuse = [&](int status, const std::string& message) {
        served.answerNext(version);
        served.answerNext({status, R"({"message":")" + message + R"(","code":"X"})"});
        return why(served.run());
    };
    CHECK(refuse(401, "You are not authorized to access this compose") ==
          "dokploy_forbidden: " + served.url +
              " does not allow project.all: You are not authorized to access this compose");
    CHECK(refuse(500, "Command failed: PASSWORD=s3cret docker") ==
          "dokploy_error: " + served.url + " failed at project.all (status 500)");
    CHECK_THAT(refuse(400, "Input validation failed"),
               Contains("dokploy_refused") && Contains("Input validation failed"));
    CHECK_THAT(refuse(401, "UNAUTHORIZED"), Contains("dokploy_key"));
}

TEST_CASE("dokploy: a key that may not do or see enough is told so, and makes nothing twice") {
    Served served;
    const std::string create = R"({"file": "compose.yaml", "create": true})";
    CHECK_THAT(why(served.run()), Contains("missing_project: No project \"platform\"") &&
                                      Contains("the key sees no project there"));
    SECTION("a member without access to any project") {
        served.with([](auto& its) { its.role = "member"; });
        CHECK_THAT(
            why(served.run(create)),
            Contains("dokploy_forbidden: The key sees no project") && Contains("is not known"));
        CHECK(served.with([](auto& its) { return its.projects().size(); }) == 0);
    }
    SECTION("an owner of an empty Dokploy, and one that does not say who it is") {
        for (const char* role : {"owner", ""}) {
            Served fresh;
            fresh.with([&](auto& its) { its.role = role; });
            CHECK(fresh.run(create).result.status == IAC_OK);
        }
    }
    SECTION("a refusal that is wrapped in another one") {
        served.add();
        for (const char* message :
             {"Error creating the project: You are not authorized to create projects",
              "Permission denied", "You don't have permission to access this service",
              "User does not have access to this environment"}) {
            served.answerNext({200, "\"v0.30.2\""});
            served.answerNext(
                {400, R"({"message":")" + std::string(message) + R"(","code":"BAD_REQUEST"})"});
            const auto refused = served.run();
            CHECK_THAT(why(refused), Contains("dokploy_forbidden") && Contains(message));
            CHECK_THAT(test::failure(refused).diagnosis, Contains("Create Services") &&
                                                             Contains("Access to API") &&
                                                             !Contains("may have changed"));
        }
    }
}

TEST_CASE("dokploy: a deployment that fails says why, with the last line of its log") {
    Served served;
    served.add();
    served.course.end = "error";
    const auto hosted = served.run();
    CHECK_THAT(why(hosted), Contains("deployment_failed: Dokploy's deployment deployment-") &&
                                Contains("of web in platform/production ended with an error: "
                                         "Error: docker said no"));
    CHECK_THAT(hosted.output, Contains("Initializing deployment\n") && Contains("docker said no"));
}

TEST_CASE("dokploy: a restart of Dokploy is told from a failure") {
    Served served;
    served.add();
    served.course.seconds = 30;
    served.meanwhile = [](auto& its, const auto& request) {
        const bool is_followed = request.path.find("readLogs") != std::string::npos;
        if (is_followed && its.queue().size() == 1) its.restart();
    };
    CHECK_THAT(why(served.run()), Contains("deployment_cancelled") && Contains("was cancelled"));
}

TEST_CASE("dokploy: a deployment that waits in a queue that is lost has vanished") {
    Served served;
    served.add();
    served.course.seconds = 30;
    served.with([](auto& its) {
        its.deploy(its.add("platform", "production", "other"), "another service");
    });
    int looks = 0;
    served.meanwhile = [&looks](auto& its, const auto& request) {
        if (request.path == "/api/deployment.queueList" && its.queue().size() == 2 && ++looks == 3)
            its.restart();
    };
    const auto hosted = served.run();
    CHECK_THAT(why(hosted, IAC_RETRY),
               Contains("deployment_vanished") && Contains("is gone without having begun"));
}

TEST_CASE("dokploy: a deployment that is asked for and lost is never asked for again by itself") {
    Served served;
    served.add();
    // Taken by the gateway while Dokploy restarts: nobody has heard of it.
    const auto with = R"({"file": "compose.yaml"})";
    served.lose_deploys = true;
    CHECK_THAT(why(served.run(with), IAC_RETRY),
               Contains("deployment_never_appeared") && Contains("has not appeared in 1 s"));
    std::size_t deploys = 0;
    for (const auto& one : served.requests())
        if (one.path == "/api/compose.deploy") ++deploys;
    CHECK(deploys == 1);
    served.lose_deploys = false;
    served.attempt = 2;
    CHECK(served.run(with).result.status == IAC_OK);
    CHECK(served.runs() == 1);
}

TEST_CASE("dokploy: a deployment that others have pushed out of the list is not made again") {
    Served served;
    const auto id = served.add();
    CHECK(served.run().result.status == IAC_OK);
    served.course.seconds = 0;
    served.with([&](auto& its) {
        for (int i = 0; i < 12; ++i) its.deploy(id, "Manual deployment");
    });
    served.attempt = 2;
    CHECK(why(served.run()) ==
          "deployment_lost: Dokploy's deployment of web in platform/production is not listed any "
          "more: what became of it is not known");
    CHECK(served.runs() == 13);
}

TEST_CASE("dokploy: a lost answer to a deployment that was queued does no harm") {
    Served served;
    served.add();
    served.lose_deploy_answers = true;
    const auto hosted = served.run();
    INFO(hosted.result.message);
    CHECK(hosted.result.status == IAC_OK);
    CHECK_THAT(hosted.output, Contains("it answered with 504; looking whether it is there"));
    CHECK(served.runs() == 1);
}

TEST_CASE(
    "dokploy: a key that is spent while a deployment runs leaves its outcome open, and says so") {
    Served served;
    served.add();
    served.course.seconds = 30;
    served.meanwhile = [](auto& its, const auto&) {
        if (!its.runs().empty()) its.uses_left = 0;
    };
    const auto hosted = served.run();
    CHECK_THAT(why(hosted), Contains("dokploy_key") && Contains("refuses the API key") &&
                                Contains("what became of it is not known"));
}

TEST_CASE("dokploy: 503 while Dokploy restarts is waited out") {
    Served served;
    served.add();
    for (int status : {503, 504}) served.answerNext({status, "Bad Gateway", "text/plain"});
    served.patience = 20;
    CHECK(served.run().result.status == IAC_OK);
    CHECK(served.runs() == 1);
}

TEST_CASE("dokploy: names that lead nowhere sure are refused") {
    Served served;
    const auto first = served.add(), second = served.add();
    CHECK(why(served.run()) ==
          "ambiguous_name: 2 services are called web in platform/production: " + first + ", " +
              second);
    CHECK(served.run(R"({"file": "compose.yaml", "id": ")" + second + "\"}").result.status ==
          IAC_OK);
    const auto git = served.with([](auto& its) { return its.add("p", "production", "g", "git"); });
    CHECK(why(served.run(R"({"file": "compose.yaml", "id": ")" + git + "\"}")) ==
          "foreign_source: web (" + git +
              ") gets its compose file from git in Dokploy, not from the runner");
}

TEST_CASE("dokploy: another commit than the one asked for is not called deployed") {
    Served served;
    served.add("git");
    served.course.commit = "9c657cf29cbbd0863241f52ede98cfa2c1d4a800";
    CHECK_THAT(
        why(served.run(R"({"source": "dokploy", "file": "compose.yaml"})")),
        Contains("other_revision") &&
            Contains("took commit 9c657cf29cbbd0863241f52ede98cfa2c1d4a800, not 1f5a3a0c8d3b"));
    // Of a repository of its own nobody knows which commit is right.
    Served elsewhere;
    elsewhere.add("git");
    elsewhere.course.commit = "9c657cf29cbbd0863241f52ede98cfa2c1d4a800";
    CHECK(elsewhere.run(R"({"source": "dokploy"})").result.status == IAC_OK);
}

TEST_CASE("dokploy: the commit is awaited before the revision is judged") {
    const std::string with = R"({"source": "dokploy", "file": "compose.yaml"})";
    Served served;
    served.add("git");
    served.course.commit_after = 0.6;
    SECTION("the one that was asked for") {
        served.course.commit = Served::kRevision;
        CHECK(served.run(with).result.status == IAC_OK);
    }
    SECTION("another one") {
        served.course.commit = "9c657cf29cbbd0863241f52ede98cfa2c1d4a800";
        CHECK_THAT(why(served.run(with)), Contains("other_revision"));
    }
    SECTION("none within the patience") {
        served.course.commit = Served::kRevision;
        served.course.commit_after = 60;
        CHECK_THAT(why(served.run(with)),
                   Contains("unknown_revision") && Contains("which commit it took"));
    }
}

TEST_CASE("dokploy: a configuration whose verification failed is verified again") {
    const std::string with =
        R"({"file": "compose.yaml", "verify": {"containers": true, "within": 0.5}})";
    Served served;
    served.add();
    served.with([](auto& its) { its.containers = {{"restarting", "Restarting (1) 1 s ago"}}; });
    CHECK_THAT(why(served.run(with)), Contains("unhealthy"));
    SECTION("and fails as long as it is unhealthy") {
        for (int again = 0; again < 2; ++again)
            CHECK_THAT(why(served.run(with)), Contains("unhealthy"));
        CHECK(served.runs() == 1);
    }
    SECTION("and is deployed again when another deployment asks for it") {
        for (std::size_t again = 2; again < 4; ++again) {
            served.forget();
            CHECK_THAT(why(served.run(with)), Contains("unhealthy"));
            CHECK(served.runs() == again);
        }
        served.forget();
        // It is healthy as soon as it is deployed once more.
        served.meanwhile = [](auto& its, const auto&) {
            if (its.runs().size() == 4) its.containers = {{"running", "Up 3 seconds"}};
        };
        const auto hosted = served.run(with);
        CHECK(hosted.result.status == IAC_OK);
        CHECK_THAT(hosted.output, Contains("it is deployed again"));
        CHECK(served.runs() == 4);
    }
    SECTION("and is unchanged once it is healthy") {
        served.with([](auto& its) { its.containers = {{"running", "Up 3 seconds"}}; });
        CHECK(served.run(with).result.status == IAC_OK);
        CHECK(served.runs() == 1);
    }
}

TEST_CASE("dokploy: a key that was good and is refused for a moment does not end the step") {
    Served served;
    served.add();
    std::atomic<int> asked{0};
    int refused = 2;
    served.meanwhile = [&](auto& its, const auto& request) {
        // Its database is away for a few requests, in the middle of the step.
        const bool away = request.path != "/api/settings.getDokployVersion" && ++asked > 5 &&
                          asked <= 5 + refused;
        its.key = away ? "another" : "the key";
    };
    SECTION("a moment") {
        served.patience = 10;
        const auto hosted = served.run();
        INFO(hosted.result.message);
        CHECK(hosted.result.status == IAC_OK);
    }
    SECTION("for good") {
        refused = 100'000;
        CHECK_THAT(why(served.run()), Contains("dokploy_key"));
    }
}

TEST_CASE("dokploy: settings that make no sense are refused before anything is asked") {
    Served served;
    const auto refused = [&](const std::string& with) {
        return test::failure(served.run(with), IAC_INVALID).message;
    };
    CHECK_THAT(refused("{}"), Contains("with.file"));
    CHECK_THAT(refused(R"({"file": "compose.yaml", "variables": {"a b": "1"}})"),
               Contains("cannot be the name of a variable"));
    CHECK_THAT(refused(R"({"file": "compose.yaml", "variables": {"IAC_X": "1"}})"),
               Contains("one of the runner's own"));
    CHECK_THAT(refused(R"({"type": "application", "create": true})"), Contains("with.create"));
    served.environment = {"SECRET=a${{b"};
    CHECK_THAT(why(served.run()), Contains("bad_environment: The value of SECRET"));
    served.environment = {"SECRET=\"'`#"};
    served.add();
    CHECK_THAT(why(served.run()),
               Contains("bad_environment: The value of SECRET cannot be written"));
    served.environment = {"SECRET=\xff"};
    CHECK_THAT(why(served.run()), Contains("bad_environment") && Contains("is not UTF-8 text"));
    CHECK(served.runs() == 0);
}

TEST_CASE("dokploy: what is too large for Dokploy is not sent") {
    Served served;
    served.add();
    for (const std::size_t size : {96'001u, 120'000u, 1'100'000u}) {
        served.write("large.yaml", "services: {}\n#" + std::string(size - 15, 'x') + "\n");
        CHECK_THAT(why(served.run(R"({"file": "large.yaml"})")),
                   Contains("too_large") && Contains("at most 96000"));
    }
    CHECK(served.runs() == 0);
    const std::string variable =
        R"({"file": "compose.yaml", "variables": {"A": ")" + std::string(1'100'000, 'x') + "\"}}";
    CHECK_THAT(why(served.run(variable)),
               Contains("too_large") && Contains("Dokploy takes 1000000"));
    CHECK(served.runs() == 0);
}
