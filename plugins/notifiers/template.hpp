#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace iac::notifiers {

/// What a template may name, and what it is for one notification.
using Fields = std::map<std::string, std::string, std::less<>>;

/// Text of a setting with fields in braces: "{environment}: {subject}". "{{" and "}}" are braces.
/// Immutable; what a field holds is never read as a template again.
class Template {
public:
    /// Throws iac::Error (IAC_INVALID) that names the setting, the character and the known fields
    /// when the text does not parse.
    Template(std::string_view setting, std::string_view text,
             const std::vector<std::string>& fields);

    /// A field that is absent is empty.
    std::string fill(const Fields& fields) const;

private:
    struct Part {
        std::string text;
        bool is_field = false;
    };
    std::vector<Part> parts_;
};

}  // namespace iac::notifiers
