#pragma once

#include <string>
#include <string_view>

namespace example {

/// Listens to what `docker compose up` prints, line by line, and keeps what a person would ask for.
class ComposeOutput {
public:
    void add(std::string_view bytes);

    /// Whether something was created, started or removed: " Container web-1  Recreated".
    bool hasChanges() const { return changes_; }
    /// Whether the Docker host could not be reached, which may pass.
    bool isUnreachable() const { return unreachable_; }
    /// Whether the Docker client has no `compose`.
    bool hasNoCompose() const { return no_compose_; }
    /// Whether --wait met a container that has ended with success.
    bool isOneShot() const { return one_shot_; }
    /// The last line that says something; cut when it is long.
    const std::string& lastLine() const { return last_; }

private:
    void line(std::string_view text);

    std::string open_, last_;
    bool changes_ = false, unreachable_ = false, no_compose_ = false, one_shot_ = false;
};

}  // namespace example
