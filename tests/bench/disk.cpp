// disk FOLDER [COUNT]: how long this disk takes to keep 4 KiB, because everything durable is a
// multiple of it. Prints the p50 and the p99 of write + fdatasync at the end of a file, in us.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const std::size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 200;
    const std::string file = std::string(argv[1]) + "/disk.bench";
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0 || count == 0) {
        std::perror(file.c_str());
        return 1;
    }
    const std::string page(4096, 'x');
    std::vector<double> microseconds;
    for (std::size_t i = 0; i < count; ++i) {
        const auto began = std::chrono::steady_clock::now();
        const bool written =
            ::write(descriptor, page.data(), page.size()) == static_cast<ssize_t>(page.size());
        if (!written || ::fdatasync(descriptor) != 0) {
            std::perror(file.c_str());
            return 1;
        }
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - began;
        microseconds.push_back(took.count());
    }
    ::unlink(file.c_str());
    std::ranges::sort(microseconds);
    std::printf("%.0f %.0f\n", microseconds[count / 2], microseconds[count * 99 / 100]);
    return 0;
}
