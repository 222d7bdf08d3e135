#include "base/account.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <thread>
#include <utility>

#include "base/descriptor.hpp"

namespace iac {
namespace {

constexpr std::array<std::pair<const char*, unsigned>, 4> kNeeded{{{"CAP_CHOWN", CAP_CHOWN},
                                                                   {"CAP_KILL", CAP_KILL},
                                                                   {"CAP_SETGID", CAP_SETGID},
                                                                   {"CAP_SETUID", CAP_SETUID}}};
constexpr std::array<unsigned, 2> kPassedOn{CAP_SETGID, CAP_SETUID};

// capget(2) and capset(2) have no wrapper in glibc. Of the calling thread.
struct Capabilities {
    __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> sets{};

    bool read() noexcept { return ::syscall(SYS_capget, &head, sets.data()) == 0; }
    bool write() noexcept { return ::syscall(SYS_capset, &head, sets.data()) == 0; }
};
constexpr std::uint32_t bitOf(unsigned capability) {
    return 1U << capability;  // all of ours are below 32
}

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

// Opens as that user, on a thread of its own: Linux has ids and capabilities for each thread, and
// these calls are not made for all of them, as setuid() is.
bool canOpen(const UserIds& ids, const std::filesystem::path& path, int flags) {
    bool can = false;
    std::thread([&] {
        if (::syscall(SYS_setgroups, ids.groups.size(), ids.groups.data()) != 0) return;
        ::setfsgid(ids.gid);
        ::setfsuid(ids.uid);
        constexpr auto kOnlyAsk = static_cast<uid_t>(-1);
        if (static_cast<uid_t>(::setfsuid(kOnlyAsk)) != ids.uid) return;
        if (!Capabilities{}.write()) return;
        can = static_cast<bool>(Descriptor(::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK)));
    }).join();
    return can;
}

}  // namespace

std::string toText(const UserIds& ids) {
    std::string text = std::to_string(ids.uid) + ":" + std::to_string(ids.gid) + ":";
    for (const gid_t group : ids.groups)
        text += (text.ends_with(':') ? "" : ",") + std::to_string(group);
    return text;
}

std::optional<UserIds> parseUserIds(std::string_view text) {
    const auto number = [&](auto& into) {
        const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), into);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        return fault == std::errc{};
    };
    const auto follows = [&](char separator) {
        const bool there = text.starts_with(separator);
        if (there) text.remove_prefix(1);
        return there;
    };
    UserIds ids;
    if (!number(ids.uid) || !follows(':') || !number(ids.gid) || !follows(':')) return std::nullopt;
    if (text.empty()) return ids;
    do {
        if (!number(ids.groups.emplace_back())) return std::nullopt;
    } while (follows(','));
    return text.empty() ? std::optional(ids) : std::nullopt;
}

std::optional<Account> findAccount(const std::string& name) {
    passwd entry{};
    passwd* found = nullptr;
    std::vector<char> buffer(1u << 10);
    int fault = 0;
    while ((fault = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found)) ==
               ERANGE &&
           buffer.size() < (1u << 20))
        buffer.resize(2 * buffer.size());
    // These too say that there is none: getpwnam(3).
    constexpr std::array kNone{0, ENOENT, ESRCH, EBADF, EPERM};
    if (found == nullptr && std::ranges::find(kNone, fault) != kNone.end()) return std::nullopt;
    if (found == nullptr)
        throw std::system_error(fault, std::generic_category(),
                                "cannot look up the user \"" + name + "\"");
    Account account{entry.pw_name, entry.pw_dir, {entry.pw_uid, entry.pw_gid, {}}};
    int count = 32;
    do {
        account.ids.groups.resize(static_cast<std::size_t>(count));
    } while (::getgrouplist(entry.pw_name, entry.pw_gid, account.ids.groups.data(), &count) < 0);
    account.ids.groups.resize(static_cast<std::size_t>(count));
    return account;
}

std::string missingSwitchCapabilities() {
    Capabilities own;
    const bool known = own.read();
    std::string missing;
    for (const auto& [name, capability] : kNeeded)
        if (!known || (own.sets[0].effective & bitOf(capability)) == 0)
            missing += (missing.empty() ? "" : ", ") + std::string(name);
    return missing;
}

void keepCapabilitiesFromPrograms() noexcept {
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    // A program whose file has inheritable capabilities would gain these.
    Capabilities own;
    if (!own.read()) return;
    for (auto& set : own.sets) set.inheritable = 0;
    own.write();
}

// What cannot be passed on is missed by the program, which says so.
PassedSwitchCapabilities::PassedSwitchCapabilities(bool wanted) noexcept : wanted_(wanted) {
    Capabilities own;
    if (!wanted_ || !own.read()) return;
    for (const unsigned one : kPassedOn)
        own.sets[0].inheritable |= own.sets[0].permitted & bitOf(one);
    own.write();
    for (const unsigned one : kPassedOn) ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, one, 0, 0);
}

PassedSwitchCapabilities::~PassedSwitchCapabilities() {
    if (wanted_) keepCapabilitiesFromPrograms();
}

void becomeUser(const UserIds& ids) {
    if (::setgroups(ids.groups.size(), ids.groups.data()) != 0) fail("setgroups");
    if (::setresgid(ids.gid, ids.gid, ids.gid) != 0) fail("setresgid");
    if (::setresuid(ids.uid, ids.uid, ids.uid) != 0) fail("setresuid");
    // The ids alone take the capabilities of root only.
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (!Capabilities{}.write()) fail("capset");
}

bool canRead(const UserIds& ids, const std::filesystem::path& file) {
    return canOpen(ids, file, O_RDONLY);
}

bool canEnter(const UserIds& ids, const std::filesystem::path& folder) {
    return canOpen(ids, folder / ".", O_PATH);
}

}  // namespace iac
