#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace iac::triggers {

/// "acme/infra" for "https://github.com/acme/infra.git", "git@github.com:Acme/infra" and
/// "ssh://git@host:2222/acme/infra/": what names a repository at its forge, in lower case. Empty
/// for a folder of this machine and for file://, which name no repository of a forge.
std::string repositoryPath(std::string_view url);

/// The repositories whose pushes a trigger takes.
class Repositories {
public:
    /// named: full names or addresses, from the trigger's settings; empty: the runner's own
    /// repository alone.
    explicit Repositories(const std::vector<std::string>& named);

    /// Whether a push that names itself by these names and addresses (empty ones do not count) is
    /// one of a repository that is taken. `configured` is the runner's repository. True as well
    /// when nothing can be compared: the sender names none, or the runner's is a folder and no
    /// setting names another.
    bool take(const std::vector<std::string>& names, std::string_view configured) const;
    /// What is taken, for a sentence.
    std::string shownFor(std::string_view configured) const;

private:
    std::vector<std::string> wanted(std::string_view configured) const;

    std::vector<std::string> named_;
};

}  // namespace iac::triggers
