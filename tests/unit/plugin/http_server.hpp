#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "base/descriptor.hpp"

namespace iac::plugin {

inline Descriptor listenOnLoopback() {
    Descriptor listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listening.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listening.get(), 1) == 0);
    return listening;
}

inline std::uint16_t portOf(const Descriptor& listening) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(listening.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    return ntohs(address.sin_port);
}

/// Answers one connection with these bytes, after it has read a whole request (which ends with
/// "ping"). An empty answer is none: it stays silent until the other side goes.
class Server {
public:
    enum class Then { leaves, stays };  ///< what it does after the answer

    /// certificate: a PEM file with key and certificate; empty: no TLS.
    explicit Server(std::string answer, Then then = Then::leaves,
                    const std::filesystem::path& certificate = {})
        : answer_(std::move(answer)),
          stays_(answer_.empty() || then == Then::stays),
          listening_(listenOnLoopback()),
          port_(portOf(listening_)) {
        if (!certificate.empty()) {
            tls_.reset(::SSL_CTX_new(::TLS_server_method()));
            REQUIRE(::SSL_CTX_use_certificate_chain_file(tls_.get(), certificate.c_str()) == 1);
            REQUIRE(::SSL_CTX_use_PrivateKey_file(tls_.get(), certificate.c_str(),
                                                  SSL_FILETYPE_PEM) == 1);
        }
        thread_ = std::thread([this] { serve(); });
    }
    ~Server() {
        ::shutdown(listening_.get(), SHUT_RDWR);
        if (thread_.joinable()) thread_.join();
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string place() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string url() const { return (tls_ ? "https://" : "http://") + place() + "/path?token=t"; }
    /// After the exchange has ended, so that the connection has.
    const std::string& request() {
        if (thread_.joinable()) thread_.join();
        return request_;
    }

private:
    struct Free {
        void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
        void operator()(SSL* session) const { ::SSL_free(session); }
    };
    using Session = std::unique_ptr<SSL, Free>;

    void serve() {
        // A client that refuses a certificate is gone before the answer: that is no signal's
        // business.
        sigset_t broken;
        ::sigemptyset(&broken);
        ::sigaddset(&broken, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &broken, nullptr);

        const Descriptor client(::accept(listening_.get(), nullptr, nullptr));
        if (!client) return;
        Session session;
        if (tls_) {
            session.reset(::SSL_new(tls_.get()));
            if (::SSL_set_fd(session.get(), client.get()) != 1) return;
            if (::SSL_accept(session.get()) != 1) return;
        }
        converse(client.get(), session.get());
    }

    void converse(int client, SSL* session) {
        char buffer[4096];
        const auto read = [&]() -> long {
            return session == nullptr ? ::read(client, buffer, sizeof buffer)
                                      : ::SSL_read(session, buffer, sizeof buffer);
        };
        while (request_.find("\r\n\r\nping") == std::string::npos) {
            const auto got = read();
            if (got <= 0) return;
            request_.append(buffer, static_cast<std::size_t>(got));
        }
        std::string_view rest = answer_;
        while (!rest.empty()) {
            const long sent = session == nullptr ? ::write(client, rest.data(), rest.size())
                                                 : ::SSL_write(session, rest.data(),
                                                               static_cast<int>(rest.size()));
            if (sent <= 0) return;
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
        while (stays_ && read() > 0) continue;
        if (session != nullptr) ::SSL_shutdown(session);
    }

    const std::string answer_;
    const bool stays_;
    std::string request_;
    const Descriptor listening_;
    const std::uint16_t port_;
    std::unique_ptr<SSL_CTX, Free> tls_;
    std::thread thread_;
};

}  // namespace iac::plugin
