#include "config/env_file.hpp"

#include <catch2/catch.hpp>

using namespace iac::config;
using Values = std::map<std::string, std::string>;

TEST_CASE("a rendered file is read as a shell would read it", "[env_file]") {
    CHECK(parseEnvFile("A=1\nB=two words\n\n# a comment\n  C = spaced  \nexport D=4") ==
          Values{{"A", "1"}, {"B", "two words"}, {"C", "spaced"}, {"D", "4"}});
    CHECK(parseEnvFile("A=\nB=\"\"\nC=''") == Values{{"A", ""}, {"B", ""}, {"C", ""}});
    CHECK(parseEnvFile("exported=1\nexport\tA=2") == Values{{"exported", "1"}, {"A", "2"}});
    CHECK(parseEnvFile("A=b=c==") == Values{{"A", "b=c=="}});
    CHECK(parseEnvFile("").empty());
}

TEST_CASE("a # within a value is part of it, after a blank it begins a comment", "[env_file]") {
    CHECK(parseEnvFile("A=a#b\nB=a #b\nC=#b\nD='a #b' # c\nE=\"a #b\"# c") ==
          Values{{"A", "a#b"}, {"B", "a"}, {"C", ""}, {"D", "a #b"}, {"E", "a #b"}});
}

TEST_CASE("quotes keep what is in them", "[env_file]") {
    CHECK(parseEnvFile(R"(A="a\nb\"c\\d\$e")") == Values{{"A", "a\nb\"c\\d$e"}});
    CHECK(parseEnvFile(R"(A='a\nb"c')") == Values{{"A", "a\\nb\"c"}});
    CHECK(parseEnvFile("A=\"${B} $C\"") == Values{{"A", "${B} $C"}});
    CHECK(parseEnvFile(R"(A="^\d+$")") == Values{{"A", "^\\d+$"}});
    CHECK(parseEnvFile("KEY=\"-----BEGIN\nabc\n-----END\"\nB=2") ==
          Values{{"KEY", "-----BEGIN\nabc\n-----END"}, {"B", "2"}});
}

TEST_CASE("line ends of Windows and a byte order mark are no part of a value", "[env_file]") {
    CHECK(parseEnvFile("\xef\xbb\xbf"
                       "A=1\r\nB=\"2\"\r\n\r\n") == Values{{"A", "1"}, {"B", "2"}});
}

TEST_CASE("of two lines with one name the later counts", "[env_file]") {
    CHECK(parseEnvFile("A=1\nA=2\n") == Values{{"A", "2"}});
}

TEST_CASE("a line that is not KEY=value is named by its number and never shown", "[env_file]") {
    const auto message = [](const std::string& text) -> std::string {
        try {
            parseEnvFile(text);
            return "";
        } catch (const std::runtime_error& error) {
            return error.what();
        }
    };
    CHECK(message("A=1\nhunter2\n") == "line 2 is not KEY=value");
    CHECK(message("1A=hunter2") == "line 1 is not KEY=value");
    CHECK(message("A-B=hunter2") == "line 1 is not KEY=value");
    CHECK(message("=hunter2") == "line 1 is not KEY=value");
    CHECK(message("A=1\nB=\"hunter2\nC=3\n") == "line 2 opens a quote that is never closed");
    CHECK(message("A='1'hunter2") == "line 1 has more text after the closing quote");
    CHECK(message(std::string("A=1\0", 4)) == "a NUL byte is in it: it is no text file");
}
