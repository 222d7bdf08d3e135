#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iac::repository {

/// What the commit itself says, as far as the runner asks.
struct Commit {
    std::string sha;                   ///< empty: there is none
    std::vector<std::string> parents;  ///< none also when they are too many to keep
    /// First paragraph of its message, as git's %s. Empty: git has to be asked.
    std::optional<std::string> subject;
};

/// The answers of `git cat-file --batch` to as many questions for commits. What it did not answer
/// is not there.
std::vector<Commit> readCommits(std::string_view answers, std::size_t questions);

}  // namespace iac::repository
