#include "template.hpp"

#include <algorithm>
#include <iac/plugin.hpp>

#include "text.hpp"

namespace iac::notifiers {
namespace {

constexpr std::size_t kShownName = 40;

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

}  // namespace

Template::Template(std::string_view setting, std::string_view text,
                   const std::vector<std::string>& fields) {
    const auto refuse = [&](std::size_t at, const std::string& why) {
        // A person counts characters, and from one.
        invalid(std::string(setting) + ": at character " +
                    std::to_string(width(text.substr(0, at)) + 1) + " " + why,
                {"template", "Correct the template; a brace that is meant as one is doubled."});
    };
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool doubled = at + 1 < text.size() && text[at + 1] == c;
        if (c != '{' && c != '}') {
            plain += c;
        } else if (doubled) {
            plain += c;
            ++at;
        } else if (c == '}') {
            refuse(at, "is a \"}\" that nothing opens; a brace itself is written \"}}\"");
        } else {
            const std::size_t end = text.find_first_of("{}", at + 1);
            if (end == text.npos || text[end] == '{')
                refuse(at, "is a \"{\" that nothing closes; a brace itself is written \"{{\"");
            std::string name(text.substr(at + 1, end - at - 1));
            if (std::find(fields.begin(), fields.end(), name) == fields.end())
                refuse(at, "there is no field {" + cut(oneLine(name), kShownName) +
                               "}; there are: " + joined(fields));
            if (!plain.empty()) parts_.push_back({std::move(plain), false});
            plain.clear();
            parts_.push_back({std::move(name), true});
            at = end;
        }
    }
    if (!plain.empty()) parts_.push_back({std::move(plain), false});
}

std::string Template::fill(const Fields& fields) const {
    std::string out;
    for (const auto& part : parts_) {
        if (!part.is_field) {
            out += part.text;
        } else if (const auto found = fields.find(part.text); found != fields.end()) {
            out += found->second;
        }
    }
    return out;
}

}  // namespace iac::notifiers
