#include "repository/commit.hpp"

#include <algorithm>
#include <charconv>

#include "model/event.hpp"

namespace iac::repository {
namespace {

constexpr std::size_t kMostParents = 8;         // that are kept: a merge has two
constexpr std::size_t kLongestSubject = 1'024;  // that is kept

// Up to the next end of a line, which is taken too.
std::string_view takeLine(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

std::string_view withoutSpacesBehind(std::string_view line) {
    return line.substr(0, line.find_last_not_of(" \t\r\v\f") + 1);
}

// The lines of the first paragraph as one.
std::optional<std::string> subjectOf(std::string_view message) {
    message = message.substr(0, message.find('\0'));
    std::string subject;
    while (!message.empty()) {
        const auto line = withoutSpacesBehind(takeLine(message));
        if (line.empty() && subject.empty()) continue;
        if (line.empty()) break;
        if (subject.size() + line.size() > kLongestSubject) return std::nullopt;
        if (!subject.empty()) subject += ' ';
        subject += line;
    }
    return subject;
}

void readContent(Commit& commit, std::string_view content) {
    constexpr std::string_view kParent = "parent ";
    bool encoded = false;
    for (auto line = takeLine(content); !line.empty(); line = takeLine(content)) {
        if (line.starts_with(kParent)) commit.parents.emplace_back(line.substr(kParent.size()));
        encoded = encoded || line.starts_with("encoding ");
    }
    if (commit.parents.size() > kMostParents) commit.parents.clear();
    if (!encoded) commit.subject = subjectOf(content);
}

}  // namespace

std::vector<Commit> readCommits(std::string_view answers, std::size_t questions) {
    std::vector<Commit> commits(questions);
    for (auto& commit : commits) {
        // "SHA commit SIZE", its content and an end of line; or "refs/tags/v1^{commit} missing".
        const auto header = takeLine(answers);
        const auto sha = header.substr(0, header.find(' '));
        const auto number = header.substr(header.rfind(' ') + 1);
        if (!isFullSha(sha)) continue;
        std::size_t size = 0;
        std::from_chars(number.data(), number.data() + number.size(), size);
        commit.sha = sha;
        readContent(commit, answers.substr(0, size));
        answers.remove_prefix(std::min(size + 1, answers.size()));
    }
    return commits;
}

}  // namespace iac::repository
