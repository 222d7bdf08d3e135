#pragma once

#include <string>
#include <vector>

#include "../news.hpp"
#include "../template.hpp"

namespace iac::slack {

using notifiers::News;

/// What a message says, as the configuration wants it. Mentions are JSON elements.
struct Style {
    notifiers::Template title, body;
    std::vector<std::string> mentions;
};

/// The members `text` and `blocks` of a message, within Slack's limits whatever the deployment
/// holds: what is too long is cut, more services than there is room for become a number.
struct Message {
    std::string text;    ///< for notifications and screen readers; escaped
    std::string blocks;  ///< JSON
};

enum class Whom { nobody, mentions };  ///< who is called to a message

/// The message of the channel: what, where, which revision, who, how long, each service, what next.
/// `log`: with the end of the failed step's log, where no thread can hold it.
Message overview(const News& news, const Style& style, Whom whom, bool log);

/// The message of the thread, about the end: why it failed, with the end of the log and what to do
/// next; or that a failure is over.
Message details(const News& news, const Style& style, Whom whom);

/// Says the same as little as can be said, in words of ours alone: for when the blocks are refused.
std::string plainText(const News& news);

}  // namespace iac::slack
