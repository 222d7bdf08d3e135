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

TEST_CASE("a ref that is not there is refused with how a commit is asked for", "[refs]") {
    using Catch::Contains;
    const std::string sha = "8e33f3c54bfe22062bf28c477206881b95780d5f";
    CHECK(noSuchRef("v1.0") == "there is no branch, tag or commit \"v1.0\" in the repository");
    CHECK(noSuchRef(sha) == "there is no branch, tag or commit \"" + sha + "\" in the repository");
    CHECK(noSuchRef("v1.0", "v1.0") == "there is no tag \"v1.0\" in the repository");
    const std::string written = GENERATE_COPY(
        sha.substr(0, 7), sha.substr(0, 39), std::string("8E33F3C"), std::string("8E33f3c"),
        std::string("8E33F3C54BFE22062BF28C477206881B95780D5F"), std::string(64, 'F'));
    CAPTURE(written);
    CHECK_THAT(noSuchRef(written), Contains("no branch or tag \"" + written + "\"") &&
                                       Contains("full SHA in lower case") &&
                                       Contains("git rev-parse " + written));
    for (const auto& tag : {written, sha})
        CHECK_THAT(noSuchRef(tag, tag), Contains("there is no tag \"" + tag + "\"") &&
                                            Contains("as a ref, not as a tag"));
}
