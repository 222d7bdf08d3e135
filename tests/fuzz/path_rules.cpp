// A pattern of iac.path-rules, and a path to hold against it: the first line, and the rest.
#include "path_rules/pattern.hpp"

#include <algorithm>
#include <iac/plugin.hpp>

#include "target.hpp"

using namespace iac;

namespace {

// The pattern that means exactly this path.
std::string quoted(std::string_view path) {
    std::string out;
    for (const char c : path) {
        if (std::string_view("*?[]{}\\").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::text(data, size);
    const auto end = std::min(input.find('\n'), input.size());
    const auto rest = input.substr(std::min(end + 1, input.size()));
    const path_rules::Path path(rest);
    path_rules::Captured captured;
    try {
        const path_rules::Pattern pattern(input.substr(0, end));
        if (pattern.match(path, captured)) {
            fuzz::require(captured.size() == pattern.captures().size(),
                          "each capture stands for something");
            for (const auto part : captured)
                fuzz::require(
                    !part.empty() && part.find('/') == part.npos && rest.find(part) != rest.npos,
                    "a capture is part of one segment");
            fuzz::require(pattern.folder().empty() || rest.rfind(pattern.folder(), 0) == 0,
                          "what matches lies in the pattern's folder");
        }
    } catch (const Error& error) {
        fuzz::require(error.status() == IAC_INVALID, "a pattern that is none is invalid");
    }
    try {
        const path_rules::Pattern itself(quoted(rest));
        fuzz::require(itself.match(path, captured), "a quoted path matches itself");
    } catch (const Error&) {
        return 0;  // no path that git could list
    }
    return 0;
}
