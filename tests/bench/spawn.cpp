// spawn COUNT PROGRAM [ARGUMENT...]: starts the program with posix_spawn and waits for its end, as
// often as COUNT says, and prints how long each time took, in us. What it prints is thrown away. It
// gets a session of its own, as the runner gives to a step: a busy kernel shares by sessions.
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
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    for (long left = std::strtol(argv[1], nullptr, 10); left > 0; --left) {
        const auto began = std::chrono::steady_clock::now();
        pid_t child = 0;
        const int error =
            ::posix_spawnp(&child, argv[2], &actions, &attributes, argv + 2, ::environ);
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
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return 0;
}
