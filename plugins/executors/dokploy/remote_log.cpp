#include "remote_log.hpp"

#include <array>

#include "../program.hpp"

namespace iac::dokploy {
namespace {

constexpr const char* kLines = "10000";  // the most that Dokploy gives
// Enough of the end of what was seen to find it again.
constexpr std::size_t kRemembered = 2000;
// Dokploy's own last words say nothing.
constexpr std::array<std::string_view, 6> kClosing{
    "Error occurred",        "Error: Docker command failed",
    "Docker command failed", "Error: Docker build failed",
    "Docker build failed",   "Error: "};

bool isClosing(std::string_view line) {
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == line.npos) return true;
    line.remove_prefix(begin);
    for (const auto closing : kClosing)
        if (line == closing || (closing.back() != ' ' && line.substr(0, closing.size()) == closing))
            return true;
    return false;
}

}  // namespace

void RemoteLog::carry(const std::string& deployment) {
    std::optional<Value> answer;
    if (!api_.look("deployment.readLogs", {{"deploymentId", deployment}, {"tail", kLines}}, answer))
        return;
    if (!answer || !answer->isString()) return;
    const auto text = answer->string();
    bool gap = false;
    const auto more = newIn(text, gap);
    if (gap) api_.call().output("[lines of Dokploy's log are missing here]\n");
    if (!more.empty()) api_.call().output(more);
    seen_ = text;
}

std::string_view RemoteLog::newIn(std::string_view text, bool& gap) const {
    if (text.substr(0, seen_.size()) == seen_) return text.substr(seen_.size());
    // Lines were cut off at its beginning: look for the end of what was seen.
    const std::string_view end =
        std::string_view(seen_).substr(seen_.size() - std::min(seen_.size(), kRemembered));
    const auto at = text.rfind(end);
    gap = at == text.npos;
    return gap ? text : text.substr(at + end.size());
}

std::string RemoteLog::lastLine() const {
    executors::Tail tail;
    std::string_view rest = seen_;
    while (!rest.empty()) {
        while (!rest.empty() && rest.back() == '\n') rest.remove_suffix(1);
        const auto last = rest.rfind('\n');
        const auto line = last == rest.npos ? rest : rest.substr(last + 1);
        if (!isClosing(line)) break;
        rest = rest.substr(0, rest.size() - line.size());
    }
    tail.add(rest);
    return tail.lastLine();
}

}  // namespace iac::dokploy
