#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "repository/mirror.hpp"

namespace iac::engine {

/// The branch that a change is about, as the remote has it now. It is fetched at most once, and
/// only when the answer depends on it: a mirror that was not fetched since still has what a force
/// push took away.
class Branch {
public:
    /// fetch: makes the mirror fresh, or throws.
    Branch(const repository::Mirror& mirror, std::string ref, std::function<void()> fetch)
        : mirror_(mirror), ref_(std::move(ref)), fetch_(std::move(fetch)) {}

    /// It was fetched meanwhile.
    void fetched() { fresh_ = true; }
    /// Whether a revision is older than another one that the branch still contains. A branch that
    /// was reset contains the other one no longer: then nothing is late.
    bool isLate(const std::string& revision, const std::string& than) {
        if (revision == than || !mirror_.isAncestor(revision, than)) return false;
        refresh();
        return containsNow(than);
    }
    /// Whether the branch, as the remote has it now, contains a revision.
    bool contains(const std::string& revision) {
        if (containsNow(revision)) return true;
        if (fresh_) return false;
        refresh();
        return containsNow(revision);
    }
    /// The head, as of the last fetch; empty: there is no such branch.
    std::optional<std::string> head() const { return mirror_.resolve(ref_); }

private:
    void refresh() {
        if (fresh_) return;
        fetch_();
        fresh_ = true;
    }
    bool containsNow(const std::string& revision) const {
        const auto now = head();
        return now && mirror_.isAncestor(revision, *now);
    }

    const repository::Mirror& mirror_;
    const std::string ref_;
    const std::function<void()> fetch_;
    bool fresh_ = false;
};

}  // namespace iac::engine
