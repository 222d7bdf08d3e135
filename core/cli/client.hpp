#pragma once

#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPClientSession.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cli/endpoint.hpp"

namespace iac::cli {

/// The daemon does not answer, or says that it cannot now.
class Unreachable : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The daemon refuses the request, or it makes no sense to ask.
class Refused : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Asks the daemon, with requests that are signed and cannot be sent twice. Every call throws
/// Unreachable or Refused with a sentence. One thread.
class Client {
public:
    explicit Client(Endpoint endpoint);

    /// `target` is path and query.
    Poco::JSON::Object::Ptr get(const std::string& target);
    /// To a trigger, with its secret: also a deployment that failed is an answer.
    Poco::JSON::Object::Ptr trigger(const std::string& target, const Poco::JSON::Object::Ptr& body);
    /// To the API, which changes something: POST, DELETE.
    Poco::JSON::Object::Ptr send(const std::string& method, const std::string& target,
                                 const Poco::JSON::Object::Ptr& body);
    /// The body as it comes. False: the connection broke before its end.
    bool stream(const std::string& target, const std::function<void(std::string_view)>& sink);

private:
    std::unique_ptr<Poco::Net::HTTPClientSession> connect() const;
    Poco::JSON::Object::Ptr exchange(const std::string& method, const std::string& target,
                                     const Poco::JSON::Object::Ptr& body,
                                     const std::string& secret) const;

    Endpoint endpoint_;
};

}  // namespace iac::cli
