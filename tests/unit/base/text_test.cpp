#include <iac/text.hpp>

#include <catch2/catch.hpp>

using iac::text::Keep;
using iac::text::stripped;
using iac::text::Stripper;

TEST_CASE("text: escape sequences are taken out whole", "[text]") {
    const std::pair<const char*, const char*> cases[] = {
        {"\x1b[31mred\x1b[0m", "red"},
        {"\x1b[38;2;1;2;3mx\x1b[K\x1b[2J\x1b[1;1Hy", "xy"},
        {"\x1b]0;title\x07shown", "shown"},
        {"\x1b]8;;https://evil\x1b\\link\x1b]8;;\x1b\\", "link"},
        {"\x1b]52;c;c2VjcmV0\x07x", "x"},
        {"\x1b(Bx\x1b)0y\x1b%Gz", "xyz"},
        {"\x1bP1$r0m\x1b\\x\x1b_apc\x1b\\y\x1b^pm\x1b\\z\x1bXsos\x1b\\!", "xyz!"},
        {"\x1b"
         "7x\x1b"
         "8\x1b"
         "c\x1bM",
         "x"},
        {"\xc2\x9b"
         "31mx\xc2\x9d"
         "0;t\x07y\xc2\x85z",
         "xyz"},
        {"a\x08\x7f\x01z", "az"},
        {"evil\xe2\x80\xae"
         "gpj.exe\xe2\x81\xa6\xd8\x9c\xe2\x80\x8f",
         "evilgpj.exe"},
        {"Z\xc3\xbcrich \xe2\x82\xac \xe2\x94\x82 \xc2\xa0 \xd8\xa7",
         "Z\xc3\xbcrich \xe2\x82\xac \xe2\x94\x82 \xc2\xa0 \xd8\xa7"},
        {"\x1b[31", ""},
        {"\x1b]0;never ended\nnext", "next"},
        {"\x1b[3\x01"
         "1mx",
         "1mx"},
    };
    for (const auto& [text, plain] : cases) {
        INFO(text);
        CHECK(stripped(text) == plain);
        // In pieces of one byte it is the same.
        Stripper stripper;
        std::string out;
        for (const char c : std::string_view(text)) out += stripper.next({&c, 1});
        CHECK(out == plain);
    }
}

TEST_CASE("text: colours and lines stay where they are wanted", "[text]") {
    CHECK(stripped("\x1b[1;31mx\x1b[0m\x1b[2J\n\ty\r\n", Keep{true, true}) ==
          "\x1b[1;31mx\x1b[0m\n\ty\r\n");
    CHECK(stripped("a\n\tb\r", Keep{false, false}) == "ab");
}

TEST_CASE("text: what is left open swallows little", "[text]") {
    const std::string open = "\x1b]0;" + std::string(10'000, 'x') + "end";
    CHECK(stripped(open).size() < 6'000);
    CHECK(stripped(open).substr(stripped(open).size() - 3) == "end");
}

TEST_CASE("text: cuts never part a character", "[text]") {
    const std::string text = "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80z";
    for (std::size_t most = 0; most <= text.size(); ++most) {
        const auto begin = iac::text::beginning(text, most), end = iac::text::ending(text, most);
        CHECK(begin.size() <= most);
        CHECK(end.size() <= most);
        CHECK((end.empty() || (static_cast<unsigned char>(end[0]) & 0xC0u) != 0x80u));
        CHECK((begin.size() == text.size() ||
               (static_cast<unsigned char>(text[begin.size()]) & 0xC0u) != 0x80u));
    }
}
