#include "push.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>

#include "../text.hpp"

namespace iac::triggers {
namespace {

// What GitHub leaves out of a push: commits after these many, and files of one commit after these.
constexpr std::size_t kCommitsCut = 2048;
constexpr std::size_t kFilesCut = 3000;

constexpr std::size_t kLongestSubject = 200;
constexpr std::size_t kLongestName = 200;
constexpr std::string_view kHeads = "refs/heads/";
constexpr std::string_view kTags = "refs/tags/";
constexpr std::array<std::string_view, 5> kSkipMarkers = {"[skip ci]", "[ci skip]", "[no ci]",
                                                          "[skip actions]", "[actions skip]"};

bool allZeros(std::string_view sha) {
    return !sha.empty() && sha.find_first_not_of('0') == std::string_view::npos;
}

// A commit id at `pointer`, empty when the sender says none. Anything that is not a full one is
// refused: deploying something else than what was pushed would be a surprise.
std::string commitId(const Value& payload, std::string_view pointer) {
    auto id = payload.get<std::string>(pointer, "");
    const bool hex = id.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!id.empty() && (!hex || (id.size() != 40 && id.size() != 64)))
        invalid("value at /" + std::string(pointer) + " is no full commit id: " + shown(id));
    return id;
}

// The lists of all commits together.
struct Touched {
    std::vector<std::string> paths;
    bool complete = true;  // as far as the lists tell
    std::unordered_set<std::string> seen = {};

    // Adds one list, and says how long it is.
    std::size_t take(const Value& payload, const std::string& pointer) {
        const auto list = payload.get<std::vector<std::string>>(pointer, {});
        for (const auto& path : list) {
            if (path.empty() || path.find('\0') != std::string::npos)
                invalid("value at /" + pointer + " holds a path that is empty or has a NUL in it");
            if (seen.insert(path).second) paths.push_back(path);
        }
        return list.size();
    }
};

Touched touched(const Value& payload) {
    Touched result;
    const auto commits = payload.find<Value>("commits");
    const std::size_t count = commits ? commits->count() : 0;
    result.complete = count > 0 && count < kCommitsCut;
    for (std::size_t i = 0; i < std::min(count, kCommitsCut); ++i) {
        const std::string commit = "commits/" + std::to_string(i);
        if (!(*commits)[i].isObject()) invalid("value at /" + commit + " is not an object");
        std::size_t files = 0;
        for (const char* list : {"/added", "/modified", "/removed"})
            files += result.take(payload, commit + list);
        if (files == 0 || files >= kFilesCut) result.complete = false;
    }
    return result;
}

// The message of the commit that the branch is at now.
std::string headMessage(const Value& payload) {
    const auto message = payload.find<std::string>("head_commit/message");
    if (message) return *message;
    const auto commits = payload.find<Value>("commits");
    const std::size_t count = commits ? commits->count() : 0;
    if (count == 0) return {};
    return payload.get<std::string>("commits/" + std::to_string(count - 1) + "/message", "");
}

std::string_view skipMarker(const std::string& message) {
    const std::string text = lower(message);
    const auto found =
        std::find_if(kSkipMarkers.begin(), kSkipMarkers.end(),
                     [&](std::string_view marker) { return text.find(marker) != text.npos; });
    return found == kSkipMarkers.end() ? std::string_view{} : *found;
}

std::string firstLine(const std::string& message) {
    std::string_view line = message;
    line = beginning(line.substr(0, line.find_first_of("\r\n")), kLongestSubject);
    return std::string(line);
}

void checkShape(const Value& payload) {
    for (const char* name : {"head_commit", "pusher", "sender"}) {
        const auto member = payload.find<Value>(name);
        if (member && !member->isObject())
            invalid("value at /" + std::string(name) + " is not an object");
    }
    const auto commits = payload.find<Value>("commits");
    if (commits && !commits->isArray()) invalid("value at /commits is not an array");
}

// Why nothing is to be done for this ref; empty: it is the branch that is deployed.
std::string whyIgnored(const std::string& ref, const std::string& branch) {
    if (ref.compare(0, kTags.size(), kTags) == 0)
        return shown(ref.substr(kTags.size())) + " is a tag; tags are deployed with POST /deploy";
    if (ref.compare(0, kHeads.size(), kHeads) != 0) return shown(ref) + " is not a branch";
    const std::string pushed = ref.substr(kHeads.size());
    if (pushed == branch) return {};
    return "branch " + shown(pushed) + " is not the one that is deployed (" + shown(branch) + ")";
}

}  // namespace

std::vector<std::string> namesOfRepository(const Value& payload) {
    std::vector<std::string> names;
    const auto repository = payload.find<Value>("repository");
    if (!repository) return names;
    if (!repository->isObject()) invalid("value at /repository is not an object");
    for (const char* name : {"full_name", "clone_url", "ssh_url", "html_url"})
        if (auto text = repository->get<std::string>(name, ""); !text.empty())
            names.push_back(std::move(text));
    return names;
}

Verdict understandPush(const Value& payload, const HttpRequest& request) {
    checkShape(payload);
    Event event;
    event.change = true;
    event.ref = payload.get<std::string>("ref");
    if (event.ref.empty() || hasControl(event.ref))
        invalid("value at /ref is empty or has a control character in it");

    const std::string after = commitId(payload, "after");
    if (payload.get<bool>("deleted", false) || allZeros(after))
        return Verdict::ignore(shown(event.ref) + " was deleted", "push");
    if (const auto reason = whyIgnored(event.ref, request.branch); !reason.empty())
        return Verdict::ignore(reason, "push");
    const std::string message = headMessage(payload);
    if (const auto marker = skipMarker(message); !marker.empty())
        return Verdict::ignore("the head commit says " + std::string(marker), "push");

    const std::string before = commitId(payload, "before");
    const bool whole = !payload.get<bool>("forced", false) &&
                       !payload.get<bool>("created", false) && !allZeros(before);
    Touched lists = touched(payload);
    event.paths = std::move(lists.paths);
    event.paths_complete = whole && lists.complete;
    event.revision = after.empty() ? commitId(payload, "head_commit/id") : after;
    event.before = allZeros(before) ? std::string{} : before;
    auto who = payload.get<std::string>("pusher/name", "");
    if (who.empty()) who = payload.get<std::string>("sender/login", "");
    event.triggered_by = beginning(who, kLongestName);
    event.subject = firstLine(message);
    event.delivery = request.header("x-github-delivery");
    return Verdict::accept(event);
}

}  // namespace iac::triggers
