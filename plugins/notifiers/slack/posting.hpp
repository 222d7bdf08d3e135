#pragma once

#include <iac/plugin.hpp>
#include <optional>
#include <string>

#include "answer.hpp"
#include "message.hpp"

namespace iac::slack {

struct Address {
    std::string webhook_url;     ///< empty: the others are used
    std::string token, channel;  ///< "xoxb-...", "C012AB3CD"
    std::string api_url;
};

/// The message of a deployment, as it is remembered from one notification to the next.
struct Posted {
    std::string channel, ts;  ///< empty: none was posted yet
    bool told = false;        ///< its end was told in the thread
};
std::string text(const Posted& posted);
/// What cannot be read is none.
Posted readPosted(const Call& call, const std::string& memory);

/// Posts messages within one call of the notifier. What fails throws iac::Error with a sentence and
/// what to do, IAC_RETRY where it passes by itself. A message whose blocks Slack refuses is sent
/// again without them: one that says less is better than none.
class Posting {
public:
    Posting(const Address& address, const News& news, const Call& call)
        : address_(address), news_(news), call_(call) {}

    void toWebhook(const Message& message) const;
    Posted post(const Message& message) const;
    /// False when the message can be edited no more: then it has to be posted anew.
    bool edit(const Posted& posted, const Message& message) const;
    /// In the thread; shown in the channel too when it is a broadcast.
    void reply(const Posted& posted, const Message& message, bool broadcast) const;

private:
    struct Answer {
        Reply reply;
        std::optional<Fault> fault;
        std::string channel, ts;
    };
    Answer ask(const char* method, const Object& members) const;
    Answer understand(Reply reply) const;
    /// `members` says where the message goes.
    template <class Send>
    Answer send(const Object& members, const Message& message, Send send) const;
    [[noreturn]] void fail(const Answer& answer) const;

    const Address& address_;
    const News& news_;
    const Call& call_;
};

}  // namespace iac::slack
