#include "mention.hpp"

#include <iac/plugin.hpp>

#include "../text.hpp"

namespace iac::slack {
namespace {

constexpr std::size_t kLongestId = 30;
constexpr std::size_t kShown = 60;

bool isId(std::string_view text, std::string_view kinds) {
    return text.size() >= 3 && text.size() <= kLongestId && kinds.find(text[0]) != kinds.npos &&
           text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == text.npos;
}

// "<!subteam^S1|@team>" -> "S1"; what is in no brackets stays as it is.
std::string_view inner(std::string_view text) {
    if (text.size() < 2 || text.front() != '<' || text.back() != '>') return text;
    text = text.substr(1, text.size() - 2);
    text = text.substr(0, text.find('|'));
    for (const std::string_view prefix : {"!subteam^", "!", "@"})
        if (text.substr(0, prefix.size()) == prefix) return text.substr(prefix.size());
    return text;
}

}  // namespace

std::string mentionElement(std::string_view setting, std::string_view text) {
    std::string_view name = inner(text);
    if (!name.empty() && name.front() == '@') name.remove_prefix(1);
    if (name == "here" || name == "channel" || name == "everyone")
        return Object().set("type", "broadcast").set("range", name).text();
    if (isId(name, "UW")) return Object().set("type", "user").set("user_id", name).text();
    if (isId(name, "S")) return Object().set("type", "usergroup").set("usergroup_id", name).text();
    invalid(std::string(setting) + ": \"" + notifiers::cut(notifiers::oneLine(text), kShown) +
            "\" is nobody that Slack knows; say <!here>, <!channel>, the id of a member "
            "(U012AB3CD) or of a user group (S012AB3CD)");
}

}  // namespace iac::slack
