#include "program.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iac/text.hpp>
#include <vector>

namespace iac::executors {
namespace {

constexpr std::size_t kLongestText = 300;

// The lines with something in them, as a person reads them. A carriage return ends a line too: what
// stands before it was overwritten on the screen, such as the progress of a download.
std::vector<std::string> linesOf(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of("\r\n"), text.size());
        auto line = text::stripped(text.substr(0, end));
        line.erase(line.find_last_not_of(' ') + 1);
        if (!line.empty()) lines.push_back(std::move(line));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

bool beginsWith(std::string_view line, std::string_view prefix) {
    return line.substr(0, prefix.size()) == prefix;
}

// Headings of invoke's report of a command that failed: the words around a reason, and none.
bool isHeading(std::string_view line) {
    for (const std::string_view heading :
         {"Stderr:", "Stdout:", "Exit code:", "Command:", "Encountered a bad command exit code!"})
        if (beginsWith(line, heading)) return true;
    return false;
}

// The borders of a box, a rule, or nothing but punctuation.
bool saysNothing(std::string_view line) {
    return std::all_of(line.begin(), line.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        const bool letter =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        // Letters beyond ASCII begin with 0xc3 and more; box drawing is 0xe2 0x94 and 0xe2 0x95.
        return !letter && (byte < 0x80 || byte == 0xe2 || byte == 0x94 || byte == 0x95 ||
                           (byte & 0xc0u) == 0x80u);
    });
}

// Python: the line behind the frames of the last traceback, "module.Error: what happened", whatever
// follows it. Empty: there is no traceback.
std::string exceptionIn(const std::vector<std::string>& lines) {
    const auto last = std::find_if(lines.rbegin(), lines.rend(), [](const std::string& line) {
        return beginsWith(line, "Traceback (most recent call last):");
    });
    if (last == lines.rend()) return {};
    for (auto line = last.base(); line != lines.end(); ++line) {
        if (line->front() == ' ') continue;
        // "Error:" and the reason on the next line.
        if (line->back() == ':' && line + 1 != lines.end())
            return *line + (line[1].front() == ' ' ? "" : " ") + line[1];
        return *line;
    }
    return {};
}

std::string lastTelling(const std::vector<std::string>& lines) {
    const auto found = std::find_if(lines.rbegin(), lines.rend(), [](const std::string& line) {
        return !isHeading(line) && !saysNothing(line);
    });
    return found == lines.rend() ? std::string() : *found;
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
    const auto lines = linesOf(text_);
    return lines.empty() ? std::string() : shortened(lines.back());
}

void Printed::add(int stream, std::string_view bytes) {
    (stream == 2 ? err_ : out_).add(bytes);
}

std::string Printed::reason() const {
    const auto err = linesOf(err_.text()), out = linesOf(out_.text());
    for (const auto* lines : {&err, &out})
        if (auto line = exceptionIn(*lines); !line.empty()) return shortened(line);
    // With a terminal of its own (pty=True) a program writes its errors to its output.
    for (const auto* lines : {&err, &out})
        if (auto line = lastTelling(*lines); !line.empty()) return shortened(line);
    return {};
}

std::string shortened(std::string text) {
    if (text.size() <= kLongestText) return text;
    return std::string(text::beginning(text, kLongestText)) + "...";
}

std::string exitText(int code) {
    std::string text = "exit code " + std::to_string(code);
    // A shell gives 128 and the signal for a child that was killed, invoke the negative signal.
    const int signal = code > 128 && code < 160   ? code - 128
                       : code > 224 && code < 256 ? 256 - code
                                                  : 0;
    const char* name = signal > 0 ? sigabbrev_np(signal) : nullptr;
    if (name != nullptr)
        text += " (a program of it was ended by signal " + std::to_string(signal) + ", SIG" + name +
                ")";
    return text;
}

std::string directoryOf(const Step& step) {
    const std::filesystem::path inside = step.with.get<std::string>("directory", "");
    if (inside.empty()) return {};
    bool leaves = inside.is_absolute();
    for (const auto& part : inside) leaves = leaves || part == "..";
    if (leaves) invalid("with.directory: \"" + inside.string() + "\" is not inside the work tree");
    const auto whole = std::filesystem::path(step.directory) / inside;
    std::error_code none;
    if (!std::filesystem::is_directory(whole, none))
        fail("No folder \"" + inside.string() + "\" at " + step.revision,
             {"missing_directory",
              "Add it to the repository, or change `with.directory` of the service."});
    return whole.string();
}

void failWithSignal(const std::string& what, int signal) {
    const char* name = sigabbrev_np(signal);
    const std::string message = what + " was ended by signal " + std::to_string(signal) +
                                (name ? " (SIG" + std::string(name) + ")" : "");
    std::string next = "See the step's log for what it did last.";
    if (signal == SIGKILL)
        next = "Somebody killed it, or the host ran out of memory: see `dmesg` or `journalctl -k`.";
    fail(message, {"signal", next});
}

}  // namespace iac::executors
