#include <cstdlib>
#include <system_error>

#include "plugin/registry.hpp"

namespace iac::plugin {

std::filesystem::path libraryFolder() {
    namespace fs = std::filesystem;
    std::error_code unknown;
    fs::path here = fs::read_symlink("/proc/self/exe", unknown).parent_path();
    if (fs::exists(here / "plugin-host", unknown)) return here;  // asked by the plugin host itself
    fs::path beside = (here / ".." / "lib" / "iac-runner").lexically_normal();
    if (fs::exists(beside / "plugin-host", unknown)) return beside;
    // A test program lies elsewhere and says where it is.
    const char* named = std::getenv("IAC_LIBRARY_FOLDER");  // NOLINT(concurrency-mt-unsafe)
    return named == nullptr ? beside : fs::path(named);
}

}  // namespace iac::plugin
