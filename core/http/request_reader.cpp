#include "http/request_reader.hpp"

#include <Poco/Exception.h>
#include <Poco/String.h>
#include <Poco/StringTokenizer.h>
#include <Poco/URI.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "http/answer.hpp"
#include "http/head.hpp"

namespace iac::http {
namespace {

constexpr std::size_t kPiece = 64u << 10;
/// What each request may hold beside the budget: callers who begin large bodies and do not end them
/// keep no webhook and no call of the API out.
constexpr std::size_t kSmallBody = 64u << 10;
/// What a chunk may carry beside its bytes: extensions, trailers.
constexpr std::size_t kLongestChunkLine = 1024;
constexpr std::size_t kMostTrailers = 100;

[[noreturn]] void endedEarly(const Slot& slot) {
    if (slot.cut()) throw Problem(408, "The request did not arrive in time.");
    throw HungUp{};
}

template <class Number>
std::optional<Number> wholeNumber(std::string_view text, int base = 10) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

void understandTarget(Request& request) {
    const std::string& target = request.target;
    if (target.empty() || target.front() != '/')
        throw Problem(400, "The target of the request has to be a path that begins with \"/\".");
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    if (question == std::string::npos) return;
    std::string_view rest = std::string_view(target).substr(question + 1);
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        std::string name, value;
        try {
            Poco::URI::decode(std::string(pair.substr(0, equals)), name, true);
            if (equals != std::string_view::npos)
                Poco::URI::decode(std::string(pair.substr(equals + 1)), value, true);
        } catch (const Poco::Exception&) {
            throw Problem(400, "The query holds a \"%\" that is not followed by two hex digits.");
        }
        if ((name + value).find('\0') != std::string::npos)
            throw Problem(400, "The query holds a NUL byte.");
        // Of two, each reader of the request may believe another.
        if (!request.query.try_emplace(name, value).second)
            throw Problem(400, "The query names \"" + name + "\" more than once; name it once.");
    }
}

/// A header that says who asks, or what for, may be there once: of two, each reader of the request
/// may believe another.
void refuseTwins(const Request& request) {
    static constexpr std::array<std::string_view, 9> once{
        "authorization",     "host",         "x-hub-signature-256",
        "x-iac-timestamp",   "x-iac-nonce",  "x-github-event",
        "x-github-delivery", "content-type", "last-event-id"};
    for (const auto name : once)
        if (std::ranges::count(request.headers, name,
                               [](const auto& one) { return std::string_view(one.first); }) > 1)
            throw Problem(400, "The header " + std::string(name) + " may be there only once.");
}

/// RFC 9112, 3.2: who speaks HTTP/1.1 says whom it speaks to.
void requireHost(const Request& request) {
    if (request.http_1_1 &&
        std::ranges::none_of(request.headers, [](const auto& one) { return one.first == "host"; }))
        throw Problem(400, "The request has no header Host, which HTTP/1.1 needs.");
}

/// RFC 9112, 9.3.
bool staysOpen(const Request& request) {
    bool asked_for = false;
    for (const auto& [name, value] : request.headers) {
        if (name != "connection") continue;
        const Poco::StringTokenizer options(
            value, ",", Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
        for (const auto& option : options) {
            if (Poco::icompare(option, "close") == 0) return false;
            asked_for = asked_for || Poco::icompare(option, "keep-alive") == 0;
        }
    }
    return request.http_1_1 || asked_for;
}

/// RFC 9112, 6: one way to know where the body ends, or none is believed.
Framing understandFraming(const Request& request) {
    Framing framing;
    bool encoded = false;
    for (const auto& [name, value] : request.headers) {
        if (name == "content-length") {
            const auto length = wholeNumber<std::uint64_t>(value);
            if (!length || (framing.length && *framing.length != *length))
                throw Problem(400, "Content-Length is not one whole number.");
            framing.length = length;
        } else if (name == "transfer-encoding") {
            if (encoded || Poco::icompare(value, "chunked") != 0)
                throw Problem(501, "The only Transfer-Encoding that is understood is \"chunked\".");
            encoded = framing.chunked = true;
        } else if (name == "expect") {
            if (value.empty()) continue;
            if (Poco::icompare(value, "100-continue") != 0)
                throw Problem(417, "The only Expect that is understood is \"100-continue\".");
            framing.expects_continue = request.http_1_1;
        }
    }
    if (framing.chunked && (framing.length || !request.http_1_1))
        throw Problem(400, "Transfer-Encoding cannot be combined with Content-Length or HTTP/1.0.");
    return framing;
}

/// A body as it comes, under its limit and within the budget.
class Body {
public:
    Body(Request& request, std::uint64_t limit) : request_(request), limit_(limit) {}

    /// Room for at most `wanted` further bytes, at least one. What is not filled is cut off by
    /// filled().
    std::pair<char*, std::size_t> room(std::uint64_t wanted) {
        if (size_ + wanted > limit_) throw tooLarge(limit_);
        const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, kPiece));
        if (size_ + more > request_.body.size()) {
            const std::size_t had = std::max(request_.body.size(), kSmallBody);
            const std::size_t beyond = std::max(size_ + more, kSmallBody) - had;
            if (beyond > 0 && !request_.share.take(beyond))
                throw Problem(503, "Too many large requests are being read; try again later.",
                              {{"Retry-After", "1"}});
            // Beyond the first pieces the whole room is set aside at once: it costs memory only as
            // it is filled, and what was read is never copied.
            if (size_ + more > request_.body.capacity() && size_ >= 4 * kPiece)
                request_.body.reserve(static_cast<std::size_t>(limit_));
            request_.body.resize(size_ + more);
        }
        return {request_.body.data() + size_, more};
    }
    void filled(std::size_t bytes) { size_ += bytes; }
    void finish() { request_.body.resize(size_); }

    static Problem tooLarge(std::uint64_t limit) {
        return Problem(413, "The body is larger than " + std::to_string(limit) + " bytes.");
    }

private:
    Request& request_;
    std::uint64_t limit_;
    std::size_t size_ = 0;
};

void readBytes(Session& session, const Slot& slot, Body& body, std::uint64_t left) {
    while (left > 0) {
        const auto [to, size] = body.room(left);
        const std::size_t got = session.readSome(to, size);
        if (got == 0 || slot.cut()) endedEarly(slot);
        body.filled(got);
        left -= got;
    }
}

std::string readLine(Session& session, const Slot& slot) {
    std::string line;
    for (;;) {
        const int byte = session.next();
        if (byte < 0 || slot.cut()) endedEarly(slot);
        if (byte == '\n') break;
        if (line.size() >= kLongestChunkLine)
            throw Problem(400, "A line between the chunks of the body is too long.");
        line += static_cast<char>(byte);
    }
    if (!line.ends_with('\r')) throw Problem(400, "A chunk of the body is not ended by CRLF.");
    line.pop_back();
    if (std::ranges::any_of(line, isControl))
        throw Problem(400, "A line between the chunks of the body holds a control character.");
    return line;
}

/// Nothing is taken from a trailer; one that is no header could be read as the begin of another
/// request by whoever passes it on.
void checkTrailer(std::string_view line) {
    const auto name = line.substr(0, line.find(':'));
    if (name.size() == line.size() || !isToken(name))
        throw Problem(400, "A trailer of the body is no header.");
}

void readChunks(Session& session, const Slot& slot, Body& body) {
    for (;;) {
        const std::string line = readLine(session, slot);
        auto digits = std::string_view(line).substr(0, line.find(';'));
        while (digits.ends_with(' ') || digits.ends_with('\t')) digits.remove_suffix(1);
        // 15 digits are more than any limit, and cannot overflow.
        const auto size =
            digits.size() > 15 ? std::nullopt : wholeNumber<std::uint64_t>(digits, 16);
        if (!size) throw Problem(400, "A chunk of the body does not say its size.");
        if (*size == 0) break;
        readBytes(session, slot, body, *size);
        if (!readLine(session, slot).empty())
            throw Problem(400, "A chunk of the body is longer than it says.");
    }
    std::size_t trailers = 0;
    for (std::string line; !(line = readLine(session, slot)).empty();) {
        checkTrailer(line);
        if (trailers++ >= kMostTrailers) throw Problem(400, "The body has too many trailers.");
    }
}

}  // namespace

void Session::awaitByte() {
    if (buffered() > 0) return;
    // The reaper ends the connection when its time is up: this returns then, too. Not with Poco's
    // poll(), which makes and closes an epoll descriptor of its own each time.
    pollfd readable{socket().impl()->sockfd(), POLLIN, 0};
    while (::poll(&readable, 1, -1) < 0 && errno == EINTR) {
    }
}

std::size_t Session::readSome(char* to, std::size_t size) {
    return static_cast<std::size_t>(std::max(read(to, static_cast<std::streamsize>(size)), 0));
}

Framing readHead(Session& session, const Slot& slot, Request& request) {
    HeadReader reader;
    try {
        for (bool whole = false; !whole;) {
            const int byte = session.next();
            if (byte < 0 && !reader.begun()) throw HungUp{};
            if (byte < 0) endedEarly(slot);
            whole = reader.take(static_cast<char>(byte));
        }
    } catch (const Poco::Exception&) {
        endedEarly(slot);
    }
    if (slot.cut()) endedEarly(slot);
    request.method = std::move(reader.head().method);
    request.target = std::move(reader.head().target);
    request.http_1_1 = reader.head().http_1_1;
    request.headers = std::move(reader.head().fields);
    request.keep_alive = staysOpen(request);
    requireHost(request);
    refuseTwins(request);
    understandTarget(request);
    return understandFraming(request);
}

void readBody(Session& session, const Slot& slot, const Framing& framing, std::uint64_t limit,
              BodyBudget& budget, Request& request) {
    if (!framing.hasBody()) return;
    if (framing.length.value_or(0) > limit) throw Body::tooLarge(limit);
    request.share = BodyBudget::Share(budget);
    if (framing.expects_continue) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        session.socket().sendBytes(go_on.data(), static_cast<int>(go_on.size()), MSG_NOSIGNAL);
    }
    try {
        Body body(request, limit);
        if (framing.chunked) {
            readChunks(session, slot, body);
        } else {
            request.body.reserve(static_cast<std::size_t>(*framing.length));
            readBytes(session, slot, body, *framing.length);
        }
        body.finish();
    } catch (const Poco::Exception&) {
        endedEarly(slot);
    }
}

}  // namespace iac::http
