#include "remote_log.hpp"

#include "../program.hpp"

namespace iac::dokploy {
namespace {

constexpr const char* kLines = "1000";
// Enough of the end of what was seen to find it again.
constexpr std::size_t kRemembered = 2000;
// Dokploy's own last words say nothing.
constexpr std::string_view kClosing = "Error occurred";

}  // namespace

void RemoteLog::carry(const std::string& deployment) {
    std::optional<Value> answer;
    if (!api_.look("deployment.readLogs", {{"deploymentId", deployment}, {"tail", kLines}}, answer))
        return;
    if (!answer || !answer->isString()) return;
    const auto text = answer->string();
    const auto more = newIn(text);
    if (!more.empty()) api_.call().output(more);
    seen_ = text;
}

std::string_view RemoteLog::newIn(std::string_view text) const {
    if (text.substr(0, seen_.size()) == seen_) return text.substr(seen_.size());
    // Lines were cut off at its beginning: look for the end of what was seen.
    const std::string_view end =
        std::string_view(seen_).substr(seen_.size() - std::min(seen_.size(), kRemembered));
    const auto at = text.rfind(end);
    return at == text.npos ? text : text.substr(at + end.size());
}

std::string RemoteLog::lastLine() const {
    executors::Tail tail;
    std::string_view rest = seen_;
    while (!rest.empty() && rest.back() == '\n') rest.remove_suffix(1);
    const auto last = rest.rfind('\n');
    const auto line = last == rest.npos ? rest : rest.substr(last + 1);
    if (line.substr(0, kClosing.size()) == kClosing)
        rest = rest.substr(0, rest.size() - line.size());
    tail.add(rest);
    return tail.lastLine();
}

}  // namespace iac::dokploy
