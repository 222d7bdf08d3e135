// What Slack takes, in characters where it says no other. Ours stay below where Slack's own are not
// written down.
#pragma once

#include <cstddef>

namespace iac::slack {

inline constexpr std::size_t kLongestHeader = 150;     // plain_text of a header
inline constexpr std::size_t kLongestSection = 3'000;  // plain_text of a section
inline constexpr std::size_t kLongestText = 3'000;     // our `text`; Slack cuts at 40,000
inline constexpr std::size_t kLongestLink = 3'000;     // of an address
inline constexpr std::size_t kMostBlocks = 50;
/// All blocks of a message as JSON: more than about 13,000 was seen to be refused.
inline constexpr std::size_t kLongestBlocks = 12'000;

}  // namespace iac::slack
