#pragma once

#include <Poco/JSON/Object.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.hpp"

namespace iac::fakes {

/// A request as a fake got it; header names in lower case.
struct HttpRequest {
    std::string method, path;
    std::map<std::string, std::string> headers;
    std::string body;

    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? "" : found->second;
    }
};

struct HttpAnswer {
    int status = 200;
    std::string body = {};
    std::string type = "application/json; charset=utf-8";
    std::map<std::string, std::string> headers = {};
};

/// A body as JSON; null: it is no object.
Poco::JSON::Object::Ptr jsonOf(const std::string& body);

/// A server on loopback that answers with what `answer` says, and keeps what it was asked. The
/// function is called by the server's threads, one at a time.
class HttpFake {
public:
    using Answering = std::function<HttpAnswer(const HttpRequest&)>;
    explicit HttpFake(Answering answer);
    ~HttpFake();
    HttpFake(const HttpFake&) = delete;
    HttpFake& operator=(const HttpFake&) = delete;

    std::string url() const;  ///< "http://127.0.0.1:40123"
    /// The next request is answered with this instead, and changes nothing.
    void next(HttpAnswer answer);
    std::vector<HttpRequest> requests() const;
    std::vector<std::pair<HttpRequest, HttpAnswer>> exchanges() const;
    /// Waits until the condition holds, which is asked after each exchange with the number of them;
    /// false after a minute. It may not ask this fake.
    bool await(const std::function<bool(std::size_t exchanges)>& condition) const;
    HttpRequest last() const { return requests().back(); }

    struct State;

private:
    struct Running;
    std::shared_ptr<State> state_;
    std::unique_ptr<Running> running_;
};

}  // namespace iac::fakes
