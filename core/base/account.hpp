#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iac {

/// What the kernel knows a user by.
struct UserIds {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  ///< all of them, `gid` too
    bool operator==(const UserIds&) const = default;
};
/// "1001:1001:1001,27", for a command line.
std::string toText(const UserIds& ids);
/// Empty: the text is not one of toText().
std::optional<UserIds> parseUserIds(std::string_view text);

/// A user of this machine.
struct Account {
    std::string name, home;
    UserIds ids;
    bool operator==(const Account&) const = default;
};
/// Empty: there is no such user. Throws std::system_error when the user database cannot be read.
std::optional<Account> findAccount(const std::string& name);

/// The capabilities that this process lacks to run programs as another user, to signal them, and to
/// own what they leave behind: "CAP_CHOWN, CAP_KILL, CAP_SETGID, CAP_SETUID". Empty: it has all.
std::string missingSwitchCapabilities();

/// From now on, a program that this process starts has no capability of ours unless Program says
/// so. Before the first thread is made.
void keepCapabilitiesFromPrograms() noexcept;

/// Passes CAP_SETUID and CAP_SETGID on to programs that the calling thread starts meanwhile. Root
/// passes them on anyway.
class PassedSwitchCapabilities {
public:
    explicit PassedSwitchCapabilities(bool wanted) noexcept;
    ~PassedSwitchCapabilities();
    PassedSwitchCapabilities(const PassedSwitchCapabilities&) = delete;
    PassedSwitchCapabilities& operator=(const PassedSwitchCapabilities&) = delete;

private:
    const bool wanted_;
};

/// Makes this process one of that user, for good: its groups, its ids, no capability. Call it while
/// the process has one thread. Throws std::system_error.
void becomeUser(const UserIds& ids);

/// Whether that user can open a file for reading, or enter a folder. The calling process needs the
/// capabilities above.
bool canRead(const UserIds& ids, const std::filesystem::path& file);
bool canEnter(const UserIds& ids, const std::filesystem::path& folder);

}  // namespace iac
