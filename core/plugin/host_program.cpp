#include "plugin/host_program.hpp"

#include <cstdlib>
#include <cstring>

#include "plugin/registry.hpp"

namespace iac::plugin {

std::filesystem::path hostProgram() {
    return libraryFolder() / "plugin-host";
}

std::vector<std::string> hostEnvironment(const Account* user) {
    std::vector<std::string> all{
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"};
    for (const std::string name : {"SSL_CERT_FILE", "SSL_CERT_DIR"})
        if (const char* value = std::getenv(name.c_str())) all.push_back(name + "=" + value);
    if (user != nullptr)
        for (const auto& one :
             {"HOME=" + user->home, "USER=" + user->name, "LOGNAME=" + user->name})
            all.push_back(one);
    return all;
}

std::string describeEnd(Exit exit) {
    if (exit.code < 0) return std::string("crashed: ") + ::strsignal(-exit.code);
    return "ended the process with exit code " + std::to_string(exit.code);
}

}  // namespace iac::plugin
