// http() against a server of our own on the loopback, in the host and in this process.
#include <arpa/inet.h>
#include <iac/plugin.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "base/descriptor.hpp"
#include "plugin/http.hpp"
#include "unit/plugin/hosted.hpp"

namespace iac::plugin {
namespace {

using Catch::Matchers::Contains;

// Answers one connection with these bytes, after it has read a whole request; then stays silent
// until it is destroyed.
class Server {
public:
    explicit Server(std::string answer) : answer_(std::move(answer)) {
        listening_ = Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(listening_.get(), generic, size) == 0);
        REQUIRE(::listen(listening_.get(), 1) == 0);
        REQUIRE(::getsockname(listening_.get(), generic, &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~Server() {
        ::shutdown(listening_.get(), SHUT_RDWR);
        if (thread_.joinable()) thread_.join();
    }
    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(port_) + "/path?token=t";
    }
    /// After an answer was received: it ends with it.
    const std::string& request() {
        if (thread_.joinable()) thread_.join();
        return request_;
    }

private:
    void serve() {
        const Descriptor client(::accept(listening_.get(), nullptr, nullptr));
        if (!client) return;
        char buffer[4096];
        while (request_.find("\r\n\r\nping") == std::string::npos) {
            const auto got = ::read(client.get(), buffer, sizeof buffer);
            if (got <= 0) return;
            request_.append(buffer, static_cast<std::size_t>(got));
        }
        std::string_view rest = answer_;
        while (!rest.empty()) {
            const auto sent = ::send(client.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
        if (!answer_.empty()) return;
        while (::read(client.get(), buffer, sizeof buffer) > 0) continue;
    }

    std::string answer_, request_;
    Descriptor listening_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

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
