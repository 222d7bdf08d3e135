#pragma once

#include <fnmatch.h>

#include <string>

namespace iac {

/// Whether a text is one of a pattern, as glob(7) has it: `*` stands for any text, slashes too, `?`
/// for one character, `[...]` for one of some.
inline bool matchesWildcard(const std::string& pattern, const std::string& text) {
    return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

}  // namespace iac
