#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace iac::planning {

/// What the braces of a pattern stood for in a path: {"order": "01", "name": "postgres"}.
using Captures = std::map<std::string, std::string, std::less<>>;

/// Matches a path against a pattern of a `discover` rule: "platform/{order}.{name}/deploy.py".
/// `{x}` stands for one or more characters within one segment, as few as possible unless it is the
/// last of its segment;
/// `*` for any within one segment; everything else for itself. Empty: no match.
std::optional<Captures> matchPath(std::string_view pattern, std::string_view path);

/// Replaces every `{x}` that was captured, `{x|dashed}` ("_" becomes "-") and `{x|lower}` too;
/// others stay as they are.
std::string replaceCaptures(std::string_view text, const Captures& captures);

/// Why a captured text is not taken as the name of a service, or a part of it; empty: it is. A name
/// comes from whoever can push: it becomes an argument of programs. `extra`: characters that it may
/// hold besides.
std::string whyNoName(std::string_view name, std::string_view extra);

}  // namespace iac::planning
