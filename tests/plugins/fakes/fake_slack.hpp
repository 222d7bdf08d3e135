#pragma once

#include <Poco/JSON/Object.h>

#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "http_fake.hpp"

namespace iac::fakes {

/// Slack at the edge of the world: chat.postMessage, chat.update, auth.test and an incoming
/// webhook, with the error shapes that are documented. Takes JSON and, as the official client sends
/// it, forms.
class FakeSlack {
public:
    static constexpr const char* kToken = "xoxb-12345-secret-token";
    static constexpr const char* kChannel = "C012AB3CD";
    static constexpr const char* kArchived = "C0ARCHIVE";
    static constexpr const char* kNotIn = "C0NOTHERE";
    static constexpr const char* kBusy = "C0BUSY";  ///< one message a minute, and that was it
    static constexpr const char* kHookPath = "/services/T012/B034/secretsecretsecret";
    static constexpr const char* kArchivedHookPath = "/services/T012/B0ARCHIVE/secretsecretsecret";

    struct Message {
        std::string channel, ts, thread_ts;
        bool broadcast = false, from_hook = false;
        int edits = 0;
        std::string text;
        std::string json;  ///< the whole message as it is now: {"channel","text","blocks"...}
    };

    FakeSlack();
    std::string apiUrl() const { return http_.url() + "/api"; }
    std::string hookUrl() const { return http_.url() + kHookPath; }
    HttpFake& http() { return http_; }

    std::vector<Message> messages() const;
    /// As somebody in the channel may: it cannot be edited any more.
    void remove(const std::string& ts);

    /// As documented: 429, Retry-After, and for a method the same error.
    static HttpAnswer rateLimited(int seconds);
    static HttpAnswer methodError(const std::string& error);

private:
    using Object = Poco::JSON::Object::Ptr;
    HttpAnswer answer(const HttpRequest& request);
    HttpAnswer method(const std::string& name, const HttpRequest& request);
    HttpAnswer postMessage(const Object& members);
    HttpAnswer update(const Object& members);
    HttpAnswer hook(const HttpRequest& request);

    mutable Guarded<std::vector<Message>> messages_;
    int next_ts_ = 0;
    HttpFake http_;
};

}  // namespace iac::fakes
