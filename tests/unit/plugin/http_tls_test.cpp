// Whom http() believes: servers with certificates of an authority made here.
#include <iac/plugin.h>
#include <stdlib.h>

#include <catch2/catch.hpp>

#include "base/process.hpp"
#include "fixtures/folder.hpp"
#include "plugin/http.hpp"
#include "unit/plugin/hosted.hpp"
#include "unit/plugin/http_server.hpp"

namespace iac::plugin {
namespace {

using Catch::Matchers::Contains;

const std::string kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npong";

/// An authority of its own, which the openssl command makes.
class Authority {
public:
    Authority() {
        fixtures::writeFile(folder_ / "req.cnf",
                            "[req]\ndistinguished_name = name\nprompt = no\n[name]\nCN = Tests\n");
        make({"-addext", "basicConstraints=critical,CA:TRUE", "-keyout", "ca.key", "-out",
              "ca.pem"});
    }
    std::filesystem::path file() const { return folder_ / "ca.pem"; }

    /// Key and certificate of a server. names: "DNS:web.example" or "IP:127.0.0.1".
    std::filesystem::path issue(const std::string& names) const {
        make({"-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=" + names, "-keyout",
              "server.key", "-out", "server.pem"});
        const auto both = folder_ / "both.pem";
        fixtures::writeFile(both, fixtures::readFile(folder_ / "server.pem") +
                                      fixtures::readFile(folder_ / "server.key"));
        return both;
    }

private:
    void make(const std::vector<std::string>& more) const {
        Program program{{"openssl", "req", "-x509", "-config", "req.cnf", "-newkey", "ec",
                         "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"},
                        {"PATH=/usr/bin:/bin"},
                        folder_.path()};
        program.argv.insert(program.argv.end(), more.begin(), more.end());
        std::string said;
        RunLimits limits;
        limits.output = [&](int, std::string_view bytes) { said += bytes; };
        const RunEnd end = run(program, {}, limits);
        INFO(said);
        REQUIRE(end.exit.code == 0);
    }

    fixtures::Folder folder_;
};

/// While it lives, the runner's environment names this file of authorities.
class Trusted {
public:
    explicit Trusted(const std::filesystem::path& file) {
        if (const char* before = ::getenv("SSL_CERT_FILE")) before_ = before;
        ::setenv("SSL_CERT_FILE", file.c_str(), 1);
    }
    ~Trusted() {
        before_ ? ::setenv("SSL_CERT_FILE", before_->c_str(), 1) : ::unsetenv("SSL_CERT_FILE");
    }
    Trusted(const Trusted&) = delete;
    Trusted& operator=(const Trusted&) = delete;

private:
    std::optional<std::string> before_;
};

std::string ask(const Server& server) {
    return R"("url":")" + server.url() + R"(","timeout":20)";
}

}  // namespace

TEST_CASE(
    "a server is believed when an authority vouches for it that the runner's environment names",
    "[http][tls]") {
    const Authority authority;
    const Trusted trusted(authority.file());
    Server server(kAnswer, Server::Then::leaves, authority.issue("IP:127.0.0.1"));
    Hosted hosted("http", ask(server));
    CHECK(hosted.run().message.empty());
    CHECK(hosted.emitted("body") == "\"pong\"");
    CHECK_THAT(server.request(), Contains("POST /path?token=t HTTP/1.1\r\n"));
}

TEST_CASE("a server that nobody trusted vouches for is told nothing", "[http][tls]") {
    const Authority authority;
    Server server(kAnswer, Server::Then::leaves, authority.issue("IP:127.0.0.1"));
    Hosted hosted("http", ask(server));
    CHECK(hosted.run().status == IAC_RETRY);
    CHECK_THAT(hosted.result.message, Contains("the request to https://" + server.place() +
                                               " got no answer: SSL certificate problem") &&
                                          Contains("SSL_CERT_FILE") && !Contains("token"));
    CHECK(server.request().empty());
}

TEST_CASE("a certificate for another host is not believed, whoever vouches for it", "[http][tls]") {
    const Authority authority;
    const Trusted trusted(authority.file());
    Server server(kAnswer, Server::Then::leaves, authority.issue("DNS:web.example,IP:127.0.0.2"));
    Hosted hosted("http", ask(server));
    CHECK(hosted.run().status == IAC_RETRY);
    CHECK_THAT(hosted.result.message,
               Contains("does not match") || Contains("no alternative certificate"));
    CHECK_THAT(hosted.result.message, Contains("127.0.0.1") && !Contains("SSL_CERT_FILE"));
    CHECK(server.request().empty());
}

TEST_CASE("a plugin inside the runner believes the same servers", "[http][tls]") {
    const Authority authority;
    Server server(kAnswer, Server::Then::leaves, authority.issue("IP:127.0.0.1"));
    const bool believed = GENERATE(false, true);
    const std::optional<Trusted> trusted =
        believed ? std::optional<Trusted>(std::in_place, authority.file()) : std::nullopt;
    const std::string url = server.url();
    iac_http asked{};
    asked.size = sizeof asked;
    asked.method = text("POST");
    asked.url = text(url);
    asked.body = text("ping");
    int status = 0;
    const auto sink = [](void* user, const iac_http_reply* reply) {
        *static_cast<int*>(user) = reply->status;
    };
    iac_error error{};
    CHECK(exchange(asked, nullptr, sink, &status, &error) == (believed ? IAC_OK : IAC_RETRY));
    CHECK(status == (believed ? 200 : 0));
}

TEST_CASE("a server that never answers the handshake costs no more than the time limit",
          "[http][tls]") {
    Server silent("", Server::Then::stays);
    Hosted hosted("http", R"("url":"https://)" + silent.place() + R"(/","timeout":0.3)");
    CHECK(hosted.run().status == IAC_RETRY);
    CHECK_THAT(hosted.result.message, Contains("timed out"));
}

}  // namespace iac::plugin
