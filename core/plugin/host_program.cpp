#include "plugin/host_program.hpp"

#include <cstring>

#include "plugin/registry.hpp"

namespace iac::plugin {

std::filesystem::path hostProgram() {
    return libraryFolder() / "plugin-host";
}

std::vector<std::string> hostEnvironment() {
    return {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"};
}

std::string describeEnd(Exit exit) {
    if (exit.code < 0) return std::string("crashed: ") + ::strsignal(-exit.code);
    return "ended the process with exit code " + std::to_string(exit.code);
}

}  // namespace iac::plugin
