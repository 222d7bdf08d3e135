#include "plugin/probe.hpp"

#include <cstring>

#include "base/process.hpp"
#include "plugin/host_program.hpp"

namespace iac::plugin {
namespace {

constexpr std::size_t kMostHeard = 4'096;

std::string firstLine(const std::string& text) {
    constexpr std::size_t kShown = 200;
    return text.substr(0, std::min(text.find('\n'), kShown));
}

// Empty when every file was opened and the child came to its end.
std::string open(const std::vector<std::filesystem::path>& files) {
    Program program{{hostProgram().string(), "--probe"}, hostEnvironment(), "/"};
    for (const auto& file : files) program.argv.push_back(file.string());
    std::string said[2];
    RunLimits limits;
    limits.timeout = kProbeTime;
    limits.grace = Duration{100};
    limits.output = [&](int stream, std::string_view bytes) {
        std::string& heard = said[stream - 1];
        heard += bytes;
        // Of what was printed, only the end of stdout and the beginning of stderr are asked for.
        if (stream == 1 && heard.size() > kMostHeard) heard.erase(0, heard.size() - kMostHeard);
        if (stream == 2) heard.resize(std::min(heard.size(), kMostHeard));
    };
    const RunEnd end = run(program, {}, limits);
    if (end.how == RunEnd::How::timed_out)
        return "did not let itself be opened in " + std::to_string(kProbeTime.count() / 1000) +
               " s: a static constructor does not come back";
    if (said[0].ends_with(std::string(kProbed) + "\n")) return {};
    std::string why = describeEnd(end.exit);
    if (!said[1].empty()) why += " (it said: " + firstLine(said[1]) + ")";
    return why;
}

}  // namespace

std::map<std::filesystem::path, std::string> probe(
    const std::vector<std::filesystem::path>& files) {
    std::map<std::filesystem::path, std::string> bad;
    if (files.empty() || open(files).empty()) return bad;
    for (const auto& file : files)
        if (auto reason = open({file}); !reason.empty()) bad.emplace(file, std::move(reason));
    return bad;
}

}  // namespace iac::plugin
