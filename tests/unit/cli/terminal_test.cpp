#include <catch2/catch.hpp>
#include <iostream>
#include <sstream>

#include "cli/signature.hpp"
#include "cli/terminal.hpp"

namespace iac::cli {

TEST_CASE("text from outside cannot give a terminal orders") {
    CHECK(plain("a\x1b[31mb\nc\x7f") == "a?[31mb?c?");
    CHECK(plain("a\xc2\x9b"
                "b") == "a?b");
    CHECK(plain("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
}

TEST_CASE("columns count characters, not bytes") {
    CHECK(width("gr\xc3\xbc\xc3\x9f") == 4);
    CHECK(cut("gr\xc3\xbc\xc3\x9f", 4) == "gr\xc3\xbc\xc3\x9f");
    CHECK(cut("abcdefgh", 6) == "abc...");
}

TEST_CASE("durations are shown as people say them") {
    CHECK(shownSeconds(3.21) == "3.2 s");
    CHECK(shownSeconds(250) == "4 min 10 s");
    CHECK(shownSeconds(-1).empty());
}

TEST_CASE("a table has aligned columns, and no space at the end of a line") {
    std::ostringstream out;
    auto* const real = std::cout.rdbuf(out.rdbuf());
    printTable(
        {{"ID", "STATUS", "WHY"}, {"1042", "success", ""}, {"7", "failed", "gr\xc3\xbc\xc3\x9f"}},
        1);
    std::cout.rdbuf(real);
    CHECK(out.str() == "ID    STATUS   WHY\n1042  success\n7     failed   gr\xc3\xbc\xc3\x9f\n");
}

TEST_CASE("a signature is the HMAC-SHA256 of RFC 4231") {
    CHECK(hmacSha256("Jefe", "what do ya want for nothing?") ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace iac::cli
