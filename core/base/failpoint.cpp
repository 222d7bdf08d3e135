#include "base/failpoint.hpp"

#ifdef IAC_FAILPOINTS

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <string_view>

namespace iac {
namespace {

struct Chosen {
    std::string_view name;
    int times = 1;
};

Chosen chosen() {
    const char* text = ::getenv("IAC_FAILPOINT");
    if (text == nullptr) return {};
    const std::string_view all(text);
    const auto colon = all.find(':');
    if (colon == std::string_view::npos) return {all, 1};
    return {all.substr(0, colon), ::atoi(text + colon + 1)};
}

}  // namespace

void failpoint(const char* name) noexcept {
    static const Chosen kChosen = chosen();
    static std::atomic<int> passed{0};
    if (kChosen.name == name && ++passed == kChosen.times) ::kill(::getpid(), SIGKILL);
}

}  // namespace iac

#else

namespace iac {

void failpoint(const char*) noexcept {}

}  // namespace iac

#endif
