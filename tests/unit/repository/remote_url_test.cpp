#include "repository/remote_url.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "repository/mirror.hpp"

using namespace iac::repository;

TEST_CASE("credentials leave an https url and become a header for its host", "[remote_url]") {
    const auto url = readRemoteUrl("https://ada:p@ss@git.example.com:8443/team/infra.git");
    CHECK(url.text == "https://git.example.com:8443/team/infra.git");
    CHECK(url.header == "Authorization: Basic YWRhOnBAc3M=");  // ada:p@ss
    CHECK(url.header_place == "https://git.example.com:8443/");

    const auto token = readRemoteUrl("https://token@example.com/x@y.git");
    CHECK(token.text == "https://example.com/x@y.git");
    CHECK(token.header == "Authorization: Basic dG9rZW46");  // token:
}

TEST_CASE("a url without credentials stays as it is", "[remote_url]") {
    for (const char* text : {"https://example.com/x.git", "git@example.com:team/x.git",
                             "ssh://git@example.com:2222/x.git", "file:///srv/x.git", "/srv/x.git",
                             "https://[::1]:80/x.git"}) {
        const auto url = readRemoteUrl(text);
        CHECK(url.text == text);
        CHECK(url.header.empty());
        CHECK(url.protocols == "https:ssh:file");
    }
}

TEST_CASE("a password is cut out of an ssh url, the user is not", "[remote_url]") {
    CHECK(readRemoteUrl("ssh://git:hunter2@example.com/x.git").text ==
          "ssh://git@example.com/x.git");
}

TEST_CASE("plain http is allowed only to a url that says so", "[remote_url]") {
    CHECK(readRemoteUrl("http://example.com/x.git").protocols == "https:ssh:file:http");
}

TEST_CASE("a relative path means the daemon's directory, not git's", "[remote_url]") {
    CHECK(readRemoteUrl("some/repository").text ==
          (std::filesystem::current_path() / "some/repository").string());
}

TEST_CASE("a password that breaks the url is refused without being repeated", "[remote_url]") {
    for (const char* text :
         {"https://ada:hun/ter2@example.com/x.git", "https://ada:hun%41ter2@example.com/x.git",
          "https://hun%41ter2@example.com/x.git"})
        try {
            readRemoteUrl(text);
            FAIL("accepted");
        } catch (const GitFailed& fault) {
            CHECK(std::string(fault.what()).find("repository.password") != std::string::npos);
            CHECK(std::string(fault.what()).find("ter2") == std::string::npos);
        }
}

TEST_CASE("a login becomes the header, byte for byte, and only of https", "[remote_url]") {
    const Login login{"ci", iac::Secret("p%41/@:s")};
    const auto url = readRemoteUrl("https://git.example.com:8443/team/infra.git", login);
    CHECK(url.text == "https://git.example.com:8443/team/infra.git");
    CHECK(url.header == "Authorization: Basic Y2k6cCU0MS9AOnM=");  // ci:p%41/@:s
    CHECK(url.header_place == "https://git.example.com:8443/");
    for (const char* other : {"git@example.com:team/x.git", "ssh://git@example.com/x.git",
                              "file:///srv/x.git", "/srv/x.git"})
        CHECK(readRemoteUrl(other, login).header.empty());
    CHECK(readRemoteUrl("https://example.com/x.git", Login{}).header.empty());
}

TEST_CASE("credentials are cut out of every url of a text", "[remote_url]") {
    CHECK(withoutCredentials("from https://a:b@x.com/y and 'http://t@z/' at a@b, https://c/d@e") ==
          "from https://x.com/y and 'http://z/' at a@b, https://c/d@e");
    CHECK(withoutCredentials("https://a@b@c") == "https://c");
    CHECK(withoutCredentials("://") == "://");
    CHECK(withoutCredentials("") == "");
}
