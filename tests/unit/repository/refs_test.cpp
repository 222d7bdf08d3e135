#include <catch2/catch.hpp>

#include "model/event.hpp"
#include "repository/mirror.hpp"

using namespace iac::repository;
using iac::isFullSha;

TEST_CASE("names that git allows for a branch or a tag are refs", "[refs]") {
    for (const char* ref : {"main", "v1.2.4", "feature/a", "refs/heads/main", "a-b", "a/-b", "@a",
                            "a@b", "ümlaut", "a.b", "a{b", "x.lock.y", "HEAD", "a+b", "#1"}) {
        INFO(ref);
        CHECK(isValidRef(ref));
    }
    CHECK(isValidRef("0123456789012345678901234567890123456789"));
    CHECK(isValidRef(std::string(255, 'a')));
}

TEST_CASE("what git forbids, or could take for an option, is no ref", "[refs]") {
    for (const char* ref : {"",     "-",     "-x",     "--upload-pack=touch x",
                            "@",    "a..b",  "a b",    "a~1",
                            "a^",   "a:b",   "a?",     "a*",
                            "a[b",  "a\\b",  "a@{1}",  ".a",
                            "a/.b", "a.",    "a.lock", "a.lock/b",
                            "/a",   "a/",    "a//b",   "a\nb",
                            "a\tb", "a\x7f", "main\r"}) {
        INFO(ref);
        CHECK_FALSE(isValidRef(ref));
    }
    CHECK_FALSE(isValidRef(std::string_view("a\0b", 3)));
    CHECK_FALSE(isValidRef(std::string(256, 'a')));
}

TEST_CASE("a full SHA is 40 or 64 lower case hexadecimal digits", "[refs]") {
    CHECK(isFullSha("0123456789abcdef0123456789abcdef01234567"));
    CHECK(isFullSha(std::string(64, 'f')));
    CHECK_FALSE(isFullSha("0123456789ABCDEF0123456789abcdef01234567"));
    CHECK_FALSE(isFullSha("0123456789abcdef0123456789abcdef0123456"));
    CHECK_FALSE(isFullSha("0123456789abcdef0123456789abcdef0123456g"));
    CHECK_FALSE(isFullSha("abc1234"));
    CHECK_FALSE(isFullSha(""));
}
