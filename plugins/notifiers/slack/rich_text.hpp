#pragma once

#include <iac/plugin.hpp>
#include <string>
#include <string_view>

namespace iac::slack {

/// One line or paragraph of a rich text. Text in it is text: Slack reads no mention, link or
/// formatting in it, whoever wrote it. Empty texts are left out.
class Line {
public:
    Line& text(std::string_view text);
    Line& bold(std::string_view text);
    /// Plain text when the address is empty or too long.
    Line& link(std::string_view text, const std::string& url);
    /// JSON of another element.
    Line& element(std::string_view json);
    bool empty() const { return elements_.empty(); }

    std::string section() const { return wrap("rich_text_section"); }
    std::string quote() const { return wrap("rich_text_quote"); }
    std::string preformatted() const { return wrap("rich_text_preformatted"); }

private:
    std::string wrap(const char* type) const;
    std::string elements_;  // JSON, with commas between them
};

/// The blocks of a message, in order. Blocks without anything in them are left out.
class Blocks {
public:
    void header(std::string_view text);
    void section(std::string_view text);
    /// JSON of sections, lists, quotes, ...
    void richText(std::string_view element);
    /// A list with a point for each line.
    void list(const std::vector<Line>& lines);
    const Array& json() const { return blocks_; }

private:
    Array blocks_;
};

}  // namespace iac::slack
