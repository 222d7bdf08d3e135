#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>

#include "shipped.hpp"

using namespace iac;
using plugin::Mapped;
using Paths = std::vector<std::string>;

namespace {

plugin::Mapper mapper(const std::string& rules) {
    return plugin::Mapper(test::shipped().find("mapper", "iac.path-rules"),
                          R"({"rules": [)" + rules + "]}");
}

std::string whyRefused(const std::string& rules) {
    try {
        mapper(rules);
    } catch (const plugin::Refused& e) {
        return e.what();
    }
    return "it was taken";
}

// The service that one rule names for a path; empty: the rule does not match.
std::string mapped(const std::string& pattern, const std::string& path,
                   const std::string& service = "yes") {
    const auto rules = mapper(R"({"path": ")" + pattern + R"(", "service": ")" + service + "\"}");
    const auto all = rules.map({path}, {}, "staging");
    REQUIRE(all.size() <= 1);
    return all.empty() ? "" : all[0].service;
}

bool matches(const std::string& pattern, const std::string& path) {
    return mapped(pattern, path) == "yes";
}

std::vector<std::string> serviceIds(const std::vector<Mapped>& all) {
    std::vector<std::string> ids;
    for (const auto& one : all) ids.push_back(one.service);
    return ids;
}

const std::string kShipped = R"(
    { "path": "bootstrap/**", "skip": "deployed by hand: the runner must not restart itself" },
    { "path": "finance_report/**", "skip": "has its own pipeline" },
    { "path": "finance/**", "skip": "has its own pipeline" },
    { "path": "platform/*.{name}/**", "service": "platform/{name}" },
    { "path": "libs/**", "service": "platform/*" })";

}  // namespace

TEST_CASE("path-rules: the rules of the example map what they say") {
    const auto rules = mapper(kShipped);
    const std::vector<std::string> known = {"platform/postgres", "platform/redis", "edge/traefik"};
    CHECK(rules.map({"platform/01.postgres/compose.yaml"}, known, "staging") ==
          std::vector<Mapped>{{"platform/postgres", "platform/01.postgres/compose.yaml", false,
                               "platform/*.{name}/**"}});
    CHECK(rules.map({"libs/common/env.py"}, known, "staging") ==
          std::vector<Mapped>{{"platform/postgres", "libs/common/env.py", false, "libs/**"},
                              {"platform/redis", "libs/common/env.py", false, "libs/**"}});
    CHECK(rules.map({"bootstrap/05.vault/compose.yaml"}, known, "staging") ==
          std::vector<Mapped>{{"bootstrap/vault", "bootstrap/05.vault/compose.yaml", true,
                               "deployed by hand: the runner must not restart itself"}});
    CHECK(rules
              .map({"README.md", "platform/README.md", "platform", "libs", ".github/x.yml"}, known,
                   "staging")
              .empty());
    CHECK(rules.map({}, known, "staging").empty());
}

TEST_CASE("path-rules: the first rule that matches decides") {
    const auto rules = mapper(R"({"path": "a/special/**", "service": "special"},
                                 {"path": "a/*/x", "service": "x"}, {"path": "a/**", "service": "a"},
                                 {"path": "**", "service": "rest"})");
    CHECK(serviceIds(rules.map({"a/special/x", "a/b/x", "a/b/y", "b"}, {}, "")) ==
          std::vector<std::string>{"special", "x", "a", "rest"});
    // Also when the later rule is the more exact one.
    const auto shadowed = mapper(R"({"path": "**/x", "service": "any"},
                                    {"path": "a/b/x", "service": "exact"})");
    CHECK(serviceIds(shadowed.map({"a/b/x"}, {}, "")) == std::vector<std::string>{"any"});
}

TEST_CASE("path-rules: a star, a question mark and a set stay within one segment") {
    CHECK(matches("a/*/c", "a/b/c"));
    CHECK_FALSE(matches("a/*/c", "a/b/b/c"));
    CHECK(matches("*.md", "README.md"));
    CHECK_FALSE(matches("*.md", "docs/README.md"));
    CHECK(matches("*", ".hidden"));
    CHECK(matches("a*b*c", "aXbYbZc"));
    CHECK(matches("a*", "a"));
    CHECK_FALSE(matches("a*b", "a"));
    CHECK(matches("a?c", "abc"));
    CHECK(matches("a?c",
                  "a\xC3\xA4"
                  "c"));
    CHECK_FALSE(matches("a?c", "ac"));
    CHECK_FALSE(matches("a?c", "a/c"));
    CHECK(matches("[0-9][0-9].*", "05.vault"));
    CHECK_FALSE(matches("[0-9][0-9].*", "x5.vault"));
    CHECK(matches("[!a-c]x", "dx"));
    CHECK_FALSE(matches("[!a-c]x", "bx"));
    CHECK_FALSE(matches("[^a]x", "ax"));
    CHECK(matches("[]a]x", "]x"));
    CHECK(matches("[a-]x", "-x"));
    CHECK(matches("[\xC3\xA0-\xC3\xBF]", "\xC3\xA4"));
    CHECK(matches(R"(a\\*b)", "a*b"));
    CHECK_FALSE(matches(R"(a\\*b)", "aXb"));
    CHECK_FALSE(matches("readme.md", "README.md"));
    CHECK(matches("exact/file.txt", "exact/file.txt"));
    CHECK_FALSE(matches("exact/file.txt", "exact/file.txt2"));
    CHECK_FALSE(matches("exact/file.txt", "x/exact/file.txt"));
    CHECK_FALSE(matches("a", "a/b"));
}

TEST_CASE("path-rules: two stars are any number of segments, and at the end at least one") {
    CHECK(matches("**", "a"));
    CHECK(matches("**", "a/b/c"));
    CHECK(matches("a/**", "a/b"));
    CHECK(matches("a/**", "a/b/c/d"));
    CHECK_FALSE(matches("a/**", "a"));
    CHECK_FALSE(matches("a/**", "ab/c"));
    CHECK(matches("**/x.yaml", "x.yaml"));
    CHECK(matches("**/x.yaml", "a/b/x.yaml"));
    CHECK_FALSE(matches("**/x.yaml", "a/b/xx.yaml"));
    CHECK(matches("a/**/z", "a/z"));
    CHECK(matches("a/**/z", "a/b/z/c/z"));
    CHECK_FALSE(matches("a/**/z", "a/b/z/c"));
    CHECK(matches("a/**/**/z", "a/z"));
    CHECK(matches("**/b/**/d/*", "a/b/c/b/d/e"));
    CHECK_FALSE(matches("**/b/**/d/*", "a/b/c/d"));
}

TEST_CASE("path-rules: a capture takes one or more characters of its segment, as few as it can") {
    CHECK(mapped("platform/*.{name}/**", "platform/01.postgres/a", "p/{name}") == "p/postgres");
    CHECK(mapped("*.{name}", "01.a.b", "{name}") == "a.b");
    CHECK(mapped("{name}.yaml", "a.yaml.yaml", "{name}") == "a.yaml");
    CHECK(mapped("{a}-{b}", "x-y-z", "{b}+{a}") == "y-z+x");
    CHECK(mapped("{group}/*/{file}.py", "ops/x/deploy.py", "{group}/{file}/{group}") ==
          "ops/deploy/ops");
    CHECK(mapped("**/{name}/deploy.py", "a/b/c/deploy.py", "{name}") == "c");
    CHECK(mapped("{n}", "\xC3\xA4", "{n}") == "\xC3\xA4");
    CHECK(mapped("a.{name}/**", "a./x", "{name}").empty());
    CHECK(mapped("platform/*.{name}/**", "platform/postgres/x", "{name}").empty());
    CHECK(mapped("{a}{b}", "xyz", "{a}+{b}") == "x+yz");
    // Of two rules only the captures of the one that matches count.
    const auto rules = mapper(R"({"path": "{a}/{b}/x", "service": "{a}{b}"},
                                 {"path": "{c}/**", "service": "{c}"})");
    CHECK(serviceIds(rules.map({"p/q/y"}, {}, "")) == std::vector<std::string>{"p"});
}

TEST_CASE("path-rules: a pattern names each known service that matches, once") {
    const auto rules = mapper(R"({"path": "libs/{kind}/**", "service": "{kind}/*"},
                                 {"path": "all/**", "service": "**"})");
    const std::vector<std::string> known = {"db/postgres", "db/redis", "edge/proxy", "db/x/y"};
    CHECK(rules.map({"libs/db/a", "libs/db/b", "libs/edge/c"}, known, "") ==
          std::vector<Mapped>{{"db/postgres", "libs/db/a", false, "libs/{kind}/**"},
                              {"db/redis", "libs/db/a", false, "libs/{kind}/**"},
                              {"edge/proxy", "libs/edge/c", false, "libs/{kind}/**"}});
    CHECK(serviceIds(rules.map({"all/x"}, known, "")) == known);
    CHECK(rules.map({"libs/db/a", "all/x"}, {}, "").empty());
    CHECK(rules.map({"libs/none/a"}, known, "").empty());
    // What a folder is called is never a wildcard.
    CHECK(rules.map({"libs/*/a", "libs/d?/a", "libs/[de]b/a", "libs/{x}/a"}, known, "").empty());
}

TEST_CASE("path-rules: a skipped path names the service of its rule, else its folder") {
    const auto rules = mapper(
        R"({"path": "ops/*.{name}/**", "skip": "by hand", "service": "ops/{name}"},
           {"path": "frozen/**", "skip": "frozen", "service": "platform/*"},
           {"path": "**", "skip": "not deployed"})");
    const auto skipped = [&](const std::string& path) {
        const auto all = rules.map({path}, {"platform/a", "platform/b"}, "");
        for (const auto& one : all) CHECK(one.skip);
        return serviceIds(all);
    };
    using Ids = std::vector<std::string>;
    CHECK(skipped("ops/1.vault/x") == Ids{"ops/vault"});
    CHECK(skipped("frozen/x") == Ids{"platform/a", "platform/b"});
    CHECK(skipped("bootstrap/05.vault/x/y") == Ids{"bootstrap/vault"});
    CHECK(skipped("07.bootstrap/vault/x") == Ids{"bootstrap/vault"});
    CHECK(skipped("bootstrap/README.md") == Ids{"bootstrap"});
    CHECK(skipped("README.md") == Ids{"README.md"});
    CHECK(skipped("a/05./x") == Ids{"a/05."});
    CHECK(skipped("a/05/x") == Ids{"a/05"});
}

TEST_CASE("path-rules: a bad rule is refused with its place") {
    const std::string good = R"({"path": "a/**", "service": "a"}, )";
    const auto why = [&](const std::string& rule) { return whyRefused(good + rule); };
    using Catch::Contains;
    CHECK_THAT(why(R"({"path": "a/{b", "service": "x"})"),
               Contains("rules[1].path: \"{\" is not closed"));
    CHECK_THAT(why(R"({"path": "", "service": "x"})"), Contains("rules[1].path: it is empty"));
    CHECK_THAT(why(R"({"path": "/a", "service": "x"})"), Contains("rules[1].path: it begins with"));
    for (const auto* path : {"!a/**", "!", "!*.md"})
        CHECK_THAT(why(std::string(R"({"path": ")") + path + R"(", "service": "x"})"),
                   Contains("rules[1].path: it begins with \"!\"") && Contains("`skip`"));
    CHECK_THAT(why(R"({"path": "libs/", "service": "x"})"), Contains("write \"libs/**\""));
    CHECK_THAT(why(R"({"path": "a//b", "service": "x"})"), Contains("\"//\""));
    CHECK_THAT(why(R"({"path": "../b", "service": "x"})"), Contains("\"..\""));
    CHECK_THAT(why(R"({"path": "a**b", "service": "x"})"), Contains("between slashes"));
    CHECK_THAT(why(R"({"path": "[a", "service": "x"})"), Contains("\"[\" is not closed"));
    CHECK_THAT(why(R"({"path": "[", "service": "x"})"), Contains("\"[\" is not closed"));
    CHECK_THAT(why(R"({"path": "[z-a]", "service": "x"})"), Contains("backwards"));
    CHECK_THAT(why(R"({"path": "a}", "service": "x"})"), Contains("closes nothing"));
    CHECK_THAT(why(R"({"path": "{a,b}", "service": "x"})"), Contains("is no capture"));
    CHECK_THAT(why(R"({"path": "{}", "service": "x"})"), Contains("is no capture"));
    CHECK_THAT(why(R"({"path": "{a}/{a}", "service": "x"})"), Contains("captured twice"));
    CHECK_THAT(why(R"({"path": "a\\", "service": "x"})"), Contains("lone backslash"));
    CHECK_THAT(why(R"({"path": "[a\\", "service": "x"})"), Contains("\"[\" is not closed"));
    CHECK_THAT(why(R"({"path": "a\u0000", "service": "x"})"), Contains("NUL"));
    CHECK_THAT(why(R"({"path": "{name}", "service": "p/{nme}"})"),
               Contains("rules[1].service: \"{nme}\" is not captured (its path has: {name})"));
    CHECK_THAT(why(R"({"path": "a", "service": "{x}"})"), Contains("(its path has none)"));
    CHECK_THAT(why(R"({"path": "a", "service": "{x"})"), Contains("rules[1].service: \"{\""));
    CHECK_THAT(why(R"({"path": "a", "service": ""})"), Contains("rules[1].service: it is empty"));
    CHECK_THAT(why(R"({"path": "a", "service": "p/[*"})"), Contains("rules[1].service: \"[\""));
    CHECK_THAT(why(R"({"path": "a"})"), Contains("rules[1]: it needs a `service`"));
    CHECK_THAT(why(R"({"path": "a", "skip": ""})"), Contains("rules[1].skip"));
    CHECK_THAT(why(R"({"service": "a"})"), Contains("rules[1]: missing value at /path"));
    CHECK_THAT(why(R"({"path": 1, "service": "a"})"), Contains("rules[1]: value at /path"));
}

TEST_CASE("path-rules: no pattern makes a path slow") {
    // What sends a matcher that tries everything twice into the next century.
    std::string stars, deep;
    for (int i = 0; i < 30; ++i) {
        stars += "*a";
        deep += "**/a/";
    }
    const auto rules = mapper(R"({"path": ")" + stars + R"(b", "service": "x"}, {"path": ")" +
                              deep + R"(*b", "service": "x"})");
    std::string folders;
    for (int i = 0; i < 1000; ++i) folders += "a/";
    const auto begin = std::chrono::steady_clock::now();
    CHECK(rules.map({std::string(4000, 'a'), folders + "a"}, {}, "").empty());
    CHECK(rules.map({std::string(4000, 'a') + "b", folders + "ab"}, {}, "").size() == 2);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("path-rules: the same paths give the same answer, in the order of the paths") {
    const auto rules = mapper(kShipped);
    const Paths paths = {"platform/02.redis/a", "platform/01.postgres/b", "platform/02.redis/c"};
    const auto once = rules.map(paths, {}, "staging");
    CHECK(serviceIds(once) ==
          std::vector<std::string>{"platform/redis", "platform/postgres", "platform/redis"});
    CHECK(rules.map(paths, {}, "production") == once);
}
