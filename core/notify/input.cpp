#include "notify/input.hpp"

#include <Poco/URI.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "base/utf8.hpp"
#include "config/repository_url.hpp"
#include "history/step_log.hpp"
#include "model/json.hpp"

namespace iac::notify {
namespace {

bool isContinuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// A deployment may be told of long after its end: what came later has to be stepped over.
constexpr int kMostDeploymentsBack = 8;

// How a target was deployed well before a deployment.
std::optional<Target> goodBefore(history::History& history, std::optional<Target> target,
                                 DeploymentId deployment) {
    for (int back = 0; target && target->last_good_deployment >= deployment; ++back) {
        if (back == kMostDeploymentsBack) return std::nullopt;
        target = history.goodBefore(*target);
    }
    return target && !target->last_good_revision.empty() ? target : std::nullopt;
}

}  // namespace

Surroundings surroundingsOf(const config::Settings& settings) {
    return {withoutUser(settings.repository.url), webAddress(settings.repository.url),
            settings.server.public_url, settings.data};
}

std::string inputOf(const News& news, const Surroundings& surroundings) {
    auto repository = jsonObject();
    repository->set("url", validUtf8(surroundings.repository_url));
    repository->set("web", validUtf8(surroundings.repository_web));
    repository->set("previous_revision", news.previous_revision);
    auto input = jsonObject();
    input->set("notification", news.notification);
    input->set("event", news.event);
    input->set("sample", news.sample);
    input->set("deployment", toJson(news.deployment, Detail::full));
    input->set("repository", repository);
    input->set("public_url", validUtf8(surroundings.public_url));
    input->set("log_tail", validUtf8(news.log_tail));
    input->set("memory", validUtf8(news.memory));
    return jsonText(input);
}

std::string logTail(const std::filesystem::path& data, const Deployment& deployment) {
    const auto failed = std::ranges::find(deployment.steps, StepState::failed, &Step::state);
    if (failed == deployment.steps.end() || failed->attempts.empty()) return {};
    std::ifstream log(
        history::stepLogFile(data, deployment.id, failed->id, failed->attempts.back().number),
        std::ios::binary | std::ios::ate);
    if (!log) return {};
    const auto size = static_cast<std::uint64_t>(log.tellg());
    const std::uint64_t from = size - std::min<std::uint64_t>(size, kLogTail);
    // One byte more, to see whether the first line is whole.
    const std::uint64_t read_from = from == 0 ? 0 : from - 1;
    log.seekg(static_cast<std::streamoff>(read_from));
    std::string tail(static_cast<std::size_t>(size - read_from), '\0');
    log.read(tail.data(), static_cast<std::streamsize>(tail.size()));
    tail.resize(static_cast<std::size_t>(log.gcount()));
    if (from != 0) {
        const auto line = tail.find('\n');
        if (line != std::string::npos && line + 1 < tail.size()) {
            tail.erase(0, line + 1);
        } else {  // one line, longer than all of it
            const auto whole = std::find_if_not(tail.begin() + 1, tail.end(), isContinuation);
            tail.erase(tail.begin(), whole);
        }
    }
    return validUtf8(tail);
}

std::string previousRevision(history::History& history, const Deployment& deployment) {
    std::optional<Target> oldest;
    std::size_t compared = 0;
    const auto targets = history.targets(deployment.environment);
    for (const auto& step : deployment.steps) {
        const auto found = std::ranges::find(targets, step.service, &Target::service);
        if (found == targets.end()) continue;
        if (compared++ == kMostCompared) break;
        const auto good = goodBefore(history, *found, deployment.id);
        if (!good || good->last_good_revision == deployment.revision) continue;
        if (!oldest || good->last_good_deployment < oldest->last_good_deployment) oldest = good;
    }
    return oldest ? oldest->last_good_revision : "";
}

std::string withoutUser(const std::string& url) {
    const auto scheme = url.find("://");
    if (scheme == std::string::npos) return url;
    const auto authority = scheme + 3;
    const auto at = url.substr(0, url.find('/', authority)).rfind('@');
    return at == std::string::npos || at < authority
               ? url
               : url.substr(0, authority) + url.substr(at + 1);
}

std::string webAddress(const std::string& url) try {
    if (config::isRepositoryPath(url)) return {};
    std::string host, path;
    if (url.find("://") == std::string::npos) {  // git@github.com:owner/name.git
        const auto colon = url.find(':');
        const auto at = url.rfind('@', colon);
        host = url.substr(at == std::string::npos ? 0 : at + 1, colon - (at + 1));
        path = url.substr(colon + 1);
    } else {
        Poco::URI uri(url);
        uri.setUserInfo("");
        if (uri.getScheme() != "https" && uri.getScheme() != "ssh") return {};
        host = uri.getScheme() == "ssh" ? uri.getHost() : uri.getAuthority();  // with its port
        path = uri.getPath();
    }
    if (host == "ssh.github.com") host = "github.com";  // its ssh on the port of https
    while (path.starts_with('/')) path.erase(0, 1);
    while (path.ends_with('/')) path.pop_back();
    if (path.ends_with(".git")) path.resize(path.size() - 4);
    return host.empty() || path.empty() ? "" : "https://" + host + "/" + path;
} catch (const Poco::Exception&) {
    return {};
}

}  // namespace iac::notify
