#include "repository/mirror.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/guarded.hpp"
#include "model/event.hpp"
#include "repository/commit.hpp"
#include "repository/store.hpp"
#include "repository/tree_limits.hpp"

namespace iac::repository {
namespace {

constexpr std::size_t kMostKnown = 10'000;  // commits, or refs, that are remembered
const std::string kPeeled = "^{}";
const std::string kKept = "refs/iac-runner/keep/";

// "a\nb\n" or "a\0b\0".
std::vector<std::string> parted(std::string_view text, char end_of_each) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(end_of_each), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

void requireSha(std::string_view revision) {
    if (!isFullSha(revision))
        throw GitFailed("ref_not_found",
                        "\"" + std::string(revision) + "\" is not a full commit SHA");
}

// 40 digits are a whole SHA-1; to git they are also the beginning of a SHA-256.
bool isAbbreviation(std::string_view name, std::string_view sha) {
    return isFullSha(name) && sha.size() > name.size();
}

[[noreturn]] void throwUnknown(std::string_view revision) {
    throw GitFailed("ref_not_found", "the mirror has no commit " + std::string(revision) +
                                         ": it may have been force-pushed away");
}

}  // namespace

class Mirror::Parts {
public:
    explicit Parts(MirrorSettings with)
        : settings(std::move(with)), git(settings), store(git, settings.folder) {}

    /// What the mirror has under these names, one answer for each; empty: nothing.
    std::vector<std::string> look(const std::vector<std::string>& names) const {
        if (!store.exists()) return std::vector<std::string>(names.size());
        const auto [seen_before, forgotten] = recall(names);
        if (seen_before) return *seen_before;
        auto asked = names;
        asked.push_back(branch);  // whoever asks for a commit asks for this next
        std::string lines;
        for (const auto& name : asked) lines += name + "^{commit}\n";
        auto found = readCommits(read({"cat-file", "--batch"}, lines), asked.size());
        std::vector<std::string> answers;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (isAbbreviation(names[i], found[i].sha)) found[i] = {};
            answers.push_back(found[i].sha);
        }
        remember(asked, std::move(found), forgotten);
        return answers;
    }

    /// A commit that is there stays there, and a ref stays where it is, until the next fetch, or a
    /// pin: between them git is asked once. Empty: not all of them are known.
    std::pair<std::optional<std::vector<std::string>>, std::uint64_t> recall(
        const std::vector<std::string>& names) const {
        auto memory = seen.lock();
        std::vector<std::string> answers;
        for (const auto& name : names) {
            const auto ref = memory->refs.find(name);
            if (ref != memory->refs.end()) {
                answers.push_back(ref->second);
            } else if (memory->commits.contains(name)) {
                answers.push_back(name);
            } else {
                return {std::nullopt, memory->forgotten};
            }
        }
        return {std::move(answers), memory->forgotten};
    }
    void remember(const std::vector<std::string>& names, std::vector<Commit> found,
                  std::uint64_t forgotten) const {
        auto memory = seen.lock();
        if (memory->forgotten != forgotten) return;  // these answers are older
        if (memory->commits.size() > kMostKnown) memory->commits.clear();
        if (memory->refs.size() > kMostKnown) memory->refs.clear();
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (found[i].sha.empty()) continue;
            if (!isFullSha(names[i])) memory->refs[names[i]] = found[i].sha;
            std::string sha = found[i].sha;
            memory->commits.insert_or_assign(std::move(sha), std::move(found[i]));
        }
    }
    /// The names in a tree, as `take` gets them; throws when they are too many.
    void readNames(const std::string& commit,
                   const std::function<void(std::string_view)>& take) const {
        TreeLimits limits(commit, settings.most_files, settings.most_bytes);
        GitCall call{
            {"ls-tree", "-r", "-z", "--name-only", "--full-tree", "--end-of-options", commit}};
        call.take = [&](std::string_view bytes) {
            limits.takeNames(bytes);
            take(bytes);
        };
        read(std::move(call));
        remember(commit, &Seen::few_files);
    }
    void requireFewFiles(const std::string& commit) const {
        if (!isKnown(commit, &Seen::few_files)) readNames(commit, [](std::string_view) {});
    }
    void requireWithinLimits(const std::string& commit, const Cancellation* cancel) const {
        if (isKnown(commit, &Seen::within_limits)) return;
        TreeLimits limits(commit, settings.most_files, settings.most_bytes);
        GitCall call{{"ls-tree", "-r", "-l", "-z", "--full-tree", "--end-of-options", commit}};
        call.cancel = cancel;
        call.take = [&](std::string_view bytes) { limits.takeEntries(bytes); };
        read(std::move(call));
        remember(commit, &Seen::within_limits);
        remember(commit, &Seen::few_files);
    }
    /// What is known of a commit that look() found.
    std::optional<Commit> recallCommit(const std::string& sha) const {
        auto memory = seen.lock();
        const auto found = memory->commits.find(sha);
        return found == memory->commits.end() ? std::nullopt : std::optional(found->second);
    }
    void forget(bool commits) const {
        auto memory = seen.lock();
        ++memory->forgotten;
        memory->refs.clear();
        if (commits) memory->commits.clear();
    }

    /// The output of a git that reads the mirror.
    std::string read(std::vector<std::string> arguments, std::string input = {}) const {
        return read(GitCall{std::move(arguments), std::move(input)});
    }
    std::string read(GitCall call) const {
        call.arguments.insert(call.arguments.begin(), store.gitDir());
        GitAnswer answer = git.ask(call);
        if (answer.code != 0 || saysDamaged(answer.err)) store.suspect();
        if (answer.code != 0) {
            forget(true);
            throw git.fault(call, answer);
        }
        return std::move(answer.out);
    }

    void requireCommits(const std::vector<std::string>& revisions) const {
        for (const auto& revision : revisions) requireSha(revision);
        const auto found = look(revisions);
        for (std::size_t i = 0; i < found.size(); ++i)
            if (found[i].empty()) throwUnknown(revisions[i]);
    }

    const MirrorSettings settings;
    const std::string branch = "refs/heads/" + settings.branch;
    Git git;
    mutable Store store;
    std::atomic<bool> healthy{false};

private:
    /// What the mirror was seen to have.
    struct Seen {
        std::uint64_t forgotten = 0;  ///< how often, by a fetch, a pin or a fault
        std::map<std::string, Commit> commits;
        std::map<std::string, std::string> refs;
        std::set<std::string> few_files, within_limits;
    };
    /// A commit is always the same: what was counted once holds for ever.
    bool isKnown(const std::string& commit, std::set<std::string> Seen::*what) const {
        return ((*seen.lock()).*what).contains(commit);
    }
    void remember(const std::string& commit, std::set<std::string> Seen::*what) const {
        auto memory = seen.lock();
        auto& known = (*memory).*what;
        if (known.size() > kMostKnown) known.clear();
        known.insert(commit);
    }
    mutable Guarded<Seen> seen;
};

Mirror::Mirror(MirrorSettings settings) : parts_(std::make_unique<Parts>(std::move(settings))) {}
Mirror::~Mirror() = default;

void Mirror::logIn(const std::string& url, const Login& login) {
    parts_->git.logIn(url, login);
}

void Mirror::fetch(const Cancellation* cancel) {
    try {
        parts_->forget(parts_->store.fetch(cancel));
    } catch (const GitFailed& fault) {
        parts_->forget(true);
        // That someone gave up waiting says nothing about the remote.
        if (fault.kind() != "cancelled") parts_->healthy = false;
        throw;
    }
    parts_->healthy = true;
}

namespace {

/// The full names that a ref may stand for, the one that wins first.
struct Names {
    std::vector<std::string> names;
    bool may_be_ambiguous = false;
};

// A tag must not take the place of the branch that is deployed by having its name. Of two others
// that share a name, nobody knows which one was meant.
Names namesOf(std::string_view ref, const std::string& branch) {
    const std::string name(ref);
    if (ref.empty()) return {{branch}};
    if (isFullSha(ref) || ref.starts_with("refs/")) return {{name}};
    return {{"refs/heads/" + name, "refs/tags/" + name}, "refs/heads/" + name != branch};
}

// found: the commits of the names, in their order; empty: there is none.
std::optional<std::string> chosen(std::string_view ref, const Names& asked,
                                  const std::vector<std::string>& found) {
    std::optional<std::string> first;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].empty()) continue;
        if (!first) {
            first = found[i];
        } else if (asked.may_be_ambiguous && *first != found[i]) {
            throw AmbiguousRef("\"" + std::string(ref) +
                               "\" is a branch and a tag of different commits; ask for " +
                               asked.names[0] + " or " + asked.names[1]);
        }
    }
    return first;
}

}  // namespace

std::optional<std::string> Mirror::resolve(std::string_view ref) const {
    if (!ref.empty() && !isValidRef(ref)) return std::nullopt;
    const Names asked = namesOf(ref, parts_->branch);
    return chosen(ref, asked, parts_->look(asked.names));
}

std::optional<std::string> Mirror::remoteRevision(std::string_view ref, Duration timeout,
                                                  const Cancellation* cancel) const {
    if (!ref.empty() && !isValidRef(ref)) return std::string();
    if (isFullSha(ref)) return std::nullopt;  // a remote is asked for names, not for commits
    const Names asked = namesOf(ref, parts_->branch);
    GitCall call{{"ls-remote", "--quiet", "--end-of-options", parts_->git.remote().text}};
    for (const auto& name : asked.names) {
        call.arguments.push_back(name);
        call.arguments.push_back(name + kPeeled);
    }
    call.timeout = timeout;
    call.cancel = cancel;
    call.network = true;
    std::map<std::string, std::string> told;
    try {
        // Patterns match the end of a name: "refs/heads/x" also "refs/other/refs/heads/x".
        for (const auto& line : parted(parts_->git.tell(call), '\n')) {
            const std::size_t tab = std::min(line.find('\t'), line.size());
            told[line.substr(std::min(tab + 1, line.size()))] = line.substr(0, tab);
        }
    } catch (const GitFailed&) {
        return std::nullopt;
    }
    std::vector<std::string> found;
    for (const auto& name : asked.names) {
        // An annotated tag is an object of its own; what it points to stands beside it.
        const auto peeled = told.find(name + kPeeled), plain = told.find(name);
        found.push_back(peeled != told.end()  ? peeled->second
                        : plain != told.end() ? plain->second
                                              : std::string());
    }
    return chosen(ref, asked, found).value_or("");
}

void Mirror::requireWithinLimits(std::string_view revision, const Cancellation* cancel) const {
    const std::string commit(revision);
    parts_->requireCommits({commit});
    parts_->requireWithinLimits(commit, cancel);
}

std::vector<std::string> Mirror::paths(std::string_view revision) const {
    const std::string commit(revision);
    parts_->requireCommits({commit});
    std::string names;
    parts_->readNames(commit, [&](std::string_view bytes) { names += bytes; });
    auto result = parted(names, '\0');
    std::ranges::sort(result);
    return result;
}

std::vector<std::string> Mirror::changedPaths(std::string_view base,
                                              std::string_view revision) const {
    const std::string from(base), to(revision);
    parts_->requireCommits({from, to});
    // git diff keeps all of a difference in its memory before it prints any.
    for (const auto& commit : {from, to}) parts_->requireFewFiles(commit);
    // git diff's plumbing: the same answer, whatever the configuration says.
    return parted(
        parts_->read({"diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff",
                      "--no-textconv", "--ignore-submodules=none", "--end-of-options", from, to}),
        '\0');
}

bool Mirror::has(std::string_view revision) const {
    return isFullSha(revision) && !parts_->look({std::string(revision)}).front().empty();
}

bool Mirror::isKnown(std::string_view revision) const {
    return isFullSha(revision) && parts_->recallCommit(std::string(revision)).has_value();
}

bool Mirror::isAncestor(std::string_view ancestor, std::string_view revision) const {
    const std::string older(ancestor), newer(revision);
    if (!isFullSha(older) || !isFullSha(newer)) return false;
    const auto found = parts_->look({older, newer});
    if (found[0].empty() || found[1].empty()) return false;
    if (older == newer) return true;
    // Most pushes follow what is deployed by one commit, or by a merge: no program is needed then.
    const auto isParent = [&](const std::string& one, const std::string& of) {
        const auto commit = parts_->recallCommit(of);
        return commit && std::ranges::find(commit->parents, one) != commit->parents.end();
    };
    if (isParent(older, newer)) return true;
    if (isParent(newer, older)) return false;
    GitCall call{
        {parts_->store.gitDir(), "merge-base", "--is-ancestor", "--end-of-options", older, newer}};
    const GitAnswer answer = parts_->git.ask(call);
    if (answer.code != 0 && answer.code != 1) throw parts_->git.fault(call, answer);
    return answer.code == 0;
}

std::string Mirror::subject(std::string_view revision) const {
    const std::string commit(revision);
    parts_->requireCommits({commit});
    if (const auto known = parts_->recallCommit(commit); known && known->subject)
        return *known->subject;
    const std::string said = parts_->read({"log", "-1", "--no-show-signature", "--no-color",
                                           "--format=%s", "--end-of-options", commit});
    return said.substr(0, said.find('\n'));
}

void Mirror::pin(const std::function<std::vector<std::string>()>& revisions) {
    if (!parts_->store.exists()) return;
    parts_->store.changeRefs([&] {
        std::vector<std::string> shas;
        std::ranges::copy_if(revisions(), std::back_inserter(shas), isFullSha);
        parts_->forget(true);
        std::set<std::string> wanted;
        for (auto& found : parts_->look(shas))
            if (!found.empty()) wanted.insert(std::move(found));
        std::string lines;
        for (const auto& ref :
             parted(parts_->read({"for-each-ref", "--format=%(refname)", kKept}), '\n'))
            if (wanted.erase(ref.substr(kKept.size())) == 0) lines += "delete " + ref + "\n";
        for (const auto& sha : wanted) lines += "create " + kKept + sha + " " + sha + "\n";
        return lines;
    });
}

bool Mirror::healthy() const noexcept {
    return parts_->healthy;
}

const MirrorSettings& Mirror::settings() const noexcept {
    return parts_->settings;
}

}  // namespace iac::repository
