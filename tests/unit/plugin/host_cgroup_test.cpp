// Calls in a cgroup of their own.
#include "base/cgroup.hpp"
#include "base/process.hpp"
#include "fixtures/cgroup.hpp"
#include "unit/plugin/hosted.hpp"

namespace iac::plugin {
namespace {

using Catch::Matchers::Contains;
using End = HostedResult::End;

std::string shell(const std::string& script) {
    return R"("argv":["sh","-c",")" + script + "\"]";
}

}  // namespace

TEST_CASE("a call runs in a cgroup of its own, which ends with it", "[host][cgroup]") {
    const fixtures::CgroupFolder parent;
    if (!parent) return;
    const auto cgroups = Cgroups::open(parent.path());
    REQUIRE(cgroups->used());
    Hosted hosted("exec", shell("grep ^0:: /proc/self/cgroup /proc/$PPID/cgroup"));
    hosted.call.cgroups = cgroups.get();
    CHECK(hosted.run().status == IAC_OK);
    INFO(hosted.output[1]);
    const std::string name = "/iac-step-" + std::to_string(::getpid()) + "-";
    CHECK_THAT(hosted.output[1], Contains("/proc/self/cgroup:0::"));
    const auto first = hosted.output[1].find(name);
    REQUIRE(first != std::string::npos);
    CHECK(hosted.output[1].find(name, first + 1) != std::string::npos);  // the host is in it too
    CHECK(parent.steps() == 0);
}

TEST_CASE("what leaves everything but its cgroup ends with the call", "[host][cgroup]") {
    const fixtures::CgroupFolder parent;
    if (!parent) return;
    adoptOrphans();
    const auto cgroups = Cgroups::open(parent.path());
    for (const char* what :
         {"leave", "leave and crash", "leave and exit", "leave and hang", "stubborn"}) {
        INFO(what);
        Hosted hosted(what);
        hosted.call.cgroups = cgroups.get();
        hosted.call.timeout = Duration{500};
        hosted.call.grace = Duration{50};
        hosted.run();
        if (const auto left = hosted.emitted("left"); !left.empty()) CHECK_FALSE(isAlive(left));
        CHECK(childrenOf(::getpid()).empty());
        CHECK(parent.steps() == 0);
    }
}

TEST_CASE("a call whose cgroup cannot be made is refused with the reason", "[host][cgroup]") {
    const fixtures::Folder folder;
    for (const char* file : {"cgroup.procs", "cgroup.kill"}) fixtures::writeFile(folder / file, "");
    const auto cgroups = Cgroups::open(folder.path());
    REQUIRE(cgroups->used());
    std::filesystem::remove_all(folder.path());
    Hosted hosted("exec", shell("true"));
    hosted.call.cgroups = cgroups.get();
    CHECK(hosted.run().end == End::refused);
    CHECK_THAT(hosted.result.message,
               Contains("cannot make the cgroup " + folder.path().string() + "/iac-step-") &&
                   Contains("No such file or directory"));
}

}  // namespace iac::plugin
