#include "mounts.hpp"

#include <filesystem>

namespace example {
namespace {

namespace fs = std::filesystem;

fs::path real(const fs::path& path) {
    std::error_code unknown;
    const fs::path known = fs::weakly_canonical(path, unknown);
    return unknown ? path.lexically_normal() : known;
}

bool isWithin(const fs::path& path, const fs::path& folder) {
    auto part = path.begin();
    for (const auto& one : folder)
        if (part == path.end() || *part++ != one) return false;
    return true;
}

}  // namespace

std::string mountedFromWorkTree(const iac::Value& config, const std::string& work_tree) {
    const fs::path tree = real(work_tree);
    const auto isInTree = [&](const std::string& path) {
        return !path.empty() && isWithin(real(path), tree);
    };
    if (const auto services = config.find<iac::Value>("services")) {
        for (std::size_t i = 0; i < services->count(); ++i) {
            const auto volumes = (*services)[i].find<iac::Value>("volumes");
            for (std::size_t n = 0; volumes && n < volumes->count(); ++n) {
                const iac::Value volume = (*volumes)[n];
                const auto source = volume.get<std::string>("source", "");
                if (volume.get<std::string>("type", "") == "bind" && isInTree(source))
                    return "mounts " + source + " (service " + services->key(i) + ")";
            }
        }
    }
    // Compose mounts these too, where there is no swarm.
    for (const std::string kind : {"configs", "secrets"}) {
        const auto all = config.find<iac::Value>(kind);
        for (std::size_t i = 0; all && i < all->count(); ++i) {
            const auto file = (*all)[i].get<std::string>("file", "");
            if (isInTree(file)) return "mounts " + file + " (" + kind + ": " + all->key(i) + ")";
        }
    }
    return {};
}

}  // namespace example
