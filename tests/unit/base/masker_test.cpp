#include "base/masker.hpp"

#include <catch2/catch.hpp>
#include <random>

using iac::isWeakSecret;
using iac::MaskedStream;
using iac::MaskedValues;
using iac::Masker;

namespace {

std::string masked(const std::vector<std::string>& secrets, std::string_view text) {
    return MaskedValues(secrets).mask(text);
}

std::string inPieces(const std::vector<std::string>& secrets,
                     const std::vector<std::string>& pieces) {
    MaskedStream stream(std::make_shared<const MaskedValues>(secrets));
    std::string out;
    for (const auto& piece : pieces) out += stream.next(piece);
    return out + stream.finish();
}

// The text in pieces of at most `longest` bytes through a stream.
template <class Random>
std::string streamed(const std::vector<std::string>& secrets, std::string_view text,
                     std::size_t longest, Random& random) {
    MaskedStream stream(std::make_shared<const MaskedValues>(secrets));
    std::string out;
    while (!text.empty()) {
        const std::size_t size =
            std::min(text.size(), std::uniform_int_distribution<std::size_t>(1, longest)(random));
        out += stream.next(text.substr(0, size));
        text.remove_prefix(size);
    }
    return out + stream.finish();
}

}  // namespace

TEST_CASE("a secret is masked wherever it stands", "[masker]") {
    CHECK(masked({"hunter22"}, "hunter22") == "[secret]");
    CHECK(masked({"hunter22"}, "a hunter22, hunter22hunter22") == "a [secret], [secret][secret]");
    CHECK(masked({"hunter22"}, "hunter2 unter22") == "hunter2 unter22");
    CHECK(masked({}, "text") == "text");
    CHECK(masked({"hunter22"}, "") == "");
    CHECK(masked({std::string("a\0b\0c", 5)}, std::string("xa\0b\0cx", 7)) == "x[secret]x");
}

TEST_CASE("a secret is masked in the spellings it may take on its way", "[masker]") {
    const std::vector<std::string> secrets{"p@ss/word?\"x\\\t~"};
    CHECK(masked(secrets, "p%40ss%2Fword%3F%22x%5C%09~ p%40ss%2fword%3f%22x%5c%09~") ==
          "[secret] [secret]");
    CHECK(masked(secrets, R"({"a":"p@ss/word?\"x\\\t~","b":"p@ss\/word?\"x\\\t~"})") ==
          R"({"a":"[secret]","b":"[secret]"})");
    CHECK(masked({"hunter22"}, "aHVudGVyMjI=") == "[secret]");

    SECTION("in base64 of a longer text, at each of the three places") {
        CHECK(masked({"hunter22"}, "dXNlcjpodW50ZXIyMg==") != "dXNlcjpodW50ZXIyMg==");  // user:...
        for (const char* text : {"aHVudGVyMjIh", "IWh1bnRlcjIyIQ==", "ISFodW50ZXIyMiE="}) {
            INFO(text);
            CHECK(masked({"hunter22"}, text).find("[secret]") != std::string::npos);
            CHECK(masked({"hunter22"}, text).find("dW50ZX") == std::string::npos);
            CHECK(masked({"hunter22"}, text).find("h1bnRl") == std::string::npos);
        }
    }
    SECTION("in base64url") {
        CHECK(masked({"\xfb\xff\xfe\xfb\xff\xfe"}, "+//++//+ -__--__-") == "[secret] [secret]");
    }
}

TEST_CASE("a secret of several lines is masked line by line too", "[masker]") {
    const std::vector<std::string> key{"-----\nfirstline1\r\nsecondline\n{}\n"};
    CHECK(masked(key, "> firstline1\n> secondline\n> {}\n> -----") ==
          "> [secret]\n> [secret]\n> {}\n> -----");
    CHECK(masked(key, key[0]) == "[secret]");
}

TEST_CASE("what is too short for a secret is left alone", "[masker]") {
    CHECK(masked({"", "a", "abc"}, "abc a") == "abc a");
    CHECK(masked({"abcd"}, "abcd") == "[secret]");
}

TEST_CASE("the longer of two secrets wins, so that nothing of it is left", "[masker]") {
    CHECK(masked({"token", "token-and-more"}, "token-and-more token") == "[secret] [secret]");
}

TEST_CASE("a secret split over two pieces of a stream is masked", "[masker]") {
    MaskedStream stream(std::make_shared<const MaskedValues>(std::vector<std::string>{"hunter22"}));
    CHECK(stream.next("the hun") == "the ");
    CHECK(stream.next("ter22 and hun") == "[secret] and ");
    CHECK(stream.next("ger") == "hunger");
    CHECK(stream.next("hunter2") == "");
    CHECK(stream.finish() == "hunter2");
    CHECK(stream.finish() == "");
}

TEST_CASE("a secret that ends as one begins does not leak at the end of a piece", "[masker]") {
    CHECK(inPieces({"abcXYabc"}, {"abcXYabc", "\n"}) == "[secret]\n");
    CHECK(inPieces({"hunter22", "22secret"}, {"hunter22", "!"}) == "[secret]!");
    CHECK(inPieces({"token", "token-and-more"}, {"token", "-and-more"}) == "[secret]");
    CHECK(inPieces({"token", "token-and-more"}, {"token", "-and"}) == "[secret]-and");
}

TEST_CASE("however a stream is cut, it says what the whole text would", "[masker]") {
    std::mt19937 random(20'250'124);  // the same each time: a failure can be repeated
    const std::vector<std::string> secrets{"abab", "ababa", "bbaab", "aaaa", "abba\nabbabbaab"};
    for (int round = 0; round < 500; ++round) {
        std::string text;
        for (int i = 0; i < 120; ++i) text += "abab\nab"[random() % 7];
        INFO(text);
        REQUIRE(streamed(secrets, text, 1 + random() % 9, random) == masked(secrets, text));
    }
}

TEST_CASE("a masker learns new secrets while it is used, and forgets no rotated one", "[masker]") {
    iac::Masker masker;
    CHECK(masker.mask("hunter22") == "hunter22");
    masker.learn({"hunter22"});
    const auto before = masker.values();
    CHECK(masker.mask("hunter22") == "[secret]");
    masker.learn({"other-one", "hunter22"});
    CHECK(masker.mask("hunter22 other-one") == "[secret] [secret]");
    CHECK(before->mask("hunter22 other-one") == "[secret] other-one");
}

TEST_CASE("a masker knows a bounded number of secrets, the newest", "[masker]") {
    constexpr auto kMost = iac::Masker::kMostSecrets;
    std::vector<std::string> secrets;
    for (std::size_t i = 0; i < kMost; ++i)
        secrets.push_back("secret" + std::to_string(1'000'000 + i));
    iac::Masker masker;
    masker.learn(secrets);
    CHECK(masker.mask(secrets.front()) == "[secret]");
    // In use still: not the one that is forgotten.
    masker.learn({secrets.front()});
    masker.learn({"one-more"});
    CHECK(masker.mask(secrets.front()) == "[secret]");
    CHECK(masker.mask(secrets[1]) == secrets[1]);
    CHECK(masker.mask(secrets[2]) == "[secret]");
    CHECK(masker.mask("one-more") == "[secret]");
}

TEST_CASE("secrets that plugins fetch take no place of the configured ones", "[masker]") {
    iac::Masker masker;
    masker.learn({"configured"});
    for (std::size_t i = 0; i <= iac::Masker::kMostFetched; ++i)
        masker.learnFetched("fetched-" + std::to_string(10'000 + i));
    CHECK(masker.mask("fetched-10000") == "fetched-10000");
    CHECK(masker.mask("fetched-10001 fetched-11000") == "[secret] [secret]");
    CHECK(masker.mask("configured") == "[secret]");
    masker.learn({"configured", "another"});
    CHECK(masker.mask("fetched-11000 another") == "[secret] [secret]");
}

TEST_CASE("a stream masks what becomes a secret while it is kept", "[masker]") {
    iac::Masker masker;
    masker.learn({"first-secret"});
    iac::MaskedStream stream(masker.values());
    CHECK(stream.next("a first-") == "a ");
    masker.learnFetched("second-secret");
    stream.use(masker.values());
    CHECK(stream.next("secret and second-sec") == "[secret] and ");
    const std::string rest = stream.next("ret.");
    CHECK(rest + stream.finish() == "[secret].");
}

TEST_CASE("a secret is masked however URLs and JSON spell it", "[masker]") {
    const std::string secret = "p/s s&w<d>'(!)*\xc3\xbc+~\x01z";
    Masker masker;
    masker.learn({secret});
    for (const std::string spelled :
         {"p/s%20s%26w%3Cd%3E%27%28%21%29%2A%C3%BC%2B~%01z",      // Python quote()
          "p%2Fs+s%26w%3Cd%3E%27%28%21%29%2A%C3%BC%2B~%01z",      // quote_plus()
          "p%2fs%20s%26w%3cd%3e'(!)*%c3%bc%2b~%01z",              // encodeURIComponent()
          "p%2Fs+s%26w%3Cd%3E%27%28%21%29*%C3%BC%2B%7E%01z",      // a form of HTML
          "p/s s\\u0026w\\u003cd\\u003e'(!)*\xc3\xbc+~\\u0001z",  // safe for HTML
          "p/s s&w<d>'(!)*\\u00fc+~\\u0001z",                     // json.dumps()
          "p/s s&w<d>'(!)*\\u00FC+~\\u0001z",
          "p/s s\\u0026w\\u003Cd\\u003E'(!)*\\u00FC+~\\u0001z"}) {
        INFO(spelled);
        CHECK(masker.mask("a " + spelled + " b") == "a [secret] b");
    }
}

TEST_CASE("a secret is masked without the blanks that a file had around it", "[masker]") {
    Masker masker;
    masker.learn({"hunter2-hunter2\n", "  blanks-around \t", "crlf-secret-1\r\n"});
    CHECK(masker.mask("x=hunter2-hunter2;") == "x=[secret];");
    CHECK(masker.mask("x=blanks-around;") == "x=[secret];");
    CHECK(masker.mask("x=crlf-secret-1;") == "x=[secret];");
}

TEST_CASE("a short line of a secret of several lines is masked, a word is not", "[masker]") {
    Masker masker;
    masker.learn({"{\nAbC9x7\nadmin\n1234\n}\n"});
    CHECK(masker.mask("an admin said AbC9x7 and 1234") == "an admin said [secret] and 1234");
}

TEST_CASE("a secret is masked where line breaks part it", "[masker]") {
    const std::string secret =
        "0123456789abcdefGHIJKLMNOPQRSTUVWXYZ-0123456789abcdefGHIJKLMNOPQRST";
    Masker masker;
    masker.learn({secret});
    const auto parted = [](const std::string& text, std::size_t width, const std::string& with) {
        std::string out;
        for (std::size_t at = 0; at < text.size(); at += width)
            out += (at == 0 ? "" : with) + text.substr(at, width);
        return out;
    };
    for (const std::string with :
         {"\n", "\r\n", "\n    ", " \n ", " \xe2\x94\x82\n\xe2\x94\x82 ", " |\n| "})
        for (const std::size_t width : {7u, 30u, 64u}) {
            INFO(with << width);
            CHECK(masker.mask("<" + parted(secret, width, with) + ">") == "<[secret]>");
        }
    // As base64(1) and openssl wrap it.
    const std::string base64 =
        "MDEyMzQ1Njc4OWFiY2RlZkdISUpLTE1OT1BRUlNUVVZXWFlaLTAxMjM0NTY3ODlhYmNkZWZHSElKS0xNTk9QUVJTVA"
        "==";
    for (const std::size_t width : {64u, 76u})
        CHECK(masker.mask("<" + parted(base64, width, "\n") + ">") == "<[secret]>");
    // In pieces, cut anywhere.
    const std::string whole = "<" + parted(secret, 30, " |\n| ") + ">";
    for (std::size_t cut = 1; cut < whole.size(); ++cut) {
        MaskedStream stream(masker.values());
        std::string out = stream.next(whole.substr(0, cut));
        out += stream.next(whole.substr(cut));
        out += stream.finish();
        CHECK(out == "<[secret]>");
    }
    // A line that only begins like it is shown at once.
    MaskedStream stream(masker.values());
    CHECK(stream.next("counting 012\n") == "counting 012\n");
}

TEST_CASE("a value like a word is weak, one like a password is not", "[masker]") {
    for (const char* weak : {"", "true", "postgres", "5432", "12345678", "localhost", "my-name",
                             "PROD", "a1b2c", "staging\n"}) {
        INFO(weak);
        CHECK(isWeakSecret(weak));
    }
    for (const char* strong :
         {"s3cret", "hunter2", "correcthorsebattery", "Passw0rd", "a secret of"}) {
        INFO(strong);
        CHECK_FALSE(isWeakSecret(strong));
    }
}
