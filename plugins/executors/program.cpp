#include "program.hpp"

#include <csignal>
#include <cstring>
#include <filesystem>

namespace iac::executors {
namespace {

constexpr std::size_t kLongestText = 300;

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

std::string shortened(std::string text) {
    if (text.size() <= kLongestText) return text;
    std::size_t end = kLongestText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end) + "...";
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
