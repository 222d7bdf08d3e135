#include "http/server.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/ThreadPool.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <atomic>
#include <optional>

#include "base/log.hpp"
#include "http/answering.hpp"
#include "http/connection.hpp"

namespace iac::http {
namespace {

constexpr int kBacklog = 1024;
constexpr int kIdleThreadSeconds = 10;

/// Lets a connection in, or sends it away with a short word. On the thread that accepts: it must
/// never wait.
class Door final : public Poco::Net::TCPServerConnectionFilter {
public:
    Door(Connections& connections, const TrustedProxies& proxies)
        : connections_(connections), proxies_(proxies) {}

    bool accept(const Poco::Net::StreamSocket& socket) override {
        std::string address;
        try {
            address = socket.peerAddress().host().toString();
        } catch (const Poco::Exception&) {
            return false;  // gone already
        }
        const int descriptor = socket.impl()->sockfd();
        if (connections_.admit(descriptor, address, !proxies_.trusts(address))) return true;
        static_cast<void>(
            ::send(descriptor, full_.data(), full_.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
        return false;
    }

private:
    static std::string fullAnswer() {
        const std::string body =
            R"({"title":"Service Unavailable","status":503,"detail":"Too many connections are open.",)"
            R"("error":"Too many connections are open."})";
        return "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n"
               "Content-Type: application/problem+json\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    Connections& connections_;
    const TrustedProxies& proxies_;
    const std::string full_ = fullAnswer();
};

Poco::Net::ServerSocket listenOn(const config::Server& settings) {
    Poco::Net::ServerSocket socket;
    try {
        const Poco::Net::SocketAddress address(settings.host, settings.port);
        // Not SO_REUSEPORT: a second runner on the port has to be an error, not half of the calls.
        if (address.family() == Poco::Net::AddressFamily::IPv6) {
            socket.bind6(address, true, false, false);
        } else {
            socket.bind(address, true, false);
        }
        socket.listen(kBacklog);
    } catch (const Poco::Exception& error) {
        throw std::runtime_error("cannot listen on " + settings.host + ":" +
                                 std::to_string(settings.port) + ": " + error.displayText() +
                                 ". Is another runner there? server.listen says where to listen.");
    }
    ::fcntl(socket.impl()->sockfd(), F_SETFD, FD_CLOEXEC);
    return socket;
}

Poco::Net::HTTPServerParams::Ptr params(const Connections& connections) {
    Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
    params->setMaxThreads(connections.threads());
    // As long as every connection has a thread nothing queues; a connection that Poco refused
    // would never be counted as closed.
    params->setMaxQueued(connections.threads());
    params->setKeepAlive(true);
    return params;
}

}  // namespace

class Server::Parts {
public:
    explicit Parts(Rooms with)
        : limits_(with.settings->server.limits),
          waiting_(*with.history, limits_.waiting_callers, limits_.waiting_callers_per_token),
          metrics_(*with.history),
          request_log_(metrics_),
          proxies_(with.settings->server.trusted_proxies),
          connections_(
              {limits_.connections, limits_.connections_per_address, limits_.waiting_callers}),
          budget_(limits_.bodies_in_flight),
          desk_{limits_,  answering_,   with.masker, connections_, budget_,
                metrics_, request_log_, proxies_,    stopping_,    params(connections_)},
          pool_("http", 2, connections_.threads() + 1, kIdleThreadSeconds),
          tcp_(new ConnectionFactory(desk_), pool_, listenOn(with.settings->server), desk_.params) {
        tcp_.setConnectionFilter(new Door(connections_, proxies_));
        answerFrom(std::move(with));
        tcp_.start();
    }

    void answerFrom(Rooms rooms) {
        const auto next = std::make_shared<const Answering>(std::move(rooms), waiting_, health_,
                                                            metrics_, connections_, request_log_);
        if (next->rooms.settings->server.secrets.empty())
            log::warning("http",
                         "server.secret is not configured: the history, the logs and the command "
                         "line are refused to everybody who has no token");
        health_.use({next, &next->rooms.checks});
        *answering_.lock() = next;
    }

    std::uint16_t port() const { return port_; }
    std::shared_ptr<const Routes> routes() {
        const auto now = *answering_.lock();
        return {now, &now->routes};
    }

    void stop(Duration grace) {
        if (stopping_.exchange(true)) return;
        tcp_.stop();
        Poco::Net::ServerSocket(tcp_.socket()).close();  // whoever comes now is told at once
        waiting_.stop();
        connections_.cutIdle();
        if (!connections_.waitUntilNone(Steady::now() + grace)) {
            log::warning("http", "some requests did not end in time and are cut off");
            connections_.cutAll();
        }
        pool_.joinAll();
    }

private:
    // In the order of use: what comes later stands on what comes before.
    const config::Limits limits_;
    std::atomic<bool> stopping_{false};
    Waiting waiting_;
    Health health_;
    Metrics metrics_;
    RequestLog request_log_;
    const TrustedProxies proxies_;
    Connections connections_;
    CurrentAnswering answering_;
    BodyBudget budget_;
    Desk desk_;
    Poco::ThreadPool pool_;
    Poco::Net::TCPServer tcp_;
    const std::uint16_t port_ = tcp_.port();
};

Server::Server(Rooms rooms) : parts_(std::make_unique<Parts>(std::move(rooms))) {}

Server::~Server() {
    stop(Duration(2'000));
}

std::uint16_t Server::port() const {
    return parts_->port();
}

std::shared_ptr<const Routes> Server::routes() const {
    return parts_->routes();
}

void Server::answerFrom(Rooms rooms) {
    parts_->answerFrom(std::move(rooms));
}

void Server::stop(Duration grace) {
    parts_->stop(grace);
}

}  // namespace iac::http
