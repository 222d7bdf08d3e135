#include <catch2/catch.hpp>

#include "shipped.hpp"

using namespace iac;
using plugin::TriggerVerdict;
using Kind = TriggerVerdict::Kind;

namespace {

plugin::Trigger manual(const std::string& more = "") {
    return plugin::Trigger(test::shipped().find("trigger", "iac.manual"),
                           R"({"secret": "s3cret")" + more + "}");
}

plugin::TriggerRequest request(std::string_view path, std::string_view body,
                               test::Headers headers) {
    plugin::TriggerRequest out;
    out.method = "POST";
    out.path = path;
    out.target = path;
    out.body = body;
    out.headers = std::move(headers);
    out.branch = "main";
    return out;
}

TriggerVerdict send(std::string_view path, std::string_view body, const std::string& more = "") {
    return manual(more).receive(
        request(path, body, {{"x-hub-signature-256", test::signature("s3cret", body)}}));
}

TriggerVerdict accepted(std::string_view path, const std::string& body,
                        const std::string& more = "") {
    auto verdict = send(path, body, more);
    INFO(body << ": " << verdict.reason);
    REQUIRE(verdict.kind == Kind::event);
    CHECK(verdict.event.kind == EventKind::request);
    return verdict;
}

std::string refused(std::string_view path, const std::string& body) {
    const auto verdict = send(path, body);
    INFO(body);
    REQUIRE(verdict.kind == Kind::rejected);
    REQUIRE(verdict.status == 400);
    REQUIRE(verdict.reason.find("the body is not understood: ") == 0);
    return verdict.reason.substr(28);
}

std::string deployOf(const std::string& ref) {
    return R"({"env": "staging", "ref": ")" + ref + "\"}";
}

}  // namespace

TEST_CASE("manual: its routes are POST /deploy, POST /sync and POST /deploy/status") {
    const auto routes = manual().routes();
    REQUIRE(routes.size() == 3);
    CHECK(routes[0].method == "POST");
    CHECK(routes[0].path == "/deploy");
    CHECK(routes[1].path == "/sync");
    CHECK(routes[2].path == "/deploy/status");
}

TEST_CASE("manual: a signed deploy of a tag says all it was asked") {
    const auto verdict =
        accepted("/deploy", R"({"env": "staging", "tag": "v1.2.4", "triggered_by": "github-actions",
                       "services": ["platform/postgres", "redis"], "wait": false, "dry_run": true})");
    CHECK(verdict.event.environment == "staging");
    CHECK(verdict.event.tag == "v1.2.4");
    CHECK(verdict.event.ref == "v1.2.4");
    CHECK(verdict.event.triggered_by == "github-actions");
    CHECK(verdict.event.services == std::vector<std::string>{"platform/postgres", "redis"});
    CHECK(verdict.event.dry_run);
    CHECK(verdict.wait_seconds == 0);

    const auto branch = accepted("/deploy", deployOf("feature/x")).event;
    CHECK(branch.ref == "feature/x");
    CHECK(branch.tag.empty());
    CHECK(branch.services.empty());
    CHECK_FALSE(branch.dry_run);
}

TEST_CASE("manual: a sync names services or all") {
    const auto some =
        accepted("/sync", R"({"services": ["platform/postgres"], "env": "staging", "all": false})");
    CHECK(some.event.services == std::vector<std::string>{"platform/postgres"});
    CHECK(some.event.environment == "staging");
    CHECK(some.event.ref.empty());
    const auto all = accepted("/sync", R"({"all": true, "triggered_by": "me"})");
    CHECK(all.event.services.empty());
    CHECK(all.event.environment.empty());
    CHECK(all.event.triggered_by == "me");

    CHECK(refused("/sync", "{}").find("there is neither") != std::string::npos);
    CHECK(refused("/sync", R"({"all": false})").find("there is neither") != std::string::npos);
    CHECK(refused("/sync", R"({"services": []})") == "value at /services names no service");
    CHECK(refused("/sync", R"({"all": 1})") == "value at /all is not a boolean");
}

TEST_CASE("manual: a caller waits as long as it says, else as configured") {
    const auto waits = [](const std::string& wait, const std::string& more) {
        return accepted("/sync", R"({"all": true)" + wait + "}", more).wait_seconds;
    };
    CHECK(waits("", "") == 60);
    CHECK(waits("", R"(, "wait": 0)") == 0);
    CHECK(waits(R"(, "wait": null)", R"(, "wait": 5)") == 5);
    CHECK(waits(R"(, "wait": true)", R"(, "wait": 5)") == 5);
    CHECK(waits(R"(, "wait": true)", R"(, "wait": 0)") == 60);
    CHECK(waits(R"(, "wait": false)", R"(, "wait": 5)") == 0);
    CHECK(waits(R"(, "wait": 0)", "") == 0);
    CHECK(waits(R"(, "wait": 3600)", "") == 3600);
    CHECK(waits(R"(, "wait": "false")", R"(, "wait": 5)") == 0);
    CHECK(waits(R"(, "wait": "True")", R"(, "wait": 5)") == 5);
    CHECK(waits(R"(, "wait": "90")", "") == 90);
    for (const char* wait : {"3601", "-1", "1.5", "1e300", "\"soon\"", "\"-1\"", "\"\"", "[]"}) {
        INFO(wait);
        CHECK(refused("/sync", std::string(R"({"all": true, "wait": )") + wait + "}")
                  .find("value at /wait is") == 0);
    }
}

TEST_CASE("manual: a member that nobody knows is ignored with a warning, a misspelt one refused") {
    const auto staging = accepted(
        "/deploy", R"({"env": "staging", "tag": "v1.2.4", "triggered_by": "ci", "commit": "abc"})");
    CHECK(staging.warnings ==
          std::vector<std::string>{"member \"commit\" is not known here and was ignored"});
    CHECK(accepted("/deploy", R"({"env": "production", "tag": "v1", "staging_tag": "v1-rc"})")
              .warnings.size() == 1);
    CHECK(accepted("/sync", R"({"all": true, "ref": "main", "a\nb": 1})").warnings.size() == 2);
    CHECK(accepted("/deploy", R"({"env": "staging", "ref": "main"})").warnings.empty());

    const std::vector<std::pair<std::string, std::string>> misspelt{
        {"service", "services"}, {"servces", "services"}, {"Services", "services"},
        {"environment", "env"},  {"branch", "ref"},       {"tags", "tag"},
        {"dryrun", "dry_run"},   {"dry-run", "dry_run"},  {"trigered_by", "triggered_by"},
        {"waits", "wait"}};
    for (const auto& [wrong, right] : misspelt) {
        INFO(wrong);
        CHECK(refused("/deploy", R"({"env": "staging", "ref": "main", ")" + wrong + "\": 1}") ==
              "member \"" + wrong + "\" is not known here; did you mean \"" + right + "\"?");
    }
    CHECK(send("/deploy", R"({"env": "staging", "ref": "main", "commit": "a"})",
               R"(, "strict": true)")
              .reason.find("member \"commit\" is not known here (there are: env, tag, ref, ") !=
          std::string::npos);

    std::string many = R"({"all": true)";
    for (int i = 0; i < 40; ++i) many += ", \"of another service " + std::to_string(i) + "\": 1";
    const auto warnings = accepted("/sync", many + "}").warnings;
    CHECK(warnings.size() == 21);
    CHECK(warnings.back() == "20 more members are not known here");
}

TEST_CASE("manual: the requests of the first clients mean what their authors meant") {
    const auto library =
        accepted("/deploy", R"({"env": "staging", "ref": "main", "services": ["__all__"]})");
    CHECK(library.event.services.empty());
    CHECK(library.warnings.empty());
    CHECK(accepted("/sync", R"({"services": ["__all__"]})").event.services.empty());

    const auto later = accepted(
        "/deploy", R"({"env": "staging", "ref": "main", "source_ref": "x", "services": []})");
    CHECK(later.event.services.empty());
    CHECK(later.warnings.size() == 2);

    const auto both = accepted("/deploy", R"({"env": "staging", "ref": "main", "tag": "v1"})");
    CHECK(both.event.ref == "main");
    CHECK(both.event.tag.empty());
    CHECK(both.warnings.size() == 1);
    CHECK(accepted("/deploy", R"({"ref": "main"})").event.environment.empty());

    const std::string sha = "1f5a3a0c8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b";
    for (const std::string written : {"1F5A3A0C8D3B4F0C9A1D2E3F4A5B6C7D8E9F0A1B",
                                      " "
                                      "1f5a3a0c8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b\\n",
                                      "\\t1F5a3a0c8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b "}) {
        INFO(written);
        CHECK(accepted("/deploy", deployOf(written)).event.ref == sha);
    }
    CHECK(accepted("/deploy", deployOf("Feature/ABCDEF")).event.ref == "Feature/ABCDEF");

    const auto all = accepted("/sync", R"({"all": true, "services": ["a"]})");
    CHECK(all.event.services.empty());
    CHECK(all.warnings.size() == 1);
}

TEST_CASE("manual: strict refuses what would be ignored") {
    for (const char* body : {R"({"env": "staging", "ref": "a", "tag": "b"})",
                             R"({"env": "staging", "ref": "a", "services": []})",
                             R"({"env": "staging", "ref": "a", "commit": "b"})"}) {
        INFO(body);
        CHECK(send("/deploy", body, R"(, "strict": true)").status == 400);
    }
    CHECK(send("/sync", R"({"all": true, "services": ["a"]})", R"(, "strict": true)").status ==
          400);
}

TEST_CASE("manual: a signed question for a deployment is passed on to the runner") {
    const auto asked = [](const std::string& id) {
        return send(
            "/deploy/status",
            R"({"env": "staging", "ref": "main", "services": ["a"], "deployment_id": )" + id + "}");
    };
    CHECK(asked("\"17\"").kind == Kind::asked);
    CHECK(asked("\"17\"").deployment == "17");
    CHECK(asked("17").deployment == "17");
    CHECK(asked("\"a3f09c2277b1d4e8\"").deployment == "a3f09c2277b1d4e8");
    CHECK(asked("[]").status == 400);
    CHECK(asked("\"\"").status == 400);
    CHECK(refused("/deploy/status", R"({"env": "staging"})")
              .find("missing value at /deployment_id") == 0);
    CHECK(manual().receive(request("/deploy/status", "{}", {})).status == 401);
}

TEST_CASE("manual: what is missing or of the wrong type is named") {
    CHECK(refused("/deploy", R"({"env": 1, "ref": "main"})") == "value at /env is not a string");
    CHECK(refused("/deploy", R"({"env": "", "ref": "main"})") == "value at /env is empty");
    CHECK(refused("/deploy", R"({"env": "a\nb", "ref": "main"})").find("control character") !=
          std::string::npos);
    CHECK(refused("/deploy", R"({"env": "staging"})").find("there is neither") !=
          std::string::npos);
    CHECK(refused("/deploy", R"({"env": "staging", "tag": ["v1"]})") ==
          "value at /tag is not a string");
    CHECK(refused("/deploy", R"({"env": "staging", "ref": "a", "services": "b"})") ==
          "value at /services is not an array");
    CHECK(refused("/deploy", R"({"env": "staging", "ref": "a", "services": ["b", 2]})") ==
          "value at /services/1 is not a string");
    CHECK(refused("/deploy", R"({"env": "staging", "ref": "a", "services": ["x\u0000y"]})")
              .find("which is no service id") != std::string::npos);
    CHECK(refused("/deploy", R"({"env": "staging", "ref": "a", "dry_run": "yes"})") ==
          "value at /dry_run is not a boolean");
    CHECK(refused("/deploy", R"({"env": "staging", "ref": "a", "triggered_by": ")" +
                                 std::string(201, 'x') + "\"}")
              .find("longer than 200 bytes") != std::string::npos);
    for (const char* body : {"", "[]", "null", "{\"all\": true", "all=true", "{} {}"}) {
        INFO(body);
        CHECK_FALSE(refused("/sync", body).empty());
    }
    std::string many = R"({"services": ["s")";
    for (int i = 1; i < 1000; ++i) many += ", \"s\"";
    CHECK(send("/sync", many + "]}").kind == Kind::event);
    CHECK(refused("/sync", many + ", \"s\"]}").find("more than 1000 services") !=
          std::string::npos);
}

TEST_CASE("manual: a ref that git would refuse, or take for an option, never gets further") {
    for (const std::string ref : {"main", "v1.2.4", "feature/x-1", "release@2", "a.b", "\xC3\xA4",
                                  "refs/heads/main", "1f5a3a0c8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b"}) {
        INFO(ref);
        CHECK(send("/deploy", deployOf(ref)).kind == Kind::event);
    }
    const std::vector<std::pair<std::string, std::string>> bad = {
        {"", "may not be empty"},
        {"-x", "may not begin with \"-\""},
        {"--upload-pack=touch", "may not begin with \"-\""},
        {"a\\u0000b", "may not have control characters in it"},
        {"a\\nb", "may not have control characters in it"},
        {"a\\u007fb", "may not have control characters in it"},
        {"a b", "may not have \" \" in it"},
        {"a~1", "may not have \"~\" in it"},
        {"a^", "may not have \"^\" in it"},
        {"a:b", "may not have \":\" in it"},
        {"a?", "may not have \"?\" in it"},
        {"a*", "may not have \"*\" in it"},
        {"a[b", "may not have \"[\" in it"},
        {"a\\\\b", "may not have \"\\\" in it"},
        {"a..b", "may not have \"..\" in it"},
        {"a@{1}", "may not have \"@{\" in it"},
        {"@", "may not be \"@\" alone"},
        {"a.lock", "ends with \".lock\""},
        {"a.lock/b", "ends with \".lock\""},
        {"a/.b", "begins with \".\""},
        {"/a", "nor have \"//\""},
        {"a/", "nor have \"//\""},
        {"a//b", "nor have \"//\""},
        {"a.", "may not end with \".\""},
        {std::string(1025, 'a'), "may not be longer than 1024 bytes"}};
    for (const auto& [ref, rule] : bad) {
        INFO(ref);
        const auto why = refused("/deploy", deployOf(ref));
        CHECK(why.find("value at /ref is no ref: ") == 0);
        CHECK(why.find(rule) != std::string::npos);
        CHECK(why.size() < 300);
    }
    CHECK(refused("/deploy", R"({"env": "staging", "tag": "-f"})").find("value at /tag") == 0);
}

TEST_CASE("manual: a request is accepted only with the signature over its bytes") {
    const std::string body = R"({"all": true})";
    const auto status = [&](test::Headers headers) {
        const auto verdict = manual().receive(request("/sync", body, std::move(headers)));
        return verdict.kind == Kind::event ? 200 : verdict.status;
    };
    CHECK(status({{"x-hub-signature-256", test::signature("s3cret", body)}}) == 200);
    CHECK(status({}) == 401);
    CHECK(status({{"x-hub-signature-256", test::signature("other", body)}}) == 401);
    CHECK(status({{"x-hub-signature-256", test::signature("s3cret", body + "\n")}}) == 401);

    const std::string time = "1737694260", nonce = "n0nce.of:8-or_more";
    const auto stamped = [&](const std::string& t, const std::string& n, const std::string& bytes) {
        return status({{"x-hub-signature-256", test::signature("s3cret", bytes)},
                       {"x-iac-timestamp", t},
                       {"x-iac-nonce", n}});
    };
    CHECK(stamped(time, nonce, time + "." + nonce + ".POST /sync." + body) == 200);
    CHECK(stamped(time, nonce, body) == 401);
    CHECK(stamped(time, nonce, time + "." + nonce + "." + body) == 401);
    CHECK(stamped(time, nonce, time + "." + nonce + ".POST /deploy." + body) == 401);
    CHECK(stamped("1737694261", nonce, time + "." + nonce + ".POST /sync." + body) == 401);
    CHECK(stamped(time, nonce + "2", time + "." + nonce + ".POST /sync." + body) == 401);
    for (const std::string bad : {"short", "with space", "umlaut\xC3\xA4\xC3\xA4", ""}) {
        INFO(bad);
        CHECK(stamped(time, bad, time + "." + bad + ".POST /sync." + body) == 401);
    }
    CHECK(stamped(time, std::string(128, 'n'),
                  time + "." + std::string(128, 'n') + ".POST /sync." + body) == 200);
    CHECK(stamped(time, std::string(129, 'n'),
                  time + "." + std::string(129, 'n') + ".POST /sync." + body) == 401);
    for (const std::string bad : {"-1", "1e9", "12x", "1234567890123", ""}) {
        INFO(bad);
        CHECK(stamped(bad, nonce, bad + "." + nonce + ".POST /sync." + body) == 401);
    }
}

TEST_CASE("manual: a stamped request cannot be sent again as a plain one") {
    const std::string time = "1737694260", nonce = "n0nce-n0nce", body = R"({"all": true})";
    const std::string bytes = time + "." + nonce + ".POST /sync." + body;
    const auto verdict = manual().receive(
        request("/sync", bytes, {{"x-hub-signature-256", test::signature("s3cret", bytes)}}));
    CHECK(verdict.kind == Kind::rejected);
    CHECK(verdict.status == 400);
}

TEST_CASE("manual: replay_protection refuses the plain form and says so") {
    const std::string body = R"({"all": true})", more = R"(, "replay_protection": "required")";
    const auto plain = send("/sync", body, more);
    CHECK(plain.kind == Kind::rejected);
    CHECK(plain.status == 401);
    CHECK(plain.reason.find("replay_protection: required") != std::string::npos);
    const auto stamped = manual(more).receive(
        request("/sync", body,
                {{"x-hub-signature-256",
                  test::signature("s3cret", "1737694260.n0nce-n0nce.POST /sync." + body)},
                 {"x-iac-timestamp", "1737694260"},
                 {"x-iac-nonce", "n0nce-n0nce"}}));
    CHECK(stamped.kind == Kind::event);
}

TEST_CASE("manual: without a secret every request is refused") {
    const plugin::Trigger open(test::shipped().find("trigger", "iac.manual"), "{}");
    const std::string body = R"({"all": true})";
    const auto verdict =
        open.receive(request("/sync", body, {{"x-hub-signature-256", test::signature("", body)}}));
    CHECK(verdict.kind == Kind::rejected);
    CHECK(verdict.status == 401);
    CHECK(verdict.reason.find("no secret is configured") != std::string::npos);
}
