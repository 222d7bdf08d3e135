// Text that others wrote (commits, tasks, logs), made fit for a message. Everything here takes
// valid UTF-8, which the runner promises, and gives valid UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace iac::notifiers {

/// Characters as the strictest of the services counts them: UTF-16 units, so that an emoji is two.
std::size_t width(std::string_view text);

/// At most `most` characters of the text, "…" at its end when something is left out. Never cuts
/// within a character, nor between a character and what combines with it.
std::string cut(std::string_view text, std::size_t most);

/// The same for the end of a log: its last lines, "…" before them when something is left out.
std::string cutToEnd(std::string_view text, std::size_t most);

/// One line without control characters, escape sequences, and marks that turn the direction of
/// what is read: nobody may write a line of his own, or make one read as another.
std::string oneLine(std::string_view text);

/// The same for several lines: line ends and tabs stay.
std::string lines(std::string_view text);

/// An address without slashes at its end.
std::string withoutSlash(std::string url);

/// `text` with every `from` replaced.
std::string replaced(std::string text, std::string_view from, std::string_view to);

}  // namespace iac::notifiers
