// iac.github-status against a GitHub of our own over HTTP.
#include <iac/plugin.h>

#include <catch2/catch.hpp>
#include <ctime>

#include "notified.hpp"
#include "plugins/fakes/fake_github.hpp"

using namespace iac;
using Catch::Contains;
using fakes::FakeGitHub;
using test::Told;

namespace {

std::string config(const FakeGitHub& github, const std::string& more = "",
                   const std::string& token = FakeGitHub::kToken) {
    return R"({"token": ")" + token + R"(", "api_url": ")" + github.apiUrl() + "\"" +
           (more.empty() ? "" : ", " + more) + "}";
}

Told told(const char* event, const char* status) {
    Told one;
    one.event = event;
    one.status = status;
    return one;
}

std::string stateIn(const FakeGitHub::Taken& taken) {
    return test::parseObject(taken.body)->optValue<std::string>("state", "");
}

const std::string kStatuses =
    "POST /repos/octo/infra/statuses/8f3c2a1d8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b";

}  // namespace

TEST_CASE("github-status: a deployment is a commit status and a deployment of GitHub's") {
    FakeGitHub github;
    test::NotifierInTest notifier("iac.github-status", config(github));
    CHECK(notifier.tell(told("deployment.queued", "queued")).status == IAC_OK);
    CHECK(notifier.tell(told("deployment.started", "running")).status == IAC_OK);
    CHECK(notifier.tell(told("deployment.step", "running")).status == IAC_OK);
    const auto end = notifier.tell(told("deployment.finished", "success"));
    CHECK(end.answer == "GitHub shows it as deployment 3500000001");
    std::string order;
    for (const auto& one : github.taken()) order += one.what + " " + stateIn(one) + "\n";
    CHECK(order ==
          "POST /repos/octo/infra/deployments \n"
          "POST /repos/octo/infra/deployments/3500000001/statuses queued\n" +
              kStatuses + " pending\n" +
              "POST /repos/octo/infra/deployments/3500000001/statuses in_progress\n" + kStatuses +
              " success\n" + "POST /repos/octo/infra/deployments/3500000001/statuses success\n");
}

TEST_CASE(
    "github-status: the deployment merges nothing, waits for nothing, and is marked as ours") {
    FakeGitHub github;
    test::NotifierInTest notifier("iac.github-status", config(github));
    notifier.tell(told("deployment.finished", "cancelled"));
    REQUIRE(github.taken().size() == 3);
    CHECK(
        github.taken()[0].body ==
        R"({"state":"error","context":"iac-runner/production","description":"Deployment 1042 was cancelled","target_url":"https://deploy.example.com/deployments/1042/log"})");
    CHECK(
        github.taken()[1].body ==
        R"({"ref":"8f3c2a1d8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b","task":"deploy","auto_merge":false,"required_contexts":[],"environment":"production","description":"Deployment 1042 was cancelled","production_environment":true,"transient_environment":false,"payload":{"iac_runner":{"deployment":"1042"}}})");
    CHECK(
        github.taken()[2].body ==
        R"({"state":"inactive","description":"Deployment 1042 was cancelled","log_url":"https://deploy.example.com/deployments/1042/log","auto_inactive":true})");
    const auto request = github.http().last();
    CHECK(request.header("accept") == "application/vnd.github+json");
    CHECK(request.header("x-github-api-version") == "2022-11-28");
}

TEST_CASE("github-status: each end has its state") {
    struct Case {
        const char *status, *commit, *deployment;
    };
    for (const Case& one :
         {Case{"success", "success", "success"}, Case{"failed", "failure", "failure"},
          Case{"cancelled", "error", "inactive"}}) {
        INFO(one.status);
        FakeGitHub github;
        test::NotifierInTest notifier("iac.github-status", config(github));
        notifier.tell(told("deployment.finished", one.status));
        REQUIRE(github.taken().size() == 3);
        CHECK(stateIn(github.taken()[0]) == one.commit);
        CHECK(stateIn(github.taken()[2]) == one.deployment);
    }
}

TEST_CASE("github-status: a commit whose deployment was superseded while it waited has no status") {
    FakeGitHub github;
    const std::string more = GENERATE("", R"("deployments": false)", R"("context": "x")");
    INFO(more);
    test::NotifierInTest notifier("iac.github-status", config(github, more));
    CHECK(notifier.tell(told("deployment.queued", "queued")).status == IAC_OK);
    CHECK(notifier.tell(told("deployment.finished", "superseded")).status == IAC_OK);
    for (const auto& one : github.taken())
        CHECK_THAT(one.what, Contains("/repos/octo/infra/deployments"));
    if (github.taken().empty()) return;  // none is made
    CHECK(github.taken().size() == 3);
    CHECK(stateIn(github.taken().back()) == "inactive");
}

TEST_CASE("github-status: the status of one that had begun does not stay behind as running") {
    FakeGitHub github;
    const std::string more = GENERATE("", R"("deployments": false)");
    test::NotifierInTest notifier("iac.github-status", config(github, more));
    notifier.tell(told("deployment.started", "running"));
    notifier.tell(told("deployment.queued", "queued"));
    notifier.tell(told("deployment.finished", "superseded"));
    std::vector<std::string> marks;
    for (const auto& one : github.taken())
        if (one.what == kStatuses)
            marks.push_back(test::parseObject(one.body)->getValue<std::string>("description"));
    REQUIRE(marks.size() == 2);
    CHECK_THAT(marks.back(), Contains("was superseded"));
    CHECK_THAT(github.taken().front().body, Contains(R"("state":"pending")"));
}

TEST_CASE("github-status: what nobody may see on a commit is not shown there") {
    FakeGitHub github;
    test::NotifierInTest notifier("iac.github-status", config(github));
    Told dry = told("deployment.finished", "success");
    dry.dry_run = true;
    CHECK(notifier.tell(dry).status == IAC_OK);
    Told unknown = told("deployment.queued", "queued");
    unknown.revision.clear();
    CHECK(notifier.tell(unknown).status == IAC_OK);
    CHECK(github.http().requests().empty());
}

TEST_CASE("github-status: either of the two can be turned off") {
    FakeGitHub github;
    test::NotifierInTest statuses("iac.github-status", config(github, R"("deployments": false)"));
    statuses.tell(told("deployment.finished", "success"));
    CHECK(github.taken().size() == 1);
    test::NotifierInTest deployments(
        "iac.github-status",
        config(
            github,
            R"("statuses": false, "environment_urls": {"production": "https://example.com"}, "production": [])"));
    deployments.tell(told("deployment.finished", "success"));
    REQUIRE(github.taken().size() == 3);
    CHECK_THAT(github.taken()[1].body, Contains(R"("production_environment":false)"));
    CHECK_THAT(github.taken()[2].body, Contains(R"("environment_url":"https://example.com")"));
}

TEST_CASE("github-status: descriptions are cut, context and title are templates") {
    FakeGitHub github;
    test::NotifierInTest notifier(
        "iac.github-status",
        config(github, R"("context": "deploy/{environment}", "title": "{subject}")"));
    Told one = told("deployment.finished", "success");
    for (int i = 0; i < 100; ++i) one.subject += " 日本🎉";
    notifier.tell(one);
    REQUIRE_FALSE(github.taken().empty());
    const auto body = test::parseObject(github.taken()[0].body);
    CHECK(body->getValue<std::string>("context") == "deploy/production");
    const auto description = body->getValue<std::string>("description");
    CHECK(description.starts_with("Give postgres more memory 日本🎉"));
    CHECK(description.ends_with("…"));
}

TEST_CASE("github-status: a deployment that was made is not made twice") {
    FakeGitHub github;
    test::NotifierInTest notifier("iac.github-status", config(github, R"("statuses": false)"));
    github.http().next({201, R"({"id": 3500000000})"});
    github.http().next(FakeGitHub::error(502, "Server Error"));
    const auto first = notifier.tell(told("deployment.queued", "queued"));
    CHECK(first.status == IAC_RETRY);
    CHECK(first.message ==
          "GitHub answered 502 for the deployment status of octo/infra: \"Server Error\"");
    CHECK(first.memory == "3500000000");
    CHECK(notifier.tell(told("deployment.queued", "queued")).status == IAC_OK);
    CHECK(github.taken().size() == 1);
}

TEST_CASE("github-status: each refusal is a sentence with what to do") {
    FakeGitHub github;
    const auto tell = [&](const std::string& with, Told one) {
        test::NotifierInTest notifier("iac.github-status", with);
        const auto result = notifier.tell(one);
        CHECK_THAT(result.all, !Contains("github_pat"));
        CHECK_FALSE(result.next_action.empty());
        CHECK(result.status == IAC_FAILED);
        return result.message;
    };
    const Told end = told("deployment.finished", "success");
    CHECK(tell(config(github, "", "github_pat_wrong"), end) ==
          "GitHub answered 401 for the commit status of octo/infra: \"Bad credentials\"");
    CHECK(tell(config(github, "", FakeGitHub::kReadOnlyToken), end) ==
          "GitHub answered 403 for the commit status of octo/infra: \"Resource not accessible by "
          "personal access token\"");
    CHECK(tell(config(github, R"("repository": "octo/other")"), end) ==
          "GitHub answered 404 for the commit status of octo/other: \"Not Found\"");
    Told elsewhere = end;
    elsewhere.revision = std::string(40, 'a');
    CHECK(tell(config(github), elsewhere) ==
          "GitHub answered 422 for the commit status of octo/infra: \"Validation Failed: No commit "
          "found for SHA: " +
              elsewhere.revision + "\"");
    github.http().next({202, R"({"message": "Auto-merged main into it"})"});
    CHECK_THAT(tell(config(github, R"("statuses": false)"), end),
               Contains("answered without an id"));
    github.http().next({200, "<html>", "text/html"});
    CHECK_THAT(tell(config(github), end), Contains("is not JSON"));
}

TEST_CASE("github-status: a rate limit is waited for as long as GitHub says") {
    FakeGitHub github;
    test::NotifierInTest notifier("iac.github-status", config(github));
    fakes::HttpAnswer primary = FakeGitHub::error(403, "API rate limit exceeded");
    primary.headers = {{"x-ratelimit-remaining", "0"},
                       {"x-ratelimit-reset", std::to_string(std::time(nullptr) + 100)}};
    github.http().next(primary);
    const auto first = notifier.tell(told("deployment.finished", "success"));
    CHECK(first.status == IAC_RETRY);
    REQUIRE(first.retry_after);
    CHECK(*first.retry_after > 60);
    CHECK(*first.retry_after <= 100);

    fakes::HttpAnswer secondary =
        FakeGitHub::error(403, "You have exceeded a secondary rate limit");
    secondary.headers = {{"Retry-After", "60"}};
    github.http().next(secondary);
    const auto second = notifier.tell(told("deployment.finished", "success"));
    CHECK(second.status == IAC_RETRY);
    CHECK(second.retry_after == 60.0);
}

TEST_CASE("github-status: Enterprise is found by the repository's own address") {
    FakeGitHub github("/api/v3");
    test::NotifierInTest notifier("iac.github-status",
                                  R"({"token": ")" + std::string(FakeGitHub::kToken) + "\"}");
    Told one = told("deployment.finished", "success");
    one.web = github.http().url() + "/octo/infra";
    CHECK(notifier.tell(one).status == IAC_OK);
    CHECK(github.taken().size() == 3);

    one.web = "http://github.example.com/octo/infra";
    const auto plain = notifier.tell(one);
    CHECK(plain.status == IAC_INVALID);
    CHECK_THAT(plain.message, Contains("it has to begin with https://"));

    one.web.clear();
    const auto nowhere = notifier.tell(one);
    CHECK(nowhere.status == IAC_INVALID);
    CHECK(nowhere.next_action == "Set `repository` of this notifier to owner/name.");
}

TEST_CASE("github-status: a sample asks whether the token may write, and touches no commit") {
    FakeGitHub github;
    Told one = told("deployment.finished", "failed");
    one.sample = true;
    test::NotifierInTest notifier("iac.github-status", config(github));
    CHECK(notifier.tell(one).answer == "GitHub shows octo/infra to this token");
    test::NotifierInTest read_only("iac.github-status",
                                   config(github, "", FakeGitHub::kReadOnlyToken));
    const auto refused = read_only.tell(one);
    CHECK(refused.status == IAC_FAILED);
    CHECK(refused.message == "the token may see octo/infra, but not write there");
    CHECK(github.taken().empty());
}

TEST_CASE("github-status: a configuration that makes no sense is refused with its setting") {
    const auto refusal = [](const std::string& more) {
        return test::NotifierInTest("iac.github-status", R"({"token": "t", )" + more + "}")
            .refusal();
    };
    CHECK_THAT(refusal(R"("title": "{nothing}")"),
               Contains("title: at character 1 there is no field {nothing}"));
    CHECK_THAT(refusal(R"("context": "}")"), Contains("context: at character 1"));
    CHECK(refusal(R"("api_url": "http://github.example.com/api/v3")") ==
          "api_url: it has to begin with https://: what is sent there is secret");
    CHECK_THAT(refusal(R"("environment_urls": {"production": "example.com"})"),
               Contains("environment_urls.production: it is no address"));
}
