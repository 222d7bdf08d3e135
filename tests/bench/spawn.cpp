// spawn COUNT PROGRAM [ARGUMENT...]: starts the program with posix_spawn and waits for its end, as
// often as COUNT says, and prints how long each time took, in us. What it prints is thrown away.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    for (long left = std::strtol(argv[1], nullptr, 10); left > 0; --left) {
        const auto began = std::chrono::steady_clock::now();
        pid_t child = 0;
        const int error = ::posix_spawnp(&child, argv[2], &actions, nullptr, argv + 2, ::environ);
        int status = 0;
        if (error != 0 || ::waitpid(child, &status, 0) != child || status != 0) {
            std::fprintf(stderr, "spawn: %s did not end well: %s\n", argv[2],
                         error != 0 ? std::strerror(error) : "see above");
            return 1;
        }
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - began;
        std::printf("%.1f\n", took.count());
    }
    posix_spawn_file_actions_destroy(&actions);
    return 0;
}
