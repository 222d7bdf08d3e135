#include "output.hpp"

#include <algorithm>

namespace example {
namespace {

constexpr std::size_t kLongestLine = 512;  // of a line, what is more is not looked at

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

bool endsWith(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

void ComposeOutput::add(std::string_view bytes) {
    for (const char c : bytes) {
        if (c == '\n' || c == '\r') {
            line(open_);
            open_.clear();
        } else if (open_.size() < kLongestLine) {
            open_ += c;
        }
    }
}

void ComposeOutput::line(std::string_view text) {
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    if (text.empty()) return;
    last_ = text;
    for (const auto* word : {" Created", " Started", " Recreated", " Removed", " Restarted"})
        changes_ = changes_ || endsWith(text, word);
    for (const auto* words : {"Cannot connect to the Docker daemon", "error during connect",
                              "Connection refused", "Connection timed out", "No route to host"})
        unreachable_ = unreachable_ || has(text, words);
    for (const auto* words :
         {"'compose' is not a docker command", "unknown shorthand flag: 'p' in -p",
          "unknown command: docker compose"})
        no_compose_ = no_compose_ || has(text, words);
    one_shot_ = one_shot_ || has(text, "exited (0)");
}

}  // namespace example
