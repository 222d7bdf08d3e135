#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "base/account.hpp"
#include "base/guarded.hpp"
#include "model/deployment.hpp"
#include "repository/mirror.hpp"

namespace iac::engine {

/// Where the work trees ("work") and scratch folders ("scratch") of a user's steps lie, made and
/// opened to that user: DATA/users/UID; null: DATA, for the runner's own user. Of all that is in
/// DATA, that user can reach this folder only. Throws std::filesystem::filesystem_error.
std::filesystem::path stepFolder(const std::filesystem::path& data, const Account* user);

/// Removes what the steps of earlier runs left.
void removeStepFolders(const std::filesystem::path& data);

/// A folder of one attempt, gone when it ends: IAC_OUTPUT lies in it, and TMPDIR is it.
class Scratch {
public:
    /// Throws std::filesystem::filesystem_error.
    Scratch(const std::filesystem::path& data, StepId step, int attempt, const Account* user);
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    const std::filesystem::path& folder() const noexcept { return folder_; }
    /// Once nothing of the step runs: the folder, and what IAC_OUTPUT names, belong to the runner,
    /// which may read it then, whatever its mode.
    void takeBack() const noexcept;

private:
    std::filesystem::path folder_;
    std::optional<uid_t> owner_;
};

/// The work trees of one deployment: one for each user that its steps run as. [any-thread]
class WorkTrees {
public:
    using Tree = std::unique_ptr<repository::WorkTree>;
    /// Checks the revision out into a folder that nobody but the runner can reach.
    using Make = std::function<Tree(const std::filesystem::path& folder)>;

    static std::filesystem::path privatePlace(const std::filesystem::path& data, DeploymentId id);

    /// first: one that was made before it was known who needs it; empty: none.
    WorkTrees(std::filesystem::path data, DeploymentId id, Tree first, Make make);

    /// The user's; null: the runner's own. Made when it is asked for the first time. Throws
    /// repository::GitFailed.
    const std::filesystem::path& folderFor(const Account* user);

private:
    struct Trees {
        Tree unclaimed;
        std::map<std::optional<uid_t>, Tree> by_user;
    };

    std::filesystem::path buildPlace(const Account& user) const;

    const std::filesystem::path data_;
    const DeploymentId id_;
    const Make make_;
    Guarded<Trees> trees_;
};

}  // namespace iac::engine
