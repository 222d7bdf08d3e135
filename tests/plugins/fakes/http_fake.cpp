#include "http_fake.hpp"

#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/String.h>

#include <chrono>

namespace iac::fakes {

Poco::JSON::Object::Ptr jsonOf(const std::string& body) {
    try {
        return Poco::JSON::Parser().parse(body).extract<Poco::JSON::Object::Ptr>();
    } catch (const Poco::Exception&) {
        return {};
    }
}

struct HttpFake::State {
    struct Data {
        Answering answering;
        std::deque<HttpAnswer> next;
        std::vector<std::pair<HttpRequest, HttpAnswer>> exchanges;
    };
    Guarded<Data> data;
    std::condition_variable exchanged;
};

namespace {

class Handler final : public Poco::Net::HTTPRequestHandler {
public:
    explicit Handler(std::shared_ptr<HttpFake::State> state) : state_(std::move(state)) {}

    void handleRequest(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) override {
        HttpRequest got{request.getMethod(), request.getURI(), {}, {}};
        for (const auto& [name, value] : request) got.headers[Poco::toLower(name)] = value;
        Poco::StreamCopier::copyToString(request.stream(), got.body);
        const HttpAnswer answer = answerTo(got);
        response.setStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(answer.status));
        response.setReason(std::to_string(answer.status));
        response.setContentType(answer.type);
        for (const auto& [name, value] : answer.headers) response.set(name, value);
        response.sendBuffer(answer.body.data(), answer.body.size());
    }

private:
    HttpAnswer answerTo(const HttpRequest& request) {
        auto data = state_->data.lock();
        HttpAnswer answer;
        if (data->next.empty()) {
            answer = data->answering(request);
        } else {
            answer = std::move(data->next.front());
            data->next.pop_front();
        }
        data->exchanges.emplace_back(request, answer);
        state_->exchanged.notify_all();
        return answer;
    }

    std::shared_ptr<HttpFake::State> state_;
};

class Handlers final : public Poco::Net::HTTPRequestHandlerFactory {
public:
    explicit Handlers(std::shared_ptr<HttpFake::State> state) : state_(std::move(state)) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(
        const Poco::Net::HTTPServerRequest&) override {
        return new Handler(state_);
    }

private:
    std::shared_ptr<HttpFake::State> state_;
};

}  // namespace

struct HttpFake::Running {
    explicit Running(const std::shared_ptr<State>& state)
        : socket(Poco::Net::SocketAddress("127.0.0.1", 0)),
          server(new Handlers(state), socket, new Poco::Net::HTTPServerParams) {
        server.start();
    }
    ~Running() { server.stopAll(true); }
    Poco::Net::ServerSocket socket;
    Poco::Net::HTTPServer server;
};

HttpFake::HttpFake(Answering answer) : state_(std::make_shared<State>()) {
    state_->data.lock()->answering = std::move(answer);
    running_ = std::make_unique<Running>(state_);
}

HttpFake::~HttpFake() {
    running_.reset();
    // A request may be underway still, of a client that gave it up: Poco does not wait for it.
    // Whoever answers may be gone soon, and is not asked any more.
    state_->data.lock()->answering = [](const HttpRequest&) { return HttpAnswer{503}; };
}

std::string HttpFake::url() const {
    return "http://127.0.0.1:" + std::to_string(running_->socket.address().port());
}

void HttpFake::next(HttpAnswer answer) {
    state_->data.lock()->next.push_back(std::move(answer));
}

bool HttpFake::await(const std::function<bool(std::size_t)>& condition) const {
    auto data = state_->data.lock();
    return data.waitUntil(state_->exchanged,
                          std::chrono::steady_clock::now() + std::chrono::minutes(1),
                          [&](const State::Data& now) { return condition(now.exchanges.size()); });
}

std::vector<HttpRequest> HttpFake::requests() const {
    std::vector<HttpRequest> requests;
    for (const auto& exchange : exchanges()) requests.push_back(exchange.first);
    return requests;
}

std::vector<std::pair<HttpRequest, HttpAnswer>> HttpFake::exchanges() const {
    return state_->data.lock()->exchanges;
}

}  // namespace iac::fakes
