#include "engine/task_environment.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>

#include "base/descriptor.hpp"

namespace iac::engine {
namespace {

std::string ownVariable(const char* name, const char* otherwise) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : otherwise;
}

}  // namespace

std::vector<std::string> taskEnvironment(const config::Settings& settings,
                                         const Deployment& deployment,
                                         const planning::Service& service,
                                         const std::filesystem::path& scratch,
                                         const Account* user) {
    // Where to find programs, and whose keys and docker contexts to use: a task cannot do without
    // these.
    std::map<std::string, std::string> all{
        {"PATH",
         ownVariable("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")},
        {"HOME", ownVariable("HOME", "/")},
        {"USER", ownVariable("USER", "root")},
        {"LANG", "C.UTF-8"},
        // Console libraries break lines at it, in the middle of words, where there is no terminal.
        {"COLUMNS", "240"},
        {"DEPLOY_ENV", deployment.environment},
    };
    if (user != nullptr) {
        all["HOME"] = user->home;
        all["USER"] = all["LOGNAME"] = user->name;
    }
    if (const auto* environment = settings.environment(deployment.environment))
        for (const auto& [name, value] : environment->variables) all[name] = value;
    for (const auto& name : service.secrets) {
        const auto found = settings.secrets.find(name);
        if (found != settings.secrets.end()) all[name] = found->second.reveal();
    }
    all["TMPDIR"] = scratch;
    all["IAC_DEPLOYMENT_ID"] = std::to_string(deployment.id);
    all["IAC_SERVICE"] = service.id;
    all["IAC_SERVICE_NAME"] = service.name;
    all["IAC_ENVIRONMENT"] = deployment.environment;
    all["IAC_DEPLOY_REF"] = deployment.revision;
    all["IAC_REF"] = deployment.tag.empty() ? deployment.ref : deployment.tag;
    all["IAC_TRIGGERED_BY"] = deployment.triggered_by;
    all["IAC_OUTPUT"] = taskOutputFile(scratch);

    std::vector<std::string> result;
    result.reserve(all.size());
    for (const auto& [name, value] : all) result.push_back(name + "=" + value);
    return result;
}

std::filesystem::path taskOutputFile(const std::filesystem::path& scratch) {
    return scratch / "output";
}

TaskOutput readTaskOutput(const std::filesystem::path& file) {
    TaskOutput output;
    // O_NONBLOCK: the open of a FIFO that nobody writes to would wait forever.
    const Descriptor in(
        ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC));
    if (!in) {
        if (errno != ENOENT)
            output.invalid = std::string("cannot be read: ") + std::strerror(errno);
        return output;
    }
    struct stat status {};
    if (::fstat(in.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        output.invalid = "is not a regular file";
        return output;
    }
    if (status.st_nlink != 1) {  // a hard link: whose file it is cannot be known
        output.invalid = "is a file that has another name elsewhere";
        return output;
    }
    std::string text(kTaskOutputLimit + 1, '\0');
    std::size_t size = 0;
    for (ssize_t got = 1; got > 0 && size < text.size(); size += static_cast<std::size_t>(got)) {
        got = ::read(in.get(), text.data() + size, text.size() - size);
        if (got < 0) {
            output.invalid = std::string("cannot be read: ") + std::strerror(errno);
            return output;
        }
    }
    if (size > kTaskOutputLimit) {
        output.invalid = "is larger than " + std::to_string(kTaskOutputLimit) + " bytes";
        return output;
    }
    text.resize(size);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r')) line.pop_back();
        const std::size_t equals = line.find('=');
        if (equals == std::string::npos) continue;
        const std::string key = line.substr(0, equals), value = line.substr(equals + 1);
        if (key == "outcome") output.outcome = value;
        if (key == "summary") output.summary = value;
        if (key == "config_hash") output.config_hash = value;
    }
    return output;
}

}  // namespace iac::engine
