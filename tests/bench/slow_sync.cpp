// A disk whose syncs take 4 ms longer: LD_PRELOAD=slow_sync.so PROGRAM
#include <dlfcn.h>
#include <time.h>

#define SHOWN __attribute__((visibility("default")))

namespace {

using Sync = int (*)(int);

int later(const char* name, int descriptor) {
    constexpr long kMore = 4'000'000;  // ns
    const timespec more{0, kMore};
    ::nanosleep(&more, nullptr);
    return reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name))(descriptor);
}

}  // namespace

extern "C" SHOWN int fsync(int descriptor);
extern "C" SHOWN int fdatasync(int descriptor);

int fsync(int descriptor) {
    return later("fsync", descriptor);
}

int fdatasync(int descriptor) {
    return later("fdatasync", descriptor);
}
