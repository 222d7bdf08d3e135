#pragma once

#include <iac/text.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace iac::cli {

/// Whether stdout is a terminal that may be coloured (NO_COLOR is respected).
bool colours();

/// A status in its colour, padded to `width`: green for what is well, red for what failed.
std::string shownStatus(std::string_view status, std::size_t width = 0);

/// Text that came from outside, for a terminal: control characters become "?", so that it cannot
/// give the terminal orders.
std::string plain(std::string_view text);
/// Characters of a UTF-8 text, as far as columns care.
std::size_t width(std::string_view text);
/// At most `most` characters; cut text ends with "...".
std::string cut(const std::string& text, std::size_t most);

/// Rows with aligned columns on stdout; the first row is the heading. The column `status` is
/// coloured.
void printTable(const std::vector<std::vector<std::string>>& rows, std::size_t status);

/// "3.2 s", "4 min 10 s"; empty for a negative time.
std::string shownSeconds(double seconds);

/// The output of steps, on its way to standard output. A terminal gets text and colours: what a
/// task prints must not set its title or its clipboard, nor hide what it printed. A file or a pipe
/// gets the bytes. One stream; one thread.
class TerminalText {
public:
    /// raw: the bytes for a terminal too.
    explicit TerminalText(bool raw);
    std::string next(std::string_view bytes);

private:
    bool raw_;
    text::Stripper stripper_;
};

}  // namespace iac::cli
