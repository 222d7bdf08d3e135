#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace iac {

/// The text as valid UTF-8: each byte that is not part of a whole, shortest, assigned form becomes
/// U+FFFD. What comes from outside and is shown goes through here, so that an answer can always be
/// read. [any-thread]
std::string validUtf8(std::string_view text);

/// The bytes of a path as valid UTF-8 that loses nothing: a byte that is not part of a character is
/// "\\" and three octal digits, as git prints it ("caf\\351.txt"), and a "\\" is two. Paths are
/// bytes; plugins, JSON and people get this form.
std::string pathText(std::string_view path);

/// The character that a text begins with, and its bytes; {0, 0}: it begins with none.
std::pair<unsigned, std::size_t> decodeUtf8(std::string_view text);

}  // namespace iac
