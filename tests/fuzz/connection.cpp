#include "connection.hpp"

#include <Poco/Net/StreamSocketImpl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/answer.hpp"
#include "target.hpp"

namespace iac::fuzz {
namespace {

// Both ends of a connection; what is sent fits between them.
class Pair {
public:
    explicit Pair(std::string_view bytes) {
        require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_) == 0,
                "a pair of sockets can be made");
        require(::send(ends_[1], bytes.data(), bytes.size(), MSG_DONTWAIT) ==
                    static_cast<ssize_t>(bytes.size()),
                "the input fits into the socket");
        ::shutdown(ends_[1], SHUT_WR);
    }
    ~Pair() { ::close(ends_[1]); }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    /// Closed by whoever takes it.
    int reading() const { return ends_[0]; }

private:
    int ends_[2] = {-1, -1};
};

}  // namespace

int read(std::string_view bytes, const std::function<std::uint64_t(http::Request&)>& limit,
         const std::function<void(http::Request&)>& taken) {
    static const Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
    const Pair pair(bytes);
    const http::Slot slot;
    http::BodyBudget budget(1u << 20);
    http::Session session(Poco::Net::StreamSocket(new Poco::Net::StreamSocketImpl(pair.reading())),
                          params);
    try {
        for (;;) {
            http::Request request;
            const auto framing = http::readHead(session, slot, request);
            http::readBody(session, slot, framing, limit(request), budget, request);
            taken(request);
        }
    } catch (const http::HungUp&) {
        return 0;
    } catch (const http::Problem& problem) {
        return problem.status();
    }
}

std::string plain(const http::Request& request) {
    std::string out = request.method + " " + request.target +
                      (request.http_1_1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
    for (const auto& [name, value] : request.headers)
        if (name != "transfer-encoding" && name != "content-length" && name != "expect")
            out += name + ": " + value + "\r\n";
    return out + "content-length: " + std::to_string(request.body.size()) + "\r\n\r\n" +
           request.body;
}

}  // namespace iac::fuzz
