#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// What every file of this folder defines: one input, taken to its end. libFuzzer calls it with
/// what it makes up, replay.cpp with the files of seeds/.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace iac::fuzz {

inline std::string_view text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program when something that always holds does not: that is a finding, as a crash is.
inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "This has to hold, and does not: %s\n", what);
    std::abort();
}

}  // namespace iac::fuzz
