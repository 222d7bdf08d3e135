#include "rich_text.hpp"

#include "limits.hpp"

namespace iac::slack {
namespace {

Object plainText(std::string_view text) {
    // Without emoji, ":tada:" in a commit stays as it was written.
    return Object().set("type", "plain_text").set("text", text).set("emoji", false);
}

}  // namespace

Line& Line::text(std::string_view text) {
    return text.empty() ? *this : element(Object().set("type", "text").set("text", text).text());
}

Line& Line::bold(std::string_view text) {
    if (text.empty()) return *this;
    return element(Object()
                       .set("type", "text")
                       .set("text", text)
                       .set("style", Object().set("bold", true))
                       .text());
}

Line& Line::link(std::string_view text, const std::string& url) {
    if (url.empty() || url.size() > kLongestLink) return this->text(text);
    return element(Object().set("type", "link").set("url", url).set("text", text).text());
}

Line& Line::element(std::string_view json) {
    elements_.append(elements_.empty() ? "" : ",").append(json);
    return *this;
}

std::string Line::wrap(const char* type) const {
    return Object().set("type", type).raw("elements", "[" + elements_ + "]").text();
}

void Blocks::header(std::string_view text) {
    if (!text.empty()) blocks_.add(Object().set("type", "header").set("text", plainText(text)));
}

void Blocks::section(std::string_view text) {
    if (!text.empty()) blocks_.add(Object().set("type", "section").set("text", plainText(text)));
}

void Blocks::richText(std::string_view element) {
    blocks_.add(
        Object().set("type", "rich_text").raw("elements", "[" + std::string(element) + "]"));
}

void Blocks::list(const std::vector<Line>& lines) {
    if (lines.empty()) return;
    std::string sections;
    for (const auto& line : lines) sections += (sections.empty() ? "" : ",") + line.section();
    richText(Object()
                 .set("type", "rich_text_list")
                 .set("style", "bullet")
                 .raw("elements", "[" + sections + "]")
                 .text());
}

}  // namespace iac::slack
