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
    bool hangs = false;
};

Chosen chosen() {
    const char* text = ::getenv("IAC_FAILPOINT");
    if (text == nullptr) return {};
    const std::string_view all(text);
    const auto colon = all.find(':');
    if (colon == std::string_view::npos) return {all};
    return {all.substr(0, colon), ::atoi(text + colon + 1), all.ends_with(":hang")};
}

}  // namespace

void failpoint(const char* name) noexcept {
    static const Chosen kChosen = chosen();
    static std::atomic<int> passed{0};
    if (kChosen.name != name || ++passed != kChosen.times) return;
    if (!kChosen.hangs) ::kill(::getpid(), SIGKILL);
    while (true) ::pause();
}

}  // namespace iac

#else

namespace iac {

void failpoint(const char*) noexcept {}

}  // namespace iac

#endif
