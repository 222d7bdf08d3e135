#include "plugin/file_identity.hpp"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

#include "base/descriptor.hpp"

namespace iac::plugin {
namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { ::EVP_MD_CTX_free(context); }
};

}  // namespace

std::string sha256OfFile(const std::filesystem::path& file) {
    const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    const std::unique_ptr<EVP_MD_CTX, FreeContext> context(::EVP_MD_CTX_new());
    if (!in || context == nullptr ||
        ::EVP_DigestInit_ex(context.get(), ::EVP_sha256(), nullptr) != 1)
        return {};
    std::array<char, 64u << 10> piece;
    for (;;) {
        const auto size = ::read(in.get(), piece.data(), piece.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return {};
        if (size == 0) break;
        ::EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(size));
    }
    std::array<unsigned char, 32> digest{};
    if (::EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) return {};
    std::string hex;
    for (const unsigned char byte : digest)
        hex += {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
    return hex;
}

std::string fileIdentity(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return {};
    std::string identity;
    for (const auto number :
         {static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
          static_cast<std::int64_t>(status.st_size),
          static_cast<std::int64_t>(status.st_mtim.tv_sec),
          static_cast<std::int64_t>(status.st_mtim.tv_nsec)})
        identity += (identity.empty() ? "" : ":") + std::to_string(number);
    return identity;
}

}  // namespace iac::plugin
