#include "base/utf8.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace iac {
namespace {

const std::string kBad = "\xef\xbf\xbd";

}  // namespace

TEST_CASE("what is UTF-8 stays as it is") {
    for (const char* text : {"", "plain", "gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xed\x9f\xbf",
                             "\xf0\x9f\x9a\x80", "\xf4\x8f\xbf\xbf"})
        CHECK(validUtf8(text) == text);
}

TEST_CASE("each byte that is no part of a character is replaced") {
    CHECK(validUtf8("a\xff z") == "a" + kBad + " z");
    CHECK(validUtf8("\x80") == kBad);
    CHECK(validUtf8("cut \xe2\x82") == "cut " + kBad + kBad);           // in the middle of one
    CHECK(validUtf8("\xc0\x80") == kBad + kBad);                        // NUL in two bytes
    CHECK(validUtf8("\xe0\x80\xaf") == kBad + kBad + kBad);             // overlong
    CHECK(validUtf8("\xed\xa0\x80") == kBad + kBad + kBad);             // a surrogate
    CHECK(validUtf8("\xf4\x90\x80\x80") == kBad + kBad + kBad + kBad);  // above U+10FFFF
    CHECK(validUtf8("\xe2(\xa1") == kBad + "(" + kBad);                 // what follows is kept
}

}  // namespace iac

TEST_CASE("a path of any bytes is shown as text that loses nothing", "[utf8]") {
    using iac::pathText;
    CHECK(pathText("platform/01.caf\xc3\xa9/x") == "platform/01.caf\xc3\xa9/x");
    CHECK(pathText("caf\xe9.txt") == "caf\\351.txt");
    CHECK(pathText("caf\\351.txt") == "caf\\\\351.txt");
    CHECK(pathText("\xff\x80/\xed\xa0\x80") == "\\377\\200/\\355\\240\\200");
    CHECK(pathText("\xf0\x9f\x98") == "\\360\\237\\230");
}
