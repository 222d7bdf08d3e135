#include "failure.hpp"

#include <csignal>
#include <cstring>

namespace iac::invoke {
namespace {

constexpr std::size_t kLongestLine = 300;

// Without ESC [ ... m and other control characters: a colour in a log is none in a sentence.
std::string plain(std::string_view line) {
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\x1b' && i + 1 < line.size() && line[i + 1] == '[') {
            i += 2;
            while (i < line.size() && (line[i] < 0x40 || line[i] > 0x7e)) ++i;
        } else if (static_cast<unsigned char>(line[i]) >= 0x20 && line[i] != '\x7f') {
            out += line[i];
        }
    }
    return out;
}

std::string shortened(std::string line) {
    if (line.size() <= kLongestLine) return line;
    std::size_t end = kLongestLine;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
    return line.substr(0, end) + "...";
}

// What stands between prefix and suffix; empty when the line is not of that form.
std::string between(std::string_view line, std::string_view prefix, std::string_view suffix) {
    if (line.size() < prefix.size() + suffix.size() || line.substr(0, prefix.size()) != prefix ||
        line.substr(line.size() - suffix.size()) != suffix)
        return {};
    line.remove_prefix(prefix.size());
    line.remove_suffix(suffix.size());
    return std::string(line);
}

[[noreturn]] void failWithoutCollection(const Run& run) {
    fail("No " + run.collection + ".py (nor a package of that name) at " + run.revision,
         {"missing_collection",
          "Add " + run.collection +
              ".py to the repository, or say in `with.directory` and `with.collection` of the "
              "service where it is."});
}

[[noreturn]] void failWithSignal(const Run& run, int signal) {
    const char* name = sigabbrev_np(signal);
    std::string message = run.program + " " + run.task + " was ended by signal " +
                          std::to_string(signal) + (name ? " (SIG" + std::string(name) + ")" : "");
    std::string next = "See the step's log for what it did last.";
    if (signal == SIGKILL)
        next = "Somebody killed it, or the host ran out of memory: see `dmesg` or `journalctl -k`.";
    fail(message, {"signal", next});
}

}  // namespace

void Tail::add(std::string_view bytes) {
    if (bytes.size() >= kMost) {
        text_ = bytes.substr(bytes.size() - kMost);
        return;
    }
    text_ += bytes;
    // Cut seldom, not with each piece.
    if (text_.size() > 2 * kMost) text_.erase(0, text_.size() - kMost);
}

std::string Tail::lastLine() const {
    std::string_view rest = text_;
    while (!rest.empty()) {
        const auto begin = rest.find_last_of('\n');
        const auto line = plain(begin == std::string_view::npos ? rest : rest.substr(begin + 1));
        if (line.find_first_not_of(' ') != std::string::npos) return shortened(line);
        if (begin == std::string_view::npos) break;
        rest = rest.substr(0, begin);
    }
    return {};
}

void failWithoutTask(const Run& run, const std::string& name) {
    std::string next = "Add the task to " + run.collection +
                       ".py, or change `with.task` of the service; see what there is with `" +
                       run.program + " --list`.";
    if (name.find('_') != std::string::npos)
        next += " invoke spells names with \"-\": my_task is called \"my-task\".";
    fail("No task \"" + name + "\" in " + run.collection + ".py at " + run.revision,
         {"missing_task", next});
}

void failWith(const Run& run, int exit_code, const Tail& tail) {
    if (exit_code < 0) failWithSignal(run, -exit_code);
    const std::string line = tail.lastLine();
    // invoke says these before it runs anything, and always with exit code 1.
    if (exit_code == 1) {
        const auto unknown = between(line, "No idea what '", "' is!");
        if (!unknown.empty() && unknown[0] == '-')
            fail("Task \"" + run.task + "\" takes no option \"" + unknown + "\"",
                 {"bad_arguments", "Change `with.args` of the service; see `" + run.program +
                                       " --help " + run.task + "`."});
        if (!unknown.empty()) failWithoutTask(run, unknown);
        if (!between(line, "Can't find any collection named '", "'!").empty())
            failWithoutCollection(run);
    }
    // An exit code alone explains nothing: the runner's rules look at what the task printed.
    fail(run.program + " " + run.task + " ended with exit code " + std::to_string(exit_code) +
         (line.empty() ? "" : ": " + line));
}

}  // namespace iac::invoke
