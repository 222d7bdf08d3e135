// What the notifiers share: cutting and cleaning text that others wrote, and templates.
#include <catch2/catch.hpp>
#include <iac/plugin.hpp>

#include "../../../plugins/notifiers/template.hpp"
#include "../../../plugins/notifiers/text.hpp"

using namespace iac::notifiers;

namespace {

std::string whyNot(const std::string& text) {
    try {
        const Template made("title", text, {"environment", "subject"});
    } catch (const iac::Error& e) {
        CHECK(e.status() == IAC_INVALID);
        return e.what();
    }
    return {};
}

}  // namespace

TEST_CASE("notifier text: a width is in UTF-16 units") {
    CHECK(width("") == 0);
    CHECK(width("abc") == 3);
    CHECK(width("zürich") == 6);
    CHECK(width("日本") == 2);
    CHECK(width("🎉") == 2);
}

TEST_CASE("notifier text: a cut text is no longer than asked, and ends at a whole character") {
    CHECK(cut("abcdef", 6) == "abcdef");
    CHECK(cut("abcdef", 5) == "abcd…");
    CHECK(cut("abcdef", 1) == "…");
    CHECK(cut("abcdef", 0).empty());
    CHECK(cut("🎉🎉🎉", 6) == "🎉🎉🎉");
    CHECK(cut("🎉🎉🎉", 5) == "🎉🎉…");
    CHECK(cut("🎉🎉🎉", 4) == "🎉…");
    // A letter and its accent, a hand and its colour, a family: each is one for those who read it.
    CHECK(cut("xe\u0301yz", 3) == "x…");
    CHECK(cut("ab👍🏽cd", 6) == "ab…");
    CHECK(cut("👩‍👩‍👧 at home", 9) == "👩‍👩‍👧…");
    CHECK(cut("👩‍👩‍👧 at home", 8) == "…");
    for (std::size_t most = 0; most < 40; ++most)
        CHECK(width(cut("日本語 é 🎉 👍🏽 abc e\u0301 👩‍👩‍👧 xyz", most)) <=
              most);
}

TEST_CASE("notifier text: of a log the end is kept, from the beginning of a line") {
    const std::string log = "first line\nsecond line\nthird line";
    CHECK(cutToEnd(log, 100) == log);
    CHECK(cutToEnd(log, 26) == "…\nsecond line\nthird line");
    CHECK(cutToEnd("no line ends in here", 5) == "…here");
    CHECK(cutToEnd(log, 0).empty());
    for (std::size_t most = 0; most < 40; ++most)
        CHECK(width(cutToEnd("日本語 é\n🎉 👍🏽 abc\ne\u0301 👩‍👩‍👧 xyz",
                             most)) <= most);
}

TEST_CASE("notifier text: a line has no line ends, escape sequences or turned directions") {
    CHECK(oneLine("a\nb\r\nc\td") == "a b  c d");
    CHECK(oneLine("\x1b[31mred\x1b[0m and \x1b]0;title\x07plain\x1b(") == "red and plain");
    CHECK(oneLine("safe\u202Eexe.txt\u202C\u200B") == "safeexe.txt\u200B");
    CHECK(oneLine(std::string("a\0b", 3)) == "a b");
    CHECK(oneLine("  a  ") == "a");
    CHECK(oneLine("\x1b") == "");
    CHECK(oneLine("\x1b\xc3\xa9") == "é");
    CHECK(lines("\n\n  a\tb\r\nc\x1b[1m\n") == "  a\tb\nc");
}

TEST_CASE("notifier text: a template is filled with fields, and braces are doubled") {
    const Template made("title", "{environment}: {{x}} {subject}{subject}",
                        {"environment", "subject"});
    CHECK(made.fill({{"environment", "staging"}, {"subject", "{environment} <b>"}}) ==
          "staging: {x} {environment} <b>{environment} <b>");
    CHECK(made.fill({}) == ": {x} ");
}

TEST_CASE("notifier text: a template that does not parse is refused with its place") {
    CHECK(whyNot("plain").empty());
    CHECK(whyNot("ü {enviroment}") ==
          "title: at character 3 there is no field {enviroment}; there are: environment, subject");
    CHECK(whyNot("a {subject") ==
          "title: at character 3 is a \"{\" that nothing closes; a brace itself is written \"{{\"");
    CHECK(whyNot("a {sub{ject}") ==
          "title: at character 3 is a \"{\" that nothing closes; a brace itself is written \"{{\"");
    CHECK(whyNot("a} b") ==
          "title: at character 2 is a \"}\" that nothing opens; a brace itself is written \"}}\"");
    CHECK(whyNot("{}").find("there is no field {}") != std::string::npos);
    CHECK(whyNot("{" + std::string(500, 'x') + "}").size() < 200);
}
