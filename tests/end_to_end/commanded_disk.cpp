// A disk that a test commands, for a program that loads it (LD_PRELOAD).
// - The file that IAC_TEST_DISK names says what becomes of each sync. "fail": EIO; a number: it
//   takes so many milliseconds longer; no file: nothing.
// - IAC_TEST_LAST_WRITE=n: the program is killed instead of its n-th write at a place in a file.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace {

using Sync = int (*)(int);

int commanded(const char* name, int descriptor) {
    const char* file = ::getenv("IAC_TEST_DISK");
    char command[16] = {};
    const int commands = file == nullptr ? -1 : ::open(file, O_RDONLY | O_CLOEXEC);
    if (commands >= 0) {
        if (::read(commands, command, sizeof command - 1) < 0) command[0] = '\0';
        ::close(commands);
    }
    if (::strncmp(command, "fail", 4) == 0) {
        errno = EIO;
        return -1;
    }
    const long milliseconds = ::atol(command);
    const timespec more{milliseconds / 1'000, milliseconds % 1'000 * 1'000'000};
    ::nanosleep(&more, nullptr);
    return reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name))(descriptor);
}

using Write = ssize_t (*)(int, const void*, size_t, off64_t);

void dieAtLast() {
    static const char* const text = ::getenv("IAC_TEST_LAST_WRITE");
    static const long last = text == nullptr ? 0 : ::atol(text);
    static std::atomic<long> written{0};
    if (last > 0 && ++written == last) ::kill(::getpid(), SIGKILL);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int fsync(int descriptor) {
    return commanded("fsync", descriptor);
}

extern "C" __attribute__((visibility("default"))) int fdatasync(int descriptor) {
    return commanded("fdatasync", descriptor);
}

extern "C" __attribute__((visibility("default"))) ssize_t pwrite64(int descriptor,
                                                                   const void* bytes, size_t count,
                                                                   off64_t at) {
    dieAtLast();
    return reinterpret_cast<Write>(::dlsym(RTLD_NEXT, "pwrite64"))(descriptor, bytes, count, at);
}

extern "C" __attribute__((visibility("default"))) ssize_t pwrite(int descriptor, const void* bytes,
                                                                 size_t count, off_t at) {
    dieAtLast();
    return reinterpret_cast<Write>(::dlsym(RTLD_NEXT, "pwrite64"))(descriptor, bytes, count, at);
}
