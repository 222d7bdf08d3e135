// http() against a server of our own on the loopback, in the host and in this process.
#include <iac/plugin.h>
#include <poll.h>

#include <catch2/catch.hpp>
#include <thread>

#include "plugin/http.hpp"
#include "unit/plugin/hosted.hpp"
#include "unit/plugin/http_server.hpp"

namespace iac::plugin {
namespace {

using Catch::Matchers::Contains;

std::string urlOf(const Server& server, const std::string& more = {}) {
    return R"("url":")" + server.url() + "\"" + more;
}

}  // namespace

TEST_CASE("an HTTP exchange gives status, body and headers, whatever the status", "[http]") {
    Server server(
        "HTTP/1.1 503 Busy\r\nRETRY-After: 7\r\nContent-Length: 5\r\nConnection: "
        "close\r\n\r\nlater");
    Hosted hosted("http", urlOf(server));
    CHECK(hosted.run().message.empty());
    CHECK(hosted.emitted("status") == "503");
    CHECK(hosted.emitted("body") == "\"later\"");
    CHECK(hosted.emitted("retry_after") == "\"7\"");
    CHECK_THAT(server.request(), Contains("POST /path?token=t HTTP/1.1\r\n") &&
                                     Contains("X-Asked: yes\r\n") && !Contains("Content-Type") &&
                                     !Contains("Expect"));
}

TEST_CASE("a redirect is an answer, not followed", "[http]") {
    Server server(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    Hosted hosted("http", urlOf(server));
    hosted.run();
    CHECK(hosted.emitted("status") == "302");
}

TEST_CASE("a redirect to another host gets neither the request nor its Authorization", "[http]") {
    const Descriptor other = listenOnLoopback();
    Server server("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:" +
                  std::to_string(portOf(other)) + "/elsewhere\r\nContent-Length: 0\r\n\r\n");
    Hosted hosted("http", urlOf(server, R"(,"headers":["Authorization: Bearer t0ken"])"));
    CHECK(hosted.run().message.empty());
    CHECK(hosted.emitted("status") == "307");
    CHECK_THAT(server.request(), Contains("Authorization: Bearer t0ken\r\n"));
    // A connection would wait there for somebody to take it.
    pollfd connected{other.get(), POLLIN, 0};
    CHECK(::poll(&connected, 1, 0) == 0);
}

TEST_CASE("an answer of just the limit is taken", "[http]") {
    Server server("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(2000, 'x'));
    Hosted hosted("http", urlOf(server, R"(,"limit":2000)"));
    CHECK(hosted.run().message.empty());
    CHECK(hosted.emitted("body").size() == 2002);
}

TEST_CASE("headers without end are a failure", "[http]") {
    std::string headers;
    for (int i = 0; i < 300; ++i) headers += "X-More: " + std::string(1000, 'x') + "\r\n";
    Server server("HTTP/1.1 200 OK\r\n" + headers + "\r\n");
    Hosted hosted("http", urlOf(server));
    CHECK(hosted.run().status == IAC_FAILED);
    CHECK_THAT(hosted.result.message, Contains("more than 262144 bytes of headers"));
}

TEST_CASE("an answer that is too large is a failure, whether it says its size or not", "[http]") {
    const std::string size = GENERATE(std::string(), std::string("Content-Length: 2000\r\n"));
    Server server("HTTP/1.1 200 OK\r\n" + size + "Connection: close\r\n\r\n" +
                  std::string(2000, 'x'));
    Hosted hosted("http", urlOf(server, R"(,"limit":1999)"));
    CHECK(hosted.run().status == IAC_FAILED);
    CHECK_THAT(hosted.result.message, Contains("larger than 1999 bytes") && !Contains("token"));
}

TEST_CASE("no answer in time, and nobody there, may be tried again", "[http]") {
    Server silent("");
    Hosted hosted("http", urlOf(silent, R"(,"timeout":0.2)"));
    CHECK(hosted.run().status == IAC_RETRY);
    CHECK_THAT(hosted.result.message,
               Contains("the request to http://127.0.0.1:") && !Contains("token"));

    Hosted nobody("http", R"("url":"http://127.0.0.1:1/")");
    CHECK(nobody.run().status == IAC_RETRY);
    CHECK_THAT(nobody.result.message, Contains("got no answer: "));
}

TEST_CASE("the time limit is for the whole answer, and half of one is none", "[http]") {
    const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
    Server stays(half, Server::Then::stays);
    Hosted slow("http", urlOf(stays, R"(,"timeout":0.3)"));
    CHECK(slow.run().status == IAC_RETRY);
    CHECK_THAT(slow.result.message, Contains("timed out"));
    CHECK(slow.emitted("status").empty());

    Server leaves(half);
    Hosted cut("http", urlOf(leaves));
    CHECK(cut.run().status == IAC_RETRY);
    CHECK(cut.emitted("status").empty());
}

TEST_CASE("what makes no sense is not sent", "[http]") {
    for (const std::string url : {"", "ftp://x/", "file:///etc/passwd", "http://a/\\r\\nX: y"}) {
        INFO(url);
        CHECK(Hosted("http", R"("url":")" + url + "\"").run().status == IAC_INVALID);
    }
}

TEST_CASE("an exchange ends when the call is cancelled, inside the daemon too", "[http]") {
    Server silent("");
    Cancellation cancel;
    iac_http asked{};
    asked.size = sizeof asked;
    const std::string url = silent.url();
    asked.method = text("POST");
    asked.url = text(url);
    asked.body = text("ping");
    asked.timeout_seconds = 300;
    const auto sink = [](void*, const iac_http_reply*) { FAIL("there is no answer"); };
    iac_error error{};
    std::thread stopper([&] { cancel.request(); });
    CHECK(exchange(asked, &cancel, sink, nullptr, &error) == IAC_CANCELLED);
    stopper.join();
    CHECK_THAT(std::string(error.message), Contains("was given up: the call was cancelled"));
}

}  // namespace iac::plugin
