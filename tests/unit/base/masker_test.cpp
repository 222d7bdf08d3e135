#include "base/masker.hpp"

#include <catch2/catch.hpp>
#include <random>

using iac::MaskedStream;
using iac::MaskedValues;

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
