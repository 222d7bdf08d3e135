#include "plugin/checks.hpp"

#include <elf.h>
#include <sys/stat.h>

#include <cstring>

#include "base/descriptor.hpp"

namespace iac::plugin {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
constexpr const char* kMachineName = "x86-64";
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
constexpr const char* kMachineName = "arm64";
#else
#error "name the ELF machine of this processor here"
#endif

std::string judgeOwner(const struct stat& status) {
    if (status.st_uid == 0 || status.st_uid == ::geteuid()) return {};
    return "is owned by uid " + std::to_string(status.st_uid) +
           "; the owner must be root or the runner's user";
}

bool othersMayWrite(const struct stat& status) {
    return (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

std::string judgeFolder(const std::filesystem::path& folder, bool maybe_sticky) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0)
        return "lies in a folder that cannot be read: " + std::string(std::strerror(errno));
    if (const auto reason = judgeOwner(status); !reason.empty())
        return "lies in " + folder.string() + ", which " + reason;
    const bool sticky = maybe_sticky && (status.st_mode & S_ISVTX) != 0;
    if (othersMayWrite(status) && !sticky)
        return "can be replaced by other users; run: chmod go-w " + folder.string();
    return {};
}

/// Whoever may rename one of the folders above can put another in its place (sshd_config(5),
/// StrictModes). In one with the sticky bit, such as /tmp, only its owner may.
std::string judgeFolders(const std::filesystem::path& file) {
    std::error_code failed;
    const auto real = std::filesystem::canonical(file.parent_path(), failed);
    if (failed) return "lies in a folder that cannot be read: " + failed.message();
    if (auto reason = judgeFolder(real, false); !reason.empty()) return reason;
    for (auto above = real; above != above.root_path();) {
        above = above.parent_path();
        if (auto reason = judgeFolder(above, true); !reason.empty()) return reason;
    }
    return {};
}

std::string judgeElf(int descriptor) {
    Elf64_Ehdr header{};
    const auto size = ::pread(descriptor, &header, sizeof header, 0);
    if (size < static_cast<ssize_t>(EI_NIDENT) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        return "is not a shared object (no ELF header)";
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
        return std::string(
                   "is built for another processor (not a 64-bit little-endian ELF file; "
                   "this runner needs ") +
               kMachineName + ")";
    if (size < static_cast<ssize_t>(sizeof header))
        return "is not a shared object (it is cut off; copy it again)";
    if (header.e_machine != kMachine)
        return "is built for another processor (ELF machine " + std::to_string(header.e_machine) +
               "; this runner needs " + kMachineName + ")";
    if (header.e_type != ET_DYN)
        return "is not a shared object (ELF type " + std::to_string(header.e_type) + ")";
    return {};
}

}  // namespace

std::string judgeFile(const std::filesystem::path& file) {
    // O_NOFOLLOW: what is judged is the file of that name, not what somebody's link points to.
    const Descriptor open(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!open && errno == ELOOP) return "is not a regular file (it is a symbolic link)";
    struct stat status {};
    if (!open || ::fstat(open.get(), &status) != 0)
        return "cannot be read: " + std::string(std::strerror(errno));
    if (!S_ISREG(status.st_mode)) return "is not a regular file";
    if (auto reason = judgeOwner(status); !reason.empty()) return reason;
    if (othersMayWrite(status))
        return "can be changed by other users; run: chmod go-w " + file.string();
    if (auto reason = judgeFolders(file); !reason.empty()) return reason;
    return judgeElf(open.get());
}

std::string judgeContent(const std::filesystem::path& file) {
    const Descriptor open(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!open || ::fstat(open.get(), &status) != 0)
        return "cannot be read: " + std::string(std::strerror(errno));
    if (!S_ISREG(status.st_mode)) return "is not a regular file";
    return judgeElf(open.get());
}

}  // namespace iac::plugin
