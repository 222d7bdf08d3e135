#pragma once

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "end_to_end/world.hpp"

namespace iac::tests {

/// A task that says that it runs, and goes on until the gate is opened.
inline constexpr const char* kGatedTask =
    "import os\nfrom invoke import task\n\n\n@task\ndef sync(c):\n"
    "    base = os.path.join(os.path.dirname(__file__), '..', '..', '..', '..', '..')\n"
    "    with open(os.path.join(base, 'started'), 'a') as out:\n        out.write('%d\\n' % "
    "os.getpid())\n"
    "    c.run('read line < ' + os.path.join(base, 'gate'))\n"
    "    print('deployed to ' + os.environ['DEPLOY_ENV'])\n";

/// A world whose postgres is deployed by a task that waits for the test.
struct GatedWorld {
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    std::filesystem::path gate = folder.path() / "gate", started = folder.path() / "started";

    GatedWorld() {
        for (const auto& pipe : {gate, started}) REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
        infrastructure.write("platform/01.postgres/deploy.py", kGatedTask);
        infrastructure.commit("Wait at the gate");
    }
    std::string text(const std::string& more = "") const {
        return configuration(infrastructure.folder(), more);
    }
    /// Waits until the task runs; its process id.
    pid_t awaitTask() const {
        std::ifstream in(started);
        pid_t pid = 0;
        in >> pid;
        return pid;
    }
    void openGate() const { std::ofstream(gate) << "go\n"; }
};

}  // namespace iac::tests
