#include "answer.hpp"

#include "../exchange.hpp"
#include "../text.hpp"

namespace iac::slack {
namespace {

struct Known {
    const char* name;
    Then then;
    const char* kind;
    const char* means;
    const char* next;
};

constexpr const char* kInvite = "Invite the app to the channel: write \"/invite @its-name\" there.";
constexpr const char* kChannel =
    "Set `channel` to the id of the channel (C012AB3CD: see \"About\" in its details) and invite "
    "the app there.";
constexpr const char* kToken =
    "Copy the Bot User OAuth Token (xoxb-...) of the app again, from \"OAuth & Permissions\", into "
    "the secret that `token` names.";
constexpr const char* kHook =
    "Make a new incoming webhook in the app's settings, and put its URL into the secret that "
    "`webhook_url` names.";
constexpr const char* kArchived = "Unarchive the channel, or set another one.";
constexpr const char* kWait = "Nothing: it is tried again.";
constexpr const char* kReport = "Shorten `title` and `body`; if that does not help, report it.";

constexpr Known kKnown[] = {
    {"ratelimited", Then::later, "rate_limit", "too many messages for now", kWait},
    {"rate_limited", Then::later, "rate_limit", "too many messages for now", kWait},
    {"message_limit_exceeded", Then::later, "rate_limit", "too many messages for now", kWait},
    {"internal_error", Then::later, "provider", "an error of its own", kWait},
    {"fatal_error", Then::later, "provider", "an error of its own", kWait},
    {"service_unavailable", Then::later, "provider", "it is not available", kWait},
    {"request_timeout", Then::later, "provider", "the request did not arrive in time", kWait},
    {"rollup_error", Then::later, "provider", "an error of its own", kWait},
    {"team_added_to_org", Then::later, "provider", "the workspace is being migrated", kWait},

    {"message_not_found", Then::post_anew, "message", "the message is gone", kWait},
    {"cant_update_message", Then::post_anew, "message", "it may not edit the message", kWait},
    {"edit_window_closed", Then::post_anew, "message", "it is too late to edit the message", kWait},
    {"thread_not_found", Then::post_anew, "message", "the message of the thread is gone", kWait},

    {"invalid_blocks", Then::say_less, "message", "it does not take the blocks", kReport},
    {"invalid_blocks_format", Then::say_less, "message", "it does not take the blocks", kReport},
    {"invalid_payload", Then::say_less, "message", "it does not take the message", kReport},
    {"msg_blocks_too_long", Then::say_less, "message", "the blocks are too long", kReport},
    {"msg_too_long", Then::say_less, "message", "the message is too long", kReport},
    {"too_many_attachments", Then::say_less, "message", "the message is too long", kReport},

    {"channel_not_found", Then::give_up, "channel",
     "there is no such channel, or the app may not see it", kChannel},
    {"not_in_channel", Then::give_up, "channel", "the app is not in the channel", kInvite},
    {"is_archived", Then::give_up, "channel", "the channel is archived", kArchived},
    {"channel_is_archived", Then::give_up, "channel", "the channel is archived", kArchived},
    {"restricted_action", Then::give_up, "permission",
     "the workspace does not let the app post there",
     "Ask an administrator of the workspace, or set another channel."},
    {"action_prohibited", Then::give_up, "permission",
     "an administrator does not let the app post there",
     "Ask an administrator of the workspace, or set another channel."},
    {"posting_to_general_channel_denied", Then::give_up, "permission",
     "the app may not post in #general", "Make the webhook for another channel."},

    {"not_authed", Then::give_up, "token", "no token was sent", kToken},
    {"invalid_auth", Then::give_up, "token", "the token is not valid", kToken},
    {"account_inactive", Then::give_up, "token",
     "the app or its user was removed from the workspace",
     "Install the app again, then copy its token again."},
    {"token_revoked", Then::give_up, "token", "the token was revoked", kToken},
    {"token_expired", Then::give_up, "token", "the token has expired", kToken},
    {"missing_scope", Then::give_up, "token", "the token lacks the scope chat:write",
     "Add the scope chat:write under \"OAuth & Permissions\", install the app again, and copy the "
     "new token."},
    {"org_login_required", Then::give_up, "token", "the workspace was moved into an organisation",
     kToken},
    {"ekm_access_denied", Then::give_up, "permission", "an administrator has suspended posting",
     "Ask an administrator of the workspace."},

    {"no_service", Then::give_up, "webhook", "the webhook was removed or never existed", kHook},
    {"no_service_id", Then::give_up, "webhook", "the URL of the webhook is not complete", kHook},
    {"no_active_hooks", Then::give_up, "webhook", "the webhook is disabled", kHook},
    {"no_team", Then::give_up, "webhook", "the workspace of the webhook is not known", kHook},
    {"team_disabled", Then::give_up, "webhook", "the workspace is disabled",
     "Ask an administrator of the workspace."},
    {"invalid_token", Then::give_up, "webhook", "the URL of the webhook is not valid any more",
     kHook},
    {"user_not_found", Then::give_up, "webhook", "the person the webhook writes to is not there",
     kHook},
    {"no_text", Then::give_up, "message", "the message is empty", kReport},
};

constexpr std::size_t kLongestName = 60;

bool isName(std::string_view text) {
    return !text.empty() && text.size() <= kLongestName &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == text.npos;
}

}  // namespace

Fault faultNamed(std::string_view name) {
    for (const auto& known : kKnown)
        if (name == known.name)
            return {known.then,
                    "Slack did not take it: " + std::string(known.means) + " (" + known.name + ")",
                    {known.kind, known.next}};
    return {Then::give_up,
            "Slack did not take it: " +
                (isName(name) ? std::string(name) : "an answer that is not understood"),
            {"provider", "Look the error up in Slack's documentation of chat.postMessage."}};
}

Fault faultOf(const Reply& reply) {
    constexpr int kTooMany = 429;
    const std::string said = notifiers::oneLine(reply.body);
    if (reply.status == kTooMany) return faultNamed("ratelimited");
    if (isName(said)) {
        Fault fault = faultNamed(said);
        if (notifiers::isPassing(reply.status) && fault.then == Then::give_up)
            fault.then = Then::later;
        return fault;
    }
    const std::string sentence = "Slack answered " + std::to_string(reply.status);
    if (notifiers::isPassing(reply.status)) return {Then::later, sentence, {"provider", kWait}};
    return {Then::give_up,
            sentence,
            {"provider", "See whether `webhook_url`, or `api_url`, is Slack's address."}};
}

}  // namespace iac::slack
