#include "interpreter.hpp"

#include <fstream>
#include <sstream>

namespace iac::invoke {
namespace {

// What Python does instead of running the script. The first entry of sys.path is the working
// directory, from where the repository's `platform` would come (before Python 3.11 there is no -P).
constexpr const char* kStart =
    "import sys\n"
    "if sys.path[:1] == ['']: del sys.path[0]\n"
    "import platform, runpy\n"
    "del sys.argv[0]\n"
    "runpy.run_path(sys.argv[0], run_name='__main__')\n";

// The file that the step's PATH leads to; empty: none. This process has another PATH than the step.
std::string lookUp(const std::string& program, const std::string& directory, const Call& call) {
    if (program.find('/') != std::string::npos)
        return program[0] == '/' || directory.empty() ? program : directory + "/" + program;
    std::string file;
    Command command;
    command.argv = {"/bin/sh", "-c", "command -v -- \"$1\"", "sh", program};
    command.quiet = true;
    command.on_output = [&file](int stream, std::string_view bytes) {
        constexpr std::size_t kLongest = 4096;
        if (stream == 1 && file.size() < kLongest) file += bytes;
    };
    if (call.exec(command) != 0) return {};
    return file.substr(0, file.find('\n'));
}

// The words of a script's first line after "#!"; empty: it is no script of Python. A line that a
// shell takes up ("#!/bin/sh" of an interpreter with a long path) is none.
std::vector<std::string> interpreterOf(const std::string& file) {
    constexpr std::streamsize kLongest = 512;
    std::ifstream in(file, std::ios::binary);
    std::string line(static_cast<std::size_t>(kLongest), '\0');
    in.read(line.data(), kLongest);
    line.resize(static_cast<std::size_t>(in.gcount()));
    line = line.substr(0, line.find('\n'));
    if (line.compare(0, 2, "#!") != 0) return {};
    std::istringstream words(line.substr(2));
    std::vector<std::string> found;
    for (std::string word; words >> word;) found.push_back(word);
    const bool by_env = found.size() == 2 && found[0].find("/env") != std::string::npos;
    if (found.empty()) return {};
    const std::string& program = by_env ? found[1] : found[0];
    if (program.compare(program.rfind('/') + 1, 6, "python") != 0) return {};
    return found;
}

}  // namespace

std::vector<std::string> startOf(const std::string& program, const std::string& directory,
                                 const Call& call) {
    const std::string file = lookUp(program, directory, call);
    auto argv = file.empty() ? std::vector<std::string>{} : interpreterOf(file);
    if (argv.empty()) return {program};
    argv.insert(argv.end(), {"-c", kStart, file});
    return argv;
}

}  // namespace iac::invoke
