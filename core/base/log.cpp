#include "base/log.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <string>

#include "base/clock.hpp"
#include "base/mutex.hpp"

namespace iac::log {
namespace {

constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 4> kJournalPrefixes{"<7>", "<6>", "<4>", "<3>"};

std::atomic<Level> least{Level::info};
std::atomic<const Masker*> masker{nullptr};
Mutex printing;  // one line at a time

void appendEscaped(std::string& line, std::string_view text) {
    static constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            line += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        } else {
            line += c;
        }
    }
}

}  // namespace

void setLevel(Level level) {
    least = level;
}
void setMasker(const Masker* with) {
    masker = with;
}

std::string masked(std::string_view text) {
    const Masker* with = masker.load();
    return with != nullptr ? with->mask(text) : std::string(text);
}

void write(Level level, std::string_view room, std::string_view sentence) {
    if (level < least.load()) return;
    static const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
    const auto index = static_cast<std::size_t>(level);
    std::string line =
        journal ? std::string(kJournalPrefixes.at(index))
                : toText(SystemClock().now()) + " " + std::string(kNames.at(index)) + " ";
    line += std::string(room) + ": ";
    appendEscaped(line, masked(sentence));
    line += '\n';
    const auto alone = printing.lock();
    for (std::string_view rest = line; !rest.empty();) {
        const auto written = ::write(STDERR_FILENO, rest.data(), rest.size());
        if (written <= 0) return;  // there is nobody left to tell
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace iac::log
