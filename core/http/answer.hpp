#pragma once

#include <Poco/JSON/Object.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/masker.hpp"

namespace iac::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Where an answer that is made while it is sent goes to.
class BodyStream {
public:
    virtual ~BodyStream() = default;
    /// False: the caller is gone, or the server stops. Stop writing.
    virtual bool write(std::string_view bytes) = 0;
    virtual bool stopping() const = 0;
    /// Readable when the caller hangs up; for poll(2).
    virtual int descriptor() const = 0;
};

struct Answer {
    int status = 200;
    std::string type = "application/json";
    std::string body;
    Headers headers;                          ///< beside type and length
    std::function<void(BodyStream&)> stream;  ///< instead of `body`
};

Answer jsonAnswer(int status, const Poco::JSON::Object::Ptr& object);

/// A request that is not done, with its status and a sentence for the one who asked. Thrown where
/// it is noticed, answered in one place as application/problem+json (RFC 9457).
class Problem : public std::runtime_error {
public:
    Problem(int status, const std::string& sentence, Headers headers = {})
        : std::runtime_error(sentence), status_(status), headers_(std::move(headers)) {}
    int status() const noexcept { return status_; }
    const Headers& headers() const noexcept { return headers_; }

private:
    int status_;
    Headers headers_;
};

/// How a request may be signed: with every 401.
Headers howToSign();

/// The answer for the exception that is being handled; call it in a catch block. What is not meant
/// for the caller goes to the log only.
Answer answerForException(const Masker* masker);

}  // namespace iac::http
