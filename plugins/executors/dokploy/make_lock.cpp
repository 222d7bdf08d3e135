#include "make_lock.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace iac::dokploy {
namespace {

constexpr double kPause = 0.05;

// The file of this plugin: every step of the host that uses it can read it, and no folder has to be
// agreed on.
const char* ownFile() {
    static const char anchor = 0;
    Dl_info info{};
    return ::dladdr(&anchor, &info) != 0 ? info.dli_fname : nullptr;
}

}  // namespace

MakeLock::MakeLock(World& world, double patience) {
    const char* const file = ownFile();
    if (file == nullptr) return;
    file_ = ::open(file, O_RDONLY | O_CLOEXEC);
    const double end = world.now() + patience;
    while (file_ >= 0 && ::flock(file_, LOCK_EX | LOCK_NB) != 0 && world.now() < end)
        world.pause(kPause);
}

MakeLock::~MakeLock() {
    if (file_ >= 0) ::close(file_);
}

}  // namespace iac::dokploy
