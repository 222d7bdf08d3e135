#include "planning/discover.hpp"

#include <catch2/catch.hpp>

using iac::planning::Captures;
using iac::planning::matchPath;
using iac::planning::replaceCaptures;

TEST_CASE("a pattern captures within one segment", "[discover]") {
    CHECK(matchPath("platform/{order}.{name}/deploy.py", "platform/01.postgres/deploy.py") ==
          Captures{{"order", "01"}, {"name", "postgres"}});
    CHECK(matchPath("{a}/{b}", "x/y") == Captures{{"a", "x"}, {"b", "y"}});
    CHECK(matchPath("plain/file", "plain/file") == Captures{});
    CHECK(matchPath("a*c/x", "abbc/x") == Captures{});
}

TEST_CASE("a capture is short unless it is the last of its segment", "[discover]") {
    CHECK(matchPath("{order}.{name}", "01.a.b") == Captures{{"order", "01"}, {"name", "a.b"}});
    CHECK(matchPath("{name}.d", "x.d.d") == Captures{{"name", "x.d"}});
}

TEST_CASE("what does not fit does not match", "[discover]") {
    const auto [pattern, path] = GENERATE(table<const char*, const char*>({
        {"platform/{order}.{name}/deploy.py", "platform/postgres/deploy.py"},
        {"platform/{order}.{name}/deploy.py", "platform/01./deploy.py"},
        {"platform/{order}.{name}/deploy.py", "platform/01.postgres/lib/deploy.py"},
        {"platform/{order}.{name}/deploy.py", "old/platform/01.postgres/deploy.py"},
        {"platform/{name}", "platform"},
        {"{name}", ""},
        {"a/b/", "a/b"},
    }));
    CAPTURE(pattern, path);
    CHECK_FALSE(matchPath(pattern, path).has_value());
}

TEST_CASE("captures are put in, and unknown braces stay", "[discover]") {
    const Captures captures{{"name", "postgres"}};
    CHECK(replaceCaptures("platform/{name}", captures) == "platform/postgres");
    CHECK(replaceCaptures("{name}.{task} {", captures) == "postgres.{task} {");
}

TEST_CASE("captures are put in transformed", "[discover]") {
    const Captures captures{{"name", "Data_engine_2"}};
    CHECK(replaceCaptures("{name|dashed}.sync", captures) == "Data-engine-2.sync");
    CHECK(replaceCaptures("{name|lower}", captures) == "data_engine_2");
    CHECK(replaceCaptures("{name|unknown} {other|lower}", captures) ==
          "{name|unknown} {other|lower}");
}

TEST_CASE("a name is taken only when no program can take it for something else", "[discover]") {
    using iac::planning::whyNoName;
    for (const char* name : {"postgres", "data_engine", "v1.2-x", "9", "A"}) {
        INFO(name);
        CHECK(whyNoName(name, "").empty());
    }
    for (const char* name : {"", "-x", "--reference=x", ".", "..", ".git", "x;touch y", "a b",
                             "a$b", "a`b`", "a\nb", "x=y", "M\xc3\xbcller", "a\x01"}) {
        INFO(name);
        CHECK_FALSE(whyNoName(name, "").empty());
    }
    CHECK(whyNoName("a+b@c", "+@").empty());
    CHECK_FALSE(whyNoName("-x", "-+").empty());
}
