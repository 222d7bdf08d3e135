#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/masker.hpp"

namespace iac::log {

/// The runner's own log: one line a sentence on stderr, as "2025-01-24T04:51:00Z info engine: ...".
/// Under systemd (JOURNAL_STREAM is set) the time is left to the journal and the level is its "<6>"
/// prefix. Every line is masked, and control characters in it are escaped, so that nothing that is
/// logged can forge a line. [any-thread]
enum class Level { debug, info, warning, error };

/// The level of a plugin's own log (IAC_DEBUG to IAC_ERROR, 0 to 3); others count as the nearest.
constexpr Level levelOf(int of_plugin) {
    return static_cast<Level>(std::clamp(of_plugin, 0, 3));
}

/// What is less important is not printed. Default: info.
void setLevel(Level level);
/// Masks every line from now on; the masker must outlive all logging. nullptr: none.
void setMasker(const Masker* masker);

/// A text as a line of the log would hold it: for what is cut before it is logged or shown.
std::string masked(std::string_view text);

void write(Level level, std::string_view room, std::string_view sentence);
inline void debug(std::string_view room, std::string_view sentence) {
    write(Level::debug, room, sentence);
}
inline void info(std::string_view room, std::string_view sentence) {
    write(Level::info, room, sentence);
}
inline void warning(std::string_view room, std::string_view sentence) {
    write(Level::warning, room, sentence);
}
inline void error(std::string_view room, std::string_view sentence) {
    write(Level::error, room, sentence);
}

}  // namespace iac::log
