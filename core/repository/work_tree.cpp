// A checkout for one deployment.
#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "base/log.hpp"
#include "base/remove_tree.hpp"
#include "repository/git.hpp"
#include "repository/mirror.hpp"

namespace iac::repository {
namespace fs = std::filesystem;
namespace {

void removeFolder(const fs::path& folder) {
    std::error_code failed;
    removeTree(folder, failed);
    if (failed)
        log::warning("repository", "the work tree " + folder.string() + " cannot be removed: " +
                                       failed.message() + "; remove it by hand");
}

void write(const fs::path& file, std::string_view text) {
    fs::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out)
        throw fs::filesystem_error("cannot be written", file,
                                   std::error_code(errno, std::generic_category()));
}

// A value as a file of git's configuration has it.
std::string configValue(std::string_view value) {
    std::string text = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') text += '\\';
        text += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return text + '"';
}

std::string configuration(const std::string& origin, const std::string& branch, bool sha256) {
    const std::string format =
        sha256 ? "1\n[extensions]\n\tobjectformat = sha256\n[core]\n" : "0\n";
    return "[core]\n\trepositoryformatversion = " + format +
           "\tfilemode = true\n\tbare = false\n"
           "\tlogallrefupdates = true\n[remote \"origin\"]\n\turl = " +
           configValue(origin) + "\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n[branch " +
           configValue(branch) +
           "]\n\tremote = origin\n\tmerge = " + configValue("refs/heads/" + branch) + "\n";
}

bool isSha256(std::string_view revision) {
    constexpr std::size_t kDigits = 64;
    return revision.size() == kDigits;
}

// The mirror's branches as those of its origin, its tags, and the one branch that a clone has of
// its own. lines: "SHA NAME\n" each, as packed-refs has them too.
std::string packedRefs(std::string_view lines, const std::string& branch) {
    constexpr std::string_view kHeads = "refs/heads/";
    std::string refs;
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n'));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        const auto sha = line.substr(0, line.find(' ') + 1), name = line.substr(sha.size());
        if (!name.starts_with(kHeads)) {
            refs.append(line) += '\n';
            continue;
        }
        const auto head = name.substr(kHeads.size());
        refs.append(sha).append("refs/remotes/origin/").append(head) += '\n';
        if (head == branch) refs.append(line) += '\n';
    }
    return refs;
}

// A repository of its own that borrows the mirror's objects: what a task does with git in it stays
// in it, and making it copies nothing. `origin` is the remote without its credentials, never the
// mirror: a push would change that. It is what `git clone --shared` makes, written down: a clone
// starts two more programs to ask the mirror what one call tells.
void checkOut(const Git& git, const MirrorSettings& mirror, const std::string& revision,
              const fs::path& folder, const Cancellation* cancel) {
    const auto tell = [&](std::vector<std::string> arguments) {
        return git.tell({std::move(arguments), {}, Duration{0}, cancel});
    };
    const fs::path own = folder / ".git", borrowed = fs::absolute(mirror.folder).lexically_normal();
    const auto refs = tell({"--git-dir=" + borrowed.string(), "for-each-ref",
                            "--format=%(objectname) %(refname)", "refs/heads/", "refs/tags/"});
    write(own / "HEAD", "ref: refs/heads/" + mirror.branch + "\n");
    write(own / "config", configuration(git.remote().text, mirror.branch, isSha256(revision)));
    write(own / "objects/info/alternates", (borrowed / "objects").string() + "\n");
    write(own / "packed-refs", packedRefs(refs, mirror.branch));
    write(own / "refs/remotes/origin/HEAD", "ref: refs/remotes/origin/" + mirror.branch + "\n");
    tell({"--git-dir=" + own.string(), "--work-tree=" + folder.string(), "checkout", "--quiet",
          "--force", "--detach", "--no-recurse-submodules", revision, "--"});
}

}  // namespace

WorkTree::WorkTree(const Mirror& mirror, std::string_view revision, const fs::path& folder,
                   const Cancellation* cancel)
    : folder_(fs::absolute(folder).lexically_normal()),
      objects_(fs::absolute(mirror.settings().folder).lexically_normal() / "objects") {
    if (!mirror.has(revision))
        throw GitFailed("ref_not_found", "the mirror has no commit \"" + std::string(revision) +
                                             "\", so there is nothing to check out");
    mirror.requireWithinLimits(revision, cancel);
    try {
        removeFolder(folder_);
        fs::create_directories(folder_.parent_path());
        checkOut(Git(mirror.settings()), mirror.settings(), std::string(revision), folder_, cancel);
    } catch (const fs::filesystem_error& reason) {
        const bool full = reason.code() == std::errc::no_space_on_device;
        throw GitFailed(
            full ? "disk_full" : "git_failed",
            "a work tree cannot be made in " + folder_.string() + ": " + reason.code().message());
    } catch (...) {
        removeFolder(folder_);
        throw;
    }
}

WorkTree::~WorkTree() {
    removeFolder(folder_);
}

void removeWorkTrees(const fs::path& folder) {
    std::error_code missing;
    // The runner did not make what a link here points to.
    if (fs::is_symlink(folder, missing)) {
        log::warning("repository",
                     "leftovers of earlier deployments are not removed: " + folder.string() +
                         " is a symbolic link, and nothing behind one is removed; remove them by "
                         "hand, or put a folder (a bind mount) in its place");
        return;
    }
    for (const auto& entry : fs::directory_iterator(folder, missing)) removeFolder(entry.path());
}

}  // namespace iac::repository
