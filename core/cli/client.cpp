#include "cli/client.hpp"

#include <Poco/Exception.h>
#include <Poco/JSON/ParseHandler.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Timespan.h>

#include <algorithm>
#include <array>
#include <istream>
#include <iterator>
#include <sstream>

#include "cli/signature.hpp"

namespace iac::cli {
namespace {

/// An answer is there in seconds; only who follows a log waits longer for the next byte.
const Poco::Timespan kAnswerTime(30, 0);
const Poco::Timespan kLogTime(1, 0, 0, 0, 0);  // a day
/// A page of history is far below; what is above is not our daemon.
constexpr std::size_t kLongestAnswer = 64u << 20;

std::string readAll(std::istream& in) {
    std::string text;
    std::array<char, 16 << 10> piece{};
    while (in.read(piece.data(), piece.size()), in.gcount() > 0) {
        text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
        if (text.size() > kLongestAnswer) throw Unreachable("the answer of the daemon never ends");
    }
    return text;
}

Poco::JSON::Object::Ptr parse(const std::string& text) {
    try {
        // In the order of the daemon, for who prints it again.
        Poco::JSON::Parser parser(new Poco::JSON::ParseHandler(true));
        auto object = parser.parse(text).extract<Poco::JSON::Object::Ptr>();
        if (!object.isNull()) return object;
    } catch (const Poco::Exception&) {
        throw Unreachable("what answers there is not iac-runner: the answer is no JSON");
    }
    throw Unreachable("what answers there is not iac-runner: the answer is empty");
}

[[noreturn]] void explain(int status, const Poco::JSON::Object::Ptr& problem) {
    const auto sentence =
        problem->optValue<std::string>("detail", "the daemon answered " + std::to_string(status));
    if (status >= 500) throw Unreachable(sentence);
    throw Refused(sentence);
}

}  // namespace

Client::Client(Endpoint endpoint) : endpoint_(std::move(endpoint)) {
    if (endpoint_.token.empty() && endpoint_.secret.empty() && endpoint_.trigger_secret.empty())
        throw Refused(
            "no secret to sign requests with: set server.secret in the configuration, or "
            "IAC_TOKEN");
}

std::unique_ptr<Poco::Net::HTTPClientSession> Client::connect() const {
    const auto& url = endpoint_.url;
    std::unique_ptr<Poco::Net::HTTPClientSession> session;
    if (url.getScheme() == "https") {
        Poco::Net::Context::Ptr context = new Poco::Net::Context(
            Poco::Net::Context::TLS_CLIENT_USE, "", Poco::Net::Context::VERIFY_STRICT, 9, true);
        session =
            std::make_unique<Poco::Net::HTTPSClientSession>(url.getHost(), url.getPort(), context);
    } else {
        session = std::make_unique<Poco::Net::HTTPClientSession>(url.getHost(), url.getPort());
    }
    session->setTimeout(kAnswerTime);
    return session;
}

namespace {

/// Sends one request; the stream of the answer's body.
std::istream& ask(Poco::Net::HTTPClientSession& session, const Endpoint& endpoint,
                  Poco::Net::HTTPRequest& request, const std::string& body,
                  const std::string& secret, Poco::Net::HTTPResponse& response) {
    if (endpoint.token.empty()) {
        sign(request, body, secret);
    } else {
        request.set("Authorization", "Bearer " + endpoint.token);
    }
    if (!body.empty()) {
        request.setContentType("application/json");
        request.setContentLength(static_cast<std::streamsize>(body.size()));
    }
    try {
        session.sendRequest(request) << body << std::flush;
        return session.receiveResponse(response);
    } catch (const Poco::Exception& error) {
        throw Unreachable("the daemon at " + endpoint.url.toString() + " cannot be reached: " +
                          error.displayText() + ". Is `iac-runner serve` running there?");
    }
}

std::string targetOf(const Endpoint& endpoint, const std::string& target) {
    std::string path = endpoint.url.getPath();
    while (path.ends_with('/')) path.pop_back();
    return path + target;
}

}  // namespace

Poco::JSON::Object::Ptr Client::exchange(const std::string& method, const std::string& target,
                                         const Poco::JSON::Object::Ptr& body,
                                         const std::string& secret) const {
    const auto session = connect();
    std::ostringstream text;
    if (!body.isNull()) body->stringify(text);
    Poco::Net::HTTPRequest request(method, targetOf(endpoint_, target), "HTTP/1.1");
    Poco::Net::HTTPResponse response;
    auto answer = parse(readAll(ask(*session, endpoint_, request, text.str(), secret, response)));
    if (response.getStatus() >= 400 && !answer->has("deployment_id"))
        explain(response.getStatus(), answer);
    return answer;
}

Poco::JSON::Object::Ptr Client::get(const std::string& target) {
    return exchange("GET", target, {}, endpoint_.secret);
}

Poco::JSON::Object::Ptr Client::trigger(const std::string& target,
                                        const Poco::JSON::Object::Ptr& body) {
    return exchange("POST", target, body, endpoint_.trigger_secret);
}

Poco::JSON::Object::Ptr Client::send(const std::string& method, const std::string& target,
                                     const Poco::JSON::Object::Ptr& body) {
    return exchange(method, target, body, endpoint_.secret);
}

bool Client::stream(const std::string& target, const std::function<void(std::string_view)>& sink) {
    const auto session = connect();
    session->setTimeout(kAnswerTime, kAnswerTime, kLogTime);
    Poco::Net::HTTPRequest request("GET", targetOf(endpoint_, target), "HTTP/1.1");
    Poco::Net::HTTPResponse response;
    std::istream& in = ask(*session, endpoint_, request, "", endpoint_.secret, response);
    if (response.getStatus() >= 400) explain(response.getStatus(), parse(readAll(in)));
    // Piece by piece as it comes: read() would wait until its buffer is full.
    std::string piece;
    while (in.peek() != std::istream::traits_type::eof()) {
        piece.resize(
            static_cast<std::size_t>(std::max<std::streamsize>(in.rdbuf()->in_avail(), 1)));
        piece.resize(static_cast<std::size_t>(
            in.readsome(piece.data(), static_cast<std::streamsize>(piece.size()))));
        if (piece.empty()) break;
        sink(piece);
    }
    return session->networkException() == nullptr;
}

}  // namespace iac::cli
