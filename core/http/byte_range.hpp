#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace iac::http {

/// Part of an answer: the bytes from `begin` up to `end`.
struct ByteRange {
    std::uint64_t begin = 0, end = 0;
};

/// What a header Range asks for of `length` bytes. Empty: it asks for all, for more than one part,
/// or in a way that is not understood, and all is sent (RFC 9110, 14.2). Throws Problem 416 when it
/// asks for nothing that is there.
std::optional<ByteRange> byteRange(std::string_view header, std::uint64_t length);

}  // namespace iac::http
