#include <unistd.h>

#include <fcntl.h>
#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"
#include "shipped.hpp"

using namespace iac;
using plugin::TriggerVerdict;
using Kind = TriggerVerdict::Kind;

namespace {

const std::string kSha = "1f5a3a0c8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b";
const std::string kBefore = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";
const std::string kZeros(40, '0');

plugin::Trigger github(const std::string& config = R"({"secret": "s3cret"})") {
    return plugin::Trigger(test::shipped().find("trigger", "iac.github"), config);
}

plugin::TriggerRequest webhook(std::string_view body, test::Headers headers) {
    plugin::TriggerRequest request;
    request.method = "POST";
    request.path = "/webhook";
    request.body = body;
    request.headers = std::move(headers);
    request.branch = "main";
    request.environment = "staging";
    return request;
}

// As GitHub sends it: signed, JSON, with its headers.
TriggerVerdict send(std::string_view body, const std::string& event = "push",
                    const std::string& type = "application/json") {
    test::Headers headers = {{"x-hub-signature-256", test::signature("s3cret", body)},
                             {"content-type", type},
                             {"x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"}};
    if (!event.empty()) headers.emplace_back("x-github-event", event);
    return github().receive(webhook(body, headers));
}

std::string push(const std::string& members) {
    return R"({"ref": "refs/heads/main", "before": ")" + kBefore + R"(", "after": ")" + kSha +
           "\"" + (members.empty() ? "" : ", " + members) + "}";
}

const std::string kCommits =
    R"("commits": [
        {"id": "a", "message": "one", "added": ["platform/03.redis/deploy.py"], "modified": ["platform/01.postgres/compose.yaml"], "removed": []},
        {"id": "b", "message": "two", "added": [], "modified": ["platform/01.postgres/compose.yaml", "libs/x.py"], "removed": ["old.txt"]}])";

Event accepted(const std::string& body) {
    const auto verdict = send(body);
    INFO(verdict.reason);
    REQUIRE(verdict.kind == Kind::event);
    return verdict.event;
}

std::string ignored(const std::string& body, const std::string& event = "push") {
    const auto verdict = send(body, event);
    REQUIRE(verdict.kind == Kind::ignored);
    return verdict.reason;
}

std::string notUnderstood(const std::string& body, const std::string& event = "push") {
    const auto verdict = send(body, event);
    REQUIRE(verdict.kind == Kind::rejected);
    REQUIRE(verdict.status == 400);
    return verdict.reason;
}

// What is written to standard error meanwhile.
template <class F>
std::string errorOutput(F run) {
    const fixtures::Folder folder;
    const auto file = folder / "stderr";
    const int kept = ::dup(2), to = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(to, 2);
    run();
    ::dup2(kept, 2);
    ::close(kept);
    ::close(to);
    return fixtures::readFile(file);
}

}  // namespace

TEST_CASE("github: headers that are no UTF-8 do not keep a request from being understood") {
    const auto body = push(kCommits);
    const auto with = [&](const std::string& event, const std::string& type) {
        return github().receive(
            webhook(body, {{"x-hub-signature-256", test::signature("s3cret", body)},
                           {"content-type", type},
                           {"x-github-event", event},
                           {"x-github-delivery", "caf\xe9"}}));
    };
    const auto accepted = with("push", "application/json");
    REQUIRE(accepted.kind == Kind::event);
    CHECK(accepted.event.delivery == "caf\xef\xbf\xbd");
    CHECK_THAT(with("\xff", "application/json").reason, Catch::Contains("\xef\xbf\xbd"));
    CHECK(with("push", "\xfftext").status == 415);
}

TEST_CASE("github: a signed push to the branch becomes a change with all it says") {
    const auto event = accepted(push(
        kCommits +
        R"(, "created": false, "forced": false, "deleted": false, "pusher": {"name": "octocat"},
                "sender": {"login": "other"}, "head_commit": {"id": "b", "message": "Tune it\n\nand more"})"));
    CHECK(event.kind == EventKind::change);
    CHECK(event.ref == "refs/heads/main");
    CHECK(event.revision == kSha);
    CHECK(event.before == kBefore);
    CHECK(event.paths == std::vector<std::string>{"platform/03.redis/deploy.py",
                                                  "platform/01.postgres/compose.yaml", "libs/x.py",
                                                  "old.txt"});
    CHECK(event.paths_complete);
    CHECK(event.triggered_by == "octocat");
    CHECK(event.subject == "Tune it");
    CHECK(event.delivery == "72d3162e-cc78-11e3-81ab-4c9367dc0958");
    CHECK(event.services.empty());
    CHECK_FALSE(event.dry_run);
    CHECK_FALSE(send(push(kCommits)).wait_seconds.has_value());
}

TEST_CASE("github: the short push of the documentation is a push without GitHub's headers") {
    const std::string body =
        R"({"ref":"refs/heads/main","commits":[{"modified":["platform/01.postgres/compose.yaml"],
            "added":["platform/03.redis/deploy.py"]}]})";
    const auto verdict = send(body, "");
    REQUIRE(verdict.kind == Kind::event);
    CHECK(verdict.event.revision.empty());
    CHECK(verdict.event.before.empty());
    CHECK(verdict.event.triggered_by.empty());
    CHECK(verdict.event.paths_complete);
    CHECK(verdict.event.paths.size() == 2);

    CHECK(notUnderstood(R"({"ref": "refs/heads/main"})", "") ==
          "the payload is not understood: there is no header X-GitHub-Event, and without `ref` and "
          "`commits` it is no push");
}

TEST_CASE("github takes the pushes of the configured repository and of no other") {
    const auto verdictOf = [](const std::string& repository, const std::string& configured,
                              const std::string& config = R"({"secret": "s3cret"})") {
        const std::string body = push(kCommits + R"(, "repository": )" + repository);
        auto request = webhook(body, {{"x-hub-signature-256", test::signature("s3cret", body)},
                                      {"content-type", "application/json"},
                                      {"x-github-event", "push"}});
        request.repository = configured;
        return github(config).receive(request);
    };
    const std::string ours = R"({"full_name": "Acme/Infra"})";
    for (const char* configured :
         {"https://github.com/acme/infra", "https://github.com/acme/infra.git/",
          "git@github.com:acme/infra.git", "ssh://git@github.com:22/acme/Infra.git",
          "acme@host-alias:acme/infra"}) {
        INFO(configured);
        CHECK(verdictOf(ours, configured).kind == Kind::event);
        CHECK(verdictOf(R"({"clone_url": "https://github.com/acme/infra.git"})", configured).kind ==
              Kind::event);
        CHECK(verdictOf(R"({"ssh_url": "git@github.com:acme/infra.git"})", configured).kind ==
              Kind::event);
        for (
            const char* other :
            {R"({"full_name": "acme/infra2"})", R"({"full_name": "evil/infra"})",
             R"({"clone_url": "https://github.com/acme/other.git", "html_url": "https://github.com/acme/other"})"}) {
            INFO(other);
            const auto verdict = verdictOf(other, configured);
            CHECK(verdict.kind == Kind::ignored);
            CHECK_THAT(verdict.reason, Catch::Contains("this runner deploys acme/infra"));
        }
        CHECK(verdictOf("{}", configured).kind == Kind::event);
        CHECK(verdictOf("[]", configured).status == 400);
    }
    // A mirror: its own address says nothing, or something else.
    const std::string mirrored =
        R"({"secret": "s3cret", "repositories": ["acme/infra", "https://github.com/acme/more"]})";
    for (const char* configured :
         {"/srv/mirror.git", "file:///srv/mirror.git", "https://git.internal/m/x"}) {
        INFO(configured);
        CHECK(verdictOf(ours, configured, mirrored).kind == Kind::event);
        CHECK(verdictOf(R"({"full_name": "acme/more"})", configured, mirrored).kind == Kind::event);
        CHECK(verdictOf(R"({"full_name": "acme/else"})", configured, mirrored).kind ==
              Kind::ignored);
    }
    CHECK(verdictOf(R"({"full_name": "acme/else"})", "/srv/mirror.git").kind == Kind::event);
}

TEST_CASE("github: a form with the JSON in its payload is the same push") {
    std::string encoded;
    for (const char c : push(kCommits)) {
        char hex[4];
        std::snprintf(hex, sizeof hex, "%%%02X", static_cast<unsigned char>(c));
        encoded += c == ' ' ? "+" : std::string(hex);
    }
    const auto verdict = send("payload=" + encoded + "&y=", "push",
                              "Application/X-WWW-Form-Urlencoded; charset=utf-8");
    INFO(verdict.reason);
    REQUIRE(verdict.kind == Kind::event);
    CHECK(verdict.event.paths.size() == 4);

    // A signed body of another kind may hold such a field anywhere but at its beginning.
    for (const std::string& body :
         {"x=1&payload=" + encoded, "{\"a\":\"&payload=" + encoded + "&\"}", "&payload=" + encoded,
          " payload=" + encoded}) {
        const auto hidden = send(body, "push", "application/x-www-form-urlencoded");
        CHECK(hidden.kind == Kind::rejected);
        CHECK(hidden.status == 400);
    }
    for (const char* body : {"", "payloads=%7B%7D", "payload=%7", "payload=%zz", "payload"}) {
        INFO(body);
        const auto bad = send(body, "push", "application/x-www-form-urlencoded");
        CHECK(bad.kind == Kind::rejected);
        CHECK(bad.status == 400);
    }
}

TEST_CASE("github: a ping is answered, and so is every content type that is not JSON") {
    const auto pong = send(R"({"zen": "Keep it logically awesome.", "hook_id": 1})", "ping");
    CHECK(pong.kind == Kind::answered);
    CHECK(pong.body == R"({"status":"pong","event":"ping"})");

    for (const char* type : {"", "text/plain", "application/json5", "; charset=utf-8"}) {
        INFO(type);
        const auto verdict = send(push(kCommits), "push", type);
        CHECK(verdict.kind == Kind::rejected);
        CHECK(verdict.status == 415);
    }
    CHECK(send(push(kCommits), "push", "application/json; charset=utf-8").kind == Kind::event);
}

TEST_CASE("github: GitHub's own example of a signature is accepted") {
    const auto trigger = github(R"({"secret": "It's a Secret to Everybody"})");
    const auto verdict = trigger.receive(
        webhook("Hello, World!",
                {{"x-hub-signature-256",
                  "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
                 {"content-type", "application/json"}}));
    CHECK(verdict.status == 400);  // signed, and no JSON
}

TEST_CASE("github: nothing is accepted without the exact signature over the raw body") {
    const std::string body = push(kCommits);
    const std::string right = test::signature("s3cret", body);
    std::string flipped = right;
    flipped.back() = flipped.back() == '0' ? '1' : '0';
    for (const std::string& wrong :
         {std::string(), std::string("sha256="), flipped, right.substr(7), right + "0",
          right.substr(0, right.size() - 1), "sha1=" + right.substr(7), " " + right,
          test::signature("other", body), test::signature("", body),
          test::signature("s3cret", body + " ")}) {
        INFO(wrong);
        const auto verdict = github().receive(webhook(body, {{"x-hub-signature-256", wrong},
                                                             {"content-type", "application/json"},
                                                             {"x-github-event", "push"}}));
        CHECK(verdict.kind == Kind::rejected);
        CHECK(verdict.status == 401);
    }
    // The older header alone counts for nothing, and what is not signed is not even looked at.
    CHECK(github().receive(webhook("{", {{"x-hub-signature", right}})).status == 401);
}

TEST_CASE("github: while a secret is replaced both are valid, and no third") {
    const auto trigger = github(R"({"secret": ["new", "old"]})");
    const std::string body = push(kCommits);
    const auto with = [&](const char* secret) {
        return trigger
            .receive(webhook(body, {{"x-hub-signature-256", test::signature(secret, body)},
                                    {"content-type", "application/json"},
                                    {"x-github-event", "push"}}))
            .kind;
    };
    CHECK(with("new") == Kind::event);
    CHECK(with("old") == Kind::event);
    CHECK(with("older") == Kind::rejected);
    CHECK_THROWS_WITH(github(R"({"secret": ["a", "b", "c"]})"),
                      Catch::Contains("secret: at most two can be valid at once, there are 3"));
}

TEST_CASE("github: without a secret every request is refused, and the log says why once") {
    for (const char* config :
         {"{}", R"({"secret": ""})", R"({"secret": []})", R"({"secret": ["", ""]})"}) {
        INFO(config);
        const auto trigger = github(config);
        const std::string body = push(kCommits);
        TriggerVerdict verdict;
        const auto log = errorOutput([&] {
            for (int i = 0; i < 3; ++i)
                verdict = trigger.receive(
                    webhook(body, {{"x-hub-signature-256", test::signature("", body)},
                                   {"content-type", "application/json"}}));
        });
        CHECK(verdict.kind == Kind::rejected);
        CHECK(verdict.status == 401);
        const auto said = log.find("iac.github: no secret is configured");
        CHECK(said != std::string::npos);
        CHECK(log.find("no secret is configured", said + 20) == std::string::npos);
    }
}

TEST_CASE("github: what is no push to the branch is ignored with a reason") {
    CHECK(ignored(R"({"action": "opened"})", "issues") == "event \"issues\" deploys nothing");
    CHECK(ignored(R"({"ref": "refs/heads/feature/x", "commits": []})") ==
          "branch \"feature/x\" is not the one that is deployed (\"main\")");
    CHECK(ignored(R"({"ref": "refs/heads/main2", "commits": []})").find("main2") == 8);
    CHECK(ignored(R"({"ref": "refs/tags/v1", "commits": [], "head_commit": null})") ==
          "\"v1\" is a tag; tags are deployed with POST /deploy");
    CHECK(ignored(R"({"ref": "main", "commits": []})") == "\"main\" is not a branch");
    CHECK(ignored(R"({"ref": "refs/heads/main", "deleted": true, "head_commit": null,
                      "commits": [], "after": ")" +
                  kZeros + "\"}") == "\"refs/heads/main\" was deleted");
    CHECK(ignored(R"({"ref": "refs/heads/main", "commits": [], "after": ")" + kZeros + "\"}") ==
          "\"refs/heads/main\" was deleted");
}

TEST_CASE("github: what the runner itself says on a commit starts nothing") {
    // iac.github-status causes these; a deployment that deployed again would never end.
    for (const char* event : {"deployment", "deployment_status", "status"}) {
        INFO(event);
        CHECK(ignored(R"({"ref": "refs/heads/main", "commits": [], "state": "success",
                          "deployment": {"ref": "refs/heads/main", "payload": {"iac_runner": {}}}})",
                      event) == "event \"" + std::string(event) + "\" deploys nothing");
    }
}

TEST_CASE("github: the skip markers count in the head commit alone") {
    for (const std::string marker :
         {"[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]", "[Skip CI]"}) {
        INFO(marker);
        CHECK(ignored(push(kCommits + R"(, "head_commit": {"message": "docs\n\n)" + marker + "\"}"))
                  .find("the head commit says [") == 0);
    }
    // The last of the list is the head where the payload has none.
    CHECK(ignored(R"({"ref": "refs/heads/main", "commits": [{"message": "docs [no ci]"}]})") ==
          "the head commit says [no ci]");
    CHECK_FALSE(accepted(push(R"("commits": [{"message": "[skip ci]", "added": ["a"]},
                                             {"message": "b", "added": ["b"]}])"))
                    .paths.empty());
}

TEST_CASE("github: paths are complete only when nothing says that some are missing") {
    const auto complete = [](const std::string& members) {
        return accepted(push(members)).paths_complete;
    };
    CHECK(complete(kCommits));
    CHECK_FALSE(complete(kCommits + R"(, "forced": true)"));
    CHECK_FALSE(complete(kCommits + R"(, "created": true)"));
    CHECK_FALSE(complete(R"("commits": [])"));
    CHECK_FALSE(complete(R"("size": 1)"));
    CHECK_FALSE(complete(R"("commits": [{"added": ["a"]}, {"added": [], "modified": []}])"));
    CHECK_FALSE(complete(R"("commits": [{"added": ["a"]}, {"added": null}])"));

    const auto first = accepted(R"({"ref": "refs/heads/main", "commits": [{"added": ["a"]}],
                                    "before": ")" +
                                kZeros + R"(", "after": ")" + kSha + "\"}");
    CHECK_FALSE(first.paths_complete);
    CHECK(first.before.empty());

    const auto listed = [](std::size_t count, const std::string& prefix) {
        std::string out;
        for (std::size_t i = 0; i < count; ++i)
            out += (i ? "," : "") + ("\"" + prefix + std::to_string(i) + "\"");
        return out;
    };
    // GitHub stops at 3000 files of a commit, and at 2048 commits.
    const auto files = [&](std::size_t modified) {
        return R"("commits": [{"added": [)" + listed(1000, "a") + R"(], "modified": [)" +
               listed(modified, "m") + "]}]";
    };
    CHECK(complete(files(1999)));
    CHECK_FALSE(complete(files(2000)));
    const auto commits = [](std::size_t count) {
        std::string out = R"("commits": [)";
        for (std::size_t i = 0; i < count; ++i)
            out += (i ? "," : "") + (R"({"added": ["f)" + std::to_string(i) + "\"]}");
        return out + "]";
    };
    CHECK(complete(commits(2047)));
    CHECK_FALSE(complete(commits(2048)));
    CHECK(accepted(push(commits(3000))).paths.size() == 2048);
}

TEST_CASE("github: the revision is the head commit where the push says no other") {
    const auto event = accepted(R"({"ref": "refs/heads/main", "commits": [],
                                    "sender": {"login": "hubot"}, "head_commit": {"id": ")" +
                                kSha + "\", \"message\": null}}");
    CHECK(event.revision == kSha);
    CHECK(event.triggered_by == "hubot");
    CHECK(event.subject.empty());
    const std::string sha256(64, 'a');
    CHECK(accepted(R"({"ref": "refs/heads/main", "commits": [], "after": ")" + sha256 + "\"}")
              .revision == sha256);
}

TEST_CASE("github: a member of the wrong type is refused with its place") {
    const auto why = [](const std::string& member) { return notUnderstood(push(member)); };
    CHECK(why(R"("commits": {})") ==
          "the payload is not understood: value at /commits is not an array");
    CHECK(why(R"("commits": [1])").find("/commits/0 is not an object") != std::string::npos);
    CHECK(why(R"("commits": [{"added": ["a"]}, {"added": "x"}])").find("/commits/1/added") !=
          std::string::npos);
    CHECK(why(R"("commits": [{"removed": ["a", 2]}])").find("/commits/0/removed/1") !=
          std::string::npos);
    CHECK(why(R"("commits": [{"added": ["a\u0000b"]}])").find("NUL") != std::string::npos);
    CHECK(why(R"("commits": [{"added": [""]}])").find("empty") != std::string::npos);
    CHECK(why(R"("head_commit": "x")").find("/head_commit is not an object") != std::string::npos);
    CHECK(why(R"("head_commit": {"message": 1})").find("/head_commit/message") !=
          std::string::npos);
    CHECK(why(R"("pusher": [])").find("/pusher is not an object") != std::string::npos);
    CHECK(why(R"("pusher": {"name": 1})").find("/pusher/name") != std::string::npos);
    CHECK(why(R"("forced": "yes")").find("/forced is not a boolean") != std::string::npos);
    CHECK(why(R"("deleted": 0)").find("/deleted is not a boolean") != std::string::npos);

    const auto id = [](const std::string& after) {
        return notUnderstood(R"({"ref": "refs/heads/main", "commits": [], "after": )" + after +
                             "}");
    };
    CHECK(id("1").find("/after is not a string") != std::string::npos);
    for (const char* after : {R"("abc123")", R"("--upload-pack=touch x")", R"("HEAD")"}) {
        INFO(after);
        CHECK(id(after).find("value at /after is no full commit id") != std::string::npos);
    }
    CHECK(id("\"" + std::string(40, 'G') + "\"").find("/after") != std::string::npos);
}

TEST_CASE("github: what is not a JSON object is refused") {
    for (const char* body :
         {"", "{", "[]", "null", "\"push\"", "{\"ref\": \"\xff\"}", "{\"a\":1} x"}) {
        INFO(body);
        CHECK(notUnderstood(body).find("the payload is not understood: ") == 0);
    }
    CHECK(notUnderstood(std::string(100'000, '[')).size() < 1000);
    CHECK(notUnderstood("{}").find("missing value at /ref") != std::string::npos);
    CHECK(notUnderstood(R"({"ref": 1, "commits": []})").find("/ref is not a string") !=
          std::string::npos);
    CHECK(notUnderstood("{\"ref\": \"refs/heads/main\\u0000x\"}").find("/ref") !=
          std::string::npos);
}

TEST_CASE("github: what strangers wrote is cut where a sentence or a line ends") {
    const std::string umlauts = [] {
        std::string out;
        for (int i = 0; i < 500; ++i) out += "\xC3\xA4";
        return out;
    }();
    const auto event = accepted(push(R"("head_commit": {"message": "x)" + umlauts + "\"}"));
    CHECK(event.subject.size() == 199);  // never half of a character
    const auto reason = ignored("{}", std::string(5000, 'e'));
    CHECK(reason.size() < 200);
}
