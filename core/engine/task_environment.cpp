#include "engine/task_environment.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

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
                                         const std::filesystem::path& scratch) {
    // Where to find programs, and whose keys and docker contexts to use: a task cannot do without
    // these.
    std::map<std::string, std::string> all{
        {"PATH",
         ownVariable("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")},
        {"HOME", ownVariable("HOME", "/")},
        {"USER", ownVariable("USER", "root")},
        {"LANG", "C.UTF-8"},
        {"DEPLOY_ENV", deployment.environment},
    };
    if (const auto* environment = settings.environment(deployment.environment))
        for (const auto& [name, value] : environment->variables) all[name] = value;
    for (const auto& name : service.secrets) {
        const auto found = settings.secrets.find(name);
        if (found != settings.secrets.end()) all[name] = found->second.reveal();
    }
    all["TMPDIR"] = scratch;
    all["IAC_DEPLOYMENT_ID"] = std::to_string(deployment.id);
    all["IAC_SERVICE"] = service.id;
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
    std::ifstream in(file, std::ios::binary);
    std::string text(kTaskOutputLimit, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
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
