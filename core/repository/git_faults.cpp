// What git says when it fails, read into a kind and a sentence.
#include <algorithm>
#include <array>

#include "base/log.hpp"
#include "repository/git.hpp"

namespace iac::repository {
namespace {

constexpr std::size_t kMostQuoted = 400;

struct Rule {
    std::string_view said;  // a part of git's message
    const char* kind;
    const char* advice;
};

// The first that matches decides: what a cause says stands before what follows from it.
constexpr Rule kRules[] = {
    {"No space left on device", "disk_full", "make room in the data folder"},
    {"Disk quota exceeded", "disk_full", "make room in the data folder"},
    {"dubious ownership", "git_authentication",
     "the repository belongs to another user, and git does not read it: give it to the user the "
     "runner runs as, use ssh, or name it as safe.directory in a file that GIT_CONFIG_GLOBAL in "
     "the runner's environment points to"},
    {"fsck error in pack", "bad_object",
     "the repository holds an object that git rejects as malformed; set repository.fsck to "
     "tolerant "
     "where it is strict, remove the object from the history, or deploy from a mirror without it"},
    {"Host key verification failed", "git_authentication",
     "add the host's key to the known_hosts of the user the runner runs as"},
    {"Permission denied (", "git_authentication", "see that the runner's ssh key may read it"},
    {"Authentication failed", "git_authentication", "see that the credentials are valid"},
    {"could not read Username", "git_authentication",
     "it wants credentials and has got none: set repository.username and repository.password"},
    {"could not read Password", "git_authentication",
     "it wants credentials and has got none: set repository.username and repository.password"},
    {"terminal prompts disabled", "git_authentication",
     "it wants credentials and has got none: set repository.username and repository.password"},
    {"returned error: 401", "git_authentication", "see that the credentials are valid"},
    {"returned error: 403", "git_authentication", "see that the credentials may read it"},
    {"not allowed", "git_failed", "repository.url may be https, ssh, file or a path"},
    {"couldn't find remote ref", "ref_not_found", "see that it is pushed"},
    {"Could not resolve host", "git_unreachable", "see repository.url and the network"},
    {"Could not read from remote", "git_unreachable", "see repository.url and the network"},
    {"does not appear to be a git", "git_unreachable", "see repository.url"},
    {"not found", "git_unreachable", "see repository.url"},
    {"does not exist", "git_unreachable", "see repository.url"},
    {"unable to access", "git_unreachable", "see repository.url and the network"},
    {"unable to connect", "git_unreachable", "see repository.url and the network"},
    {"hung up unexpectedly", "git_unreachable", "the remote broke off; try again"},
    {"early EOF", "git_unreachable", "the remote broke off; try again"},
};

constexpr std::string_view kDamage[] = {
    "not a git repository",
    "is corrupt",
    "missing object",
    "missing blob",
    "missing tree",
    "bad object",
    "unable to read",
    "Could not read",
    "invalid sha1 pointer",
    "bad config",
    "is empty",
    "unable to unpack",
    "does not match index",
    "inflate:",
    "bad signature",
    "is far too short",
    "broken",
    "does not point to a valid object",
    "could not open",
    "cannot be accessed",
    "garbage at end",
};

// One line, without what could break out of it.
std::string oneLine(std::string_view message) {
    const std::size_t first = message.find_first_not_of(" \r\n");
    if (first == std::string_view::npos) return "nothing";
    const std::size_t last = message.find_last_not_of(" \r\n");
    std::string text = log::masked(withoutCredentials(message.substr(first, last - first + 1)));
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    if (text.size() <= kMostQuoted) return text;
    // Between two characters, never within one of UTF-8.
    std::size_t end = kMostQuoted;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end) + " ...";
}

}  // namespace

std::string nameOf(const GitCall& call) {
    const auto verb =
        std::ranges::find_if(call.arguments, [](const auto& one) { return !one.starts_with('-'); });
    return verb == call.arguments.end() ? "git" : "git " + *verb;
}

GitFailed Git::fault(const GitCall& call, const GitAnswer& answer) const {
    const std::string about = call.network ? " of " + remote_.text : "";
    const std::string sentence = nameOf(call) + about + " failed with " + toText(Exit{answer.code});
    const std::string said = "; git said: " + oneLine(answer.err);
    const auto* rule = std::ranges::find_if(
        kRules, [&](const Rule& one) { return answer.err.find(one.said) != std::string::npos; });
    if (rule == std::end(kRules)) return GitFailed("git_failed", sentence + said);
    return GitFailed(rule->kind, sentence + ": " + rule->advice + said);
}

bool saysDamaged(std::string_view message) {
    return std::ranges::any_of(kDamage, [message](std::string_view sign) {
        return message.find(sign) != std::string_view::npos;
    });
}

}  // namespace iac::repository
