#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include <cstdlib>

// A test program lies elsewhere than the runner: this is where the plugin host is.
[[maybe_unused]] static const int library_folder =
    ::setenv("IAC_LIBRARY_FOLDER", IAC_BUILD_DIR "/lib/iac-runner", 0);
