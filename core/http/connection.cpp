#include "http/connection.hpp"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Exception.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Timestamp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/log.hpp"

namespace iac::http {
namespace {

/// How long a caller whose request is not read to its end may go on sending, so that it gets to
/// read why. Until then what it sends is thrown away.
constexpr Duration kLinger{2'000};

std::string headOf(const Answer& answer, bool keep, bool chunked) {
    const auto status = static_cast<Poco::Net::HTTPResponse::HTTPStatus>(answer.status);
    std::string head =
        "HTTP/1.1 " + std::to_string(answer.status) + " " +
        Poco::Net::HTTPResponse::getReasonForStatus(status) + "\r\nDate: " +
        Poco::DateTimeFormatter::format(Poco::Timestamp(), Poco::DateTimeFormat::HTTP_FORMAT) +
        "\r\nContent-Type: " + answer.type + "\r\n";
    for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
    head += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
    head += keep ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
    if (chunked) head += "Transfer-Encoding: chunked\r\n";
    // 204 says by itself that there is nothing (RFC 9110, 8.6).
    if (!answer.stream && answer.status != 204)
        head += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
    return head + "\r\n";
}

}  // namespace

void Connection::run() {
    struct Open {
        Open(Connections& all, int socket) : connections(all), slot(&all.open(socket)) {}
        ~Open() { release(); }
        void release() {
            if (slot != nullptr) connections.close(*std::exchange(slot, nullptr));
        }
        Connections& connections;
        Slot* slot;
    };
    try {
        Open open(desk_.connections, socket().impl()->sockfd());
        slot_ = open.slot;
        peer_ = slot_->address();
        Session session(socket(), desk_.params);
        // The session closes the socket at its end: before that, the reaper has to forget it.
        struct Before {
            ~Before() { open.release(); }
            Open& open;
        } const before{open};
        serve(session);
    } catch (const Poco::Exception&) {
        return;  // the connection broke: the caller asks again
    } catch (const std::exception& error) {
        log::error("http", std::string("a connection is given up: ") + error.what());
    }
}

void Connection::serve(Session& session) {
    try {
        do {
            slot_->enter(Phase::idle, after(desk_.limits.keep_alive));
            if (desk_.stopping) return;
            session.awaitByte();
            slot_->enter(Phase::reading, after(desk_.limits.headers));
        } while (exchange(session));
    } catch (const HungUp&) {
        return;  // nobody is left to answer
    }
}

bool Connection::exchange(Session& session) {
    std::shared_ptr<const Answering> with;  // to the end of the answer, which may be a stream
    Request request;
    request.address = slot_->address();
    request.line = this;
    bool whole = false;
    Answer reply;
    try {
        reply = answer(session, request, whole, with);
    } catch (const HungUp&) {
        throw;
    } catch (const Poco::Net::NetException&) {
        throw;
    } catch (...) {
        reply = answerForException(desk_.masker);
    }
    request.dropBody();
    desk_.metrics.answered(request, reply.status);
    slot_->enter(Phase::writing, after(desk_.limits.request));
    const bool endless = reply.stream && !request.http_1_1;  // only its end says where it ends
    const bool keep = whole && request.keep_alive && !endless && !slot_->cut() &&
                      !slot_->reserved() && !desk_.stopping;
    send(reply, request, keep);
    if (reply.status >= 400)
        log::debug("http", request.method + " " + request.path + " from " + request.address + ": " +
                               std::to_string(reply.status));
    if (!whole) linger(session);
    return keep;
}

Answer Connection::answer(Session& session, Request& request, bool& whole,
                          std::shared_ptr<const Answering>& with) {
    const auto began = Steady::now();
    const Framing framing = readHead(session, *slot_, request);
    whole = !framing.hasBody();
    slot_->extend(began + desk_.limits.request);
    if (desk_.stopping)
        throw Problem(503, "The runner is stopping; try again later.", {{"Retry-After", "5"}});
    with = *desk_.answering.lock();
    identify(request);
    const Route& route = with->routes.find(request);
    if (slot_->reserved() && route.role != Role::open && route.role != Role::trigger)
        throw Problem(503, "Too many connections are open; try again later.",
                      {{"Retry-After", "1"}});
    if (route.role == Role::trigger && !framing.length && !framing.chunked)
        throw Problem(411, "The request needs a body, and Content-Length or chunks for it.");
    readBody(session, *slot_, framing, route.body_limit, desk_.budget, request);
    whole = true;
    slot_->enter(Phase::working, began + desk_.limits.request);
    authenticate(*with, request, route);
    return route.handle(request);
}

/// Behind a proxy the address of the connection is the proxy's.
void Connection::identify(Request& request) {
    const auto& proxies = desk_.proxies;
    if (!proxies.trusts(peer_)) return;
    request.address = proxies.callerOf(peer_, request.headers);
    if (!desk_.connections.identify(*slot_, request.address))
        throw Problem(503, "Too many connections are open from your address; try again later.",
                      {{"Retry-After", "1"}});
}

void Connection::authenticate(const Answering& with, Request& request, const Route& route) {
    const bool shows_any =
        !request.header("authorization").empty() || !request.header("x-hub-signature-256").empty();
    try {
        with.authentication.check(request, route);
    } catch (const Problem& wrong) {
        if (wrong.status() == 401 && shows_any)
            desk_.request_log.rejected(request, {}, wrong.what());
        throw;
    } catch (const history::NonceUsed& used) {
        desk_.request_log.rejected(request, {}, used.what());
        throw;
    }
}

void Connection::send(Answer& answer, const Request& request, bool keep) {
    const bool chunked = answer.stream && request.http_1_1;
    std::string head = headOf(answer, keep, chunked);
    if (request.method == "HEAD") {
        write(head);
    } else if (answer.stream) {
        sendStream(answer, head, chunked);
    } else {
        head += answer.body;
        write(head);
    }
}

void Connection::sendStream(Answer& answer, std::string_view head, bool chunked) {
    struct Stream final : BodyStream {
        Stream(Connection& of, bool in_chunks) : connection(of), chunked(in_chunks) {}
        bool write(std::string_view bytes) override {
            if (bytes.empty()) return !stopping();
            connection.slot_->beginPiece(connection.after(connection.desk_.limits.request));
            std::string piece(bytes);
            if (chunked) {
                std::array<char, 20> size{};
                std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
                piece = size.data() + piece + "\r\n";
            }
            connection.write(piece);
            // Until there is more to say the caller is not late.
            connection.slot_->extend({});
            return !stopping();
        }
        bool stopping() const override { return connection.desk_.stopping; }
        int descriptor() const override { return connection.socket().impl()->sockfd(); }
        Connection& connection;
        bool chunked;
    } stream(*this, chunked);
    write(head);
    slot_->extend({});  // what it waits for is its own affair; each piece has a deadline
    answer.stream(stream);
    slot_->extend(after(desk_.limits.request));
    if (chunked) write("0\r\n\r\n");
}

void Connection::write(std::string_view bytes) {
    // MSG_NOSIGNAL: a caller who is gone is an exception here, not a SIGPIPE.
    socket().sendBytes(bytes.data(), static_cast<int>(bytes.size()), MSG_NOSIGNAL);
}

void Connection::linger(Session& session) {
    // Closing with unread bytes would reset the connection, and take the answer with it.
    socket().shutdownSend();
    const auto end = after(kLinger);
    slot_->enter(Phase::reading, end);
    std::array<char, 16 << 10> thrown_away{};
    while (Steady::now() < end && !slot_->cut() &&
           session.readSome(thrown_away.data(), thrown_away.size()) > 0) {
    }
}

void Connection::beginWait() {
    desk_.connections.beginWait(*slot_);
}

void Connection::endWait() {
    desk_.connections.endWait(*slot_, after(desk_.limits.request));
}

bool Connection::gone() {
    char byte = 0;
    const auto got = ::recv(socket().impl()->sockfd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

}  // namespace iac::http
