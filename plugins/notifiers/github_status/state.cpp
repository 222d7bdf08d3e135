#include "state.hpp"

#include <algorithm>
#include <sstream>

#include "../exchange.hpp"
#include "../text.hpp"

namespace iac::github_status {
namespace {

constexpr std::size_t kLongestDescription = 140;  // GitHub's limit
constexpr std::size_t kLongestContext = 100;
constexpr std::size_t kLongestId = 19;  // digits
constexpr const char* kMarked = "marked";

struct States {
    const char* ours;
    const char* commit;      // error, failure, pending or success; empty: none
    const char* deployment;  // queued, in_progress, success, failure or inactive
};
constexpr States kStates[] = {
    {"queued", "", "queued"},           {"running", "pending", "in_progress"},
    {"success", "success", "success"},  {"failed", "failure", "failure"},
    {"cancelled", "error", "inactive"}, {"superseded", "pending", "inactive"},
};

const States& statesOf(const News& news) {
    const auto* found = std::find_if(std::begin(kStates), std::end(kStates),
                                     [&](const States& one) { return news.status == one.ours; });
    if (found == std::end(kStates))
        invalid("a deployment that is \"" + notifiers::cut(news.status, 40) +
                "\" has no state on GitHub");
    return *found;
}

std::string description(const News& news, const Wording& wording) {
    return notifiers::cut(notifiers::oneLine(wording.title.fill(fieldsOf(news))),
                          kLongestDescription);
}

bool isId(const std::string& text) {
    return !text.empty() && text.size() <= kLongestId &&
           text.find_first_not_of("0123456789") == text.npos;
}

std::string logUrl(const News& news) {
    return news.links.log.empty() ? news.links.deployment : news.links.log;
}

}  // namespace

std::map<std::string, std::string> readUrls(const Value& config) {
    std::map<std::string, std::string> urls;
    const auto given = config.find<Value>("environment_urls");
    for (std::size_t i = 0; given && i < given->count(); ++i) {
        const std::string name = given->key(i), url((*given)[i].string());
        notifiers::checkUrl("environment_urls." + name, url, false);
        urls[name] = url;
    }
    return urls;
}

Place placeOf(const News& news, const std::string& repository, const std::string& api_url) {
    std::string host, path;
    if (const auto begin = news.repository.find("://"); begin != news.repository.npos) {
        const auto slash = news.repository.find('/', begin + 3);
        host = news.repository.substr(0, slash);
        if (slash != news.repository.npos) path = news.repository.substr(slash + 1);
    }
    const bool is_path =
        std::count(path.begin(), path.end(), '/') == 1 && path.front() != '/' && path.back() != '/';
    if (repository.empty() && !is_path)
        invalid("GitHub's name of the repository is not known",
                {"repository", "Set `repository` of this notifier to owner/name."});
    Place place{api_url, repository.empty() ? path : repository};
    if (place.api_url.empty()) {
        const bool elsewhere = !host.empty() && host != "https://github.com";
        place.api_url = elsewhere ? host + "/api/v3" : "https://api.github.com";
        notifiers::checkUrl("repository.url", place.api_url, true);
    }
    return place;
}

Object commitStatus(const News& news, const Wording& wording) {
    Object body;
    body.set("state", statesOf(news).commit);
    body.set("context", notifiers::cut(notifiers::oneLine(wording.context.fill(fieldsOf(news))),
                                       kLongestContext));
    body.set("description", description(news, wording));
    if (const auto url = logUrl(news); !url.empty()) body.set("target_url", url);
    return body;
}

Object deployment(const News& news, const Wording& wording) {
    const bool production = std::find(wording.production.begin(), wording.production.end(),
                                      news.environment) != wording.production.end();
    // GitHub would otherwise merge the default branch into what is deployed, and wait for checks:
    // what is deployed here is decided already.
    return Object()
        .set("ref", news.revision)
        .set("task", "deploy")
        .set("auto_merge", false)
        .set("required_contexts", std::vector<std::string>())
        .set("environment", news.environment)
        .set("description", description(news, wording))
        .set("production_environment", production)
        .set("transient_environment", false)
        .set("payload", Object().set("iac_runner", Object().set("deployment", news.id)));
}

Object deploymentStatus(const News& news, const Wording& wording) {
    Object body;
    body.set("state", statesOf(news).deployment).set("description", description(news, wording));
    if (const auto url = logUrl(news); !url.empty()) body.set("log_url", url);
    const auto url = wording.environment_urls.find(news.environment);
    if (url != wording.environment_urls.end()) body.set("environment_url", url->second);
    return body.set("auto_inactive", true);
}

Memory readMemory(const std::string& text) {
    Memory memory;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (isId(word)) memory.deployment = word;
        if (word == kMarked) memory.marked = true;
    }
    return memory;
}

std::string textOf(const Memory& memory) {
    if (!memory.marked) return memory.deployment;
    return memory.deployment + (memory.deployment.empty() ? "" : " ") + kMarked;
}

bool setsStatus(const News& news, const Memory& memory) {
    if (news.status == "superseded") return memory.marked;
    return *statesOf(news).commit != '\0';
}

std::string idIn(const Value& made) {
    const auto id = made.find<Value>("id");
    if (id && id->isNumber() && isId(id->json())) return id->json();
    fail("GitHub made no deployment of it, but answered without an id",
         {"provider", "See the branch on GitHub: it may have been merged instead."});
}

}  // namespace iac::github_status
