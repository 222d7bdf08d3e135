#pragma once

#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerSession.h>
#include <Poco/Net/StreamSocket.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "http/connections.hpp"
#include "http/request.hpp"

namespace iac::http {

/// The bytes of a connection: Poco's session with its buffer, and our reading of bodies from it.
class Session final : public Poco::Net::HTTPServerSession {
public:
    Session(const Poco::Net::StreamSocket& socket, Poco::Net::HTTPServerParams::Ptr params)
        : HTTPServerSession(socket, std::move(params)) {}
    /// Waits until there is a byte, or the connection ends.
    void awaitByte();
    /// At most `size` bytes; 0 at the end.
    std::size_t readSome(char* to, std::size_t size);
    /// The next byte, from 0 to 255; -1 at the end. Poco's get() gives a char, so that a byte from
    /// 0x80 on cannot be told from the end.
    int next() {
        if (buffered() == 0) peek();
        return buffered() == 0 ? -1 : static_cast<unsigned char>(get());
    }
};

/// How the body of a request is framed.
struct Framing {
    std::optional<std::uint64_t> length;  ///< of Content-Length
    bool chunked = false;
    bool expects_continue = false;
    bool hasBody() const { return chunked || length.value_or(0) > 0; }
};

/// The caller hung up in the middle of a request; there is nobody to answer.
struct HungUp {};

/// Reads the head of a request (head.hpp), checked so that there is only one way to understand it.
/// Throws Problem (400, 408, 414, 417, 431, 501, 505), HungUp.
Framing readHead(Session& session, const Slot& slot, Request& request);

/// Reads the body, and not a byte more than `limit`. Throws Problem (400, 408, 411, 413, 503),
/// HungUp.
void readBody(Session& session, const Slot& slot, const Framing& framing, std::uint64_t limit,
              BodyBudget& budget, Request& request);

}  // namespace iac::http
