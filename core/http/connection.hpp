#pragma once

#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>

#include <atomic>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "http/answering.hpp"
#include "http/body_budget.hpp"
#include "http/connections.hpp"
#include "http/metrics.hpp"
#include "http/request_log.hpp"
#include "http/request_reader.hpp"
#include "http/trusted_proxies.hpp"

namespace iac::http {

/// What all connections share. Outlives them.
struct Desk {
    const config::Limits& limits;
    CurrentAnswering& answering;
    const Masker* masker;
    Connections& connections;
    BodyBudget& budget;
    Metrics& metrics;
    RequestLog& request_log;
    const TrustedProxies& proxies;
    const std::atomic<bool>& stopping;
    Poco::Net::HTTPServerParams::Ptr params;
};

/// One connection, on a thread of its own: requests in, answers out, each within its deadline.
class Connection final : public Poco::Net::TCPServerConnection, private Line {
public:
    Connection(const Poco::Net::StreamSocket& socket, const Desk& desk)
        : TCPServerConnection(socket), desk_(desk) {}
    void run() override;

private:
    void serve(Session& session);
    bool exchange(Session& session);
    Answer answer(Session& session, Request& request, bool& whole,
                  std::shared_ptr<const Answering>& with);
    void identify(Request& request);
    void authenticate(const Answering& with, Request& request, const Route& route);
    void send(Answer& answer, const Request& request, bool keep);
    void sendStream(Answer& answer, std::string_view head, bool chunked);
    void write(std::string_view bytes);
    void linger(Session& session);
    Steady::time_point after(Duration duration) const { return Steady::now() + duration; }

    void beginWait() override;
    void endWait() override;
    bool gone() override;

    const Desk& desk_;
    Slot* slot_ = nullptr;  // while run() runs
    std::string peer_;      // the address at the other end
};

class ConnectionFactory final : public Poco::Net::TCPServerConnectionFactory {
public:
    explicit ConnectionFactory(const Desk& desk) : desk_(desk) {}
    Poco::Net::TCPServerConnection* createConnection(
        const Poco::Net::StreamSocket& socket) override {
        return new Connection(socket, desk_);
    }

private:
    const Desk& desk_;
};

}  // namespace iac::http
