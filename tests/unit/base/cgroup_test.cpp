// The file protocol in a plain folder, and the kernel's own where a cgroup2 file system is
// writable.
#include "base/cgroup.hpp"

#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "base/process.hpp"
#include "fixtures/cgroup.hpp"
#include "fixtures/folder.hpp"

using namespace iac;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

// A folder with the files that the kernel makes in a cgroup.
void makeFiles(const fs::path& folder, const std::string& controllers) {
    for (const char* file : {"cgroup.procs", "cgroup.kill"}) fixtures::writeFile(folder / file, "");
    fixtures::writeFile(folder / "cgroup.controllers", controllers);
    fixtures::writeFile(folder / "cgroup.subtree_control", controllers);
}

bool runs(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string line(std::istreambuf_iterator<char>(file), {});
    const auto end = line.rfind(')');
    return end != std::string::npos && line[end + 2] != 'Z';
}

}  // namespace

TEST_CASE("cgroups are not used where the folder is none, with the reason", "[cgroup]") {
    const fixtures::Folder folder;
    const auto groups = Cgroups::open(folder.path());
    CHECK_FALSE(groups->used());
    CHECK(groups->describe() ==
          "not used: " + folder.path().string() + " is not a cgroup of version 2");
    CHECK(groups->make({}) == nullptr);
    CHECK(groups->unenforced({}).empty());
    CHECK(groups->unenforced({1, 2, 3}) ==
          "memory, pids, cpu: cgroups are not used: " + folder.path().string() +
              " is not a cgroup of version 2");
    CHECK_FALSE(Cgroups::open(folder / "missing")->used());
}

TEST_CASE("the limits of a cgroup are written before a process is in it", "[cgroup]") {
    const fixtures::Folder folder;
    makeFiles(folder.path(), "cpuset cpu memory pids");
    const auto groups = Cgroups::open(folder.path());
    REQUIRE(groups->used());
    CHECK(groups->describe() == "used: " + folder.path().string());
    CHECK(groups->unenforced({1, 2, 3}).empty());
    const auto first = groups->make({}), second = groups->make({});
    REQUIRE(first);
    CHECK(first->folder() != second->folder());
    CHECK(fs::is_directory(first->folder()));
    CHECK(fs::is_empty(first->folder()));
    {
        const auto limited = groups->make({5u << 20, 7, 150});
        const fs::path made = limited->folder();
        CHECK(fixtures::readFile(made / "memory.max") == "5242880");
        CHECK(fixtures::readFile(made / "pids.max") == "7");
        CHECK(fixtures::readFile(made / "cpu.max") == "150000 100000");
        limited->add(4711);
        CHECK(fixtures::readFile(made / "cgroup.procs") == "4711");
        fixtures::writeFile(made / "cgroup.kill", "");
        limited->kill();
        CHECK(fixtures::readFile(made / "cgroup.kill") == "1");
        fs::remove_all(made);  // the kernel removes the files with the folder
    }
    fs::remove_all(first->folder());
}

TEST_CASE("a limit without its controller is told", "[cgroup]") {
    const fixtures::Folder folder;
    makeFiles(folder.path(), "pids io");
    const auto groups = Cgroups::open(folder.path());
    CHECK(groups->unenforced({0, 5, 0}).empty());
    const auto group = groups->make({5, 5, 5});
    CHECK_FALSE(fs::exists(group->folder() / "memory.max"));
    CHECK(fixtures::readFile(group->folder() / "pids.max") == "5");
    CHECK_FALSE(fs::exists(group->folder() / "cpu.max"));
    fs::remove_all(group->folder());
    CHECK(groups->unenforced({5, 5, 5}) ==
          "memory, cpu: the controllers of " + folder.path().string() + " do not have them");
    CHECK(groups->unenforced({5, 0, 0}) ==
          "memory: the controllers of " + folder.path().string() + " do not have it");
}

TEST_CASE("a look at cgroups changes nothing", "[cgroup]") {
    const fixtures::Folder folder;
    makeFiles(folder.path(), "pids io");
    fixtures::writeFile(folder / "cgroup.subtree_control", "");
    CHECK(Cgroups::look(folder.path())->unenforced({0, 1, 0}).empty());
    CHECK(fixtures::readFile(folder / "cgroup.subtree_control").empty());
    Cgroups::open(folder.path());
    CHECK(fixtures::readFile(folder / "cgroup.subtree_control") == "+pids");
}

TEST_CASE("what a runner that is gone left is removed, and nothing else", "[cgroup]") {
    const fixtures::Folder folder;
    makeFiles(folder.path(), "");
    Child ended({{"/bin/true"}, {}, {}}, {});
    ended.wait();
    const fs::path left = folder / ("iac-step-" + std::to_string(ended.pid()) + "-1"),
                   used = folder / ("iac-step-" + std::to_string(::getppid()) + "-1"),
                   ours = folder / ("iac-step-" + std::to_string(::getpid()) + "-1"),
                   other = folder / "iac-step-x-1", another = folder / "user.slice";
    for (const auto& one : {left, used, ours, other, another}) fs::create_directory(one);
    Cgroups::open(folder.path());
    CHECK_FALSE(fs::exists(left));
    CHECK_FALSE(fs::exists(ours));  // of an earlier runner with the same number
    for (const auto& one : {used, other, another}) CHECK(fs::exists(one));
}

TEST_CASE("the end of a cgroup ends all that is in it, wherever it went", "[cgroup]") {
    const fixtures::CgroupFolder parent;
    if (!parent) return;
    const auto groups = Cgroups::open(parent.path());
    REQUIRE(groups->used());
    fs::path made;
    pid_t left = 0;
    {
        Pipe out, in;
        Child child({{"/bin/sh", "-c",
                      "read go; setsid sh -c 'trap \"\" TERM HUP INT; sleep 1000' & echo $!; "
                      "exec 1>&-; wait"},
                     {"PATH=/usr/bin:/bin"},
                     {}},
                    {{in.read.get(), 0}, {out.write.get(), 1}});
        out.write.close();
        const auto group = groups->make({});
        REQUIRE(group);
        made = group->folder();
        group->add(child.pid());
        REQUIRE(::write(in.write.get(), "\n", 1) == 1);
        char text[32] = {};
        REQUIRE(::read(out.read.get(), text, sizeof text - 1) > 0);
        left = std::stoi(text);
        CHECK(runs(left));
        const std::string inside = fixtures::readFile(made / "cgroup.procs");
        CHECK_THAT(inside, Contains(std::to_string(child.pid()) + "\n"));
        CHECK_THAT(inside, Contains(std::to_string(left) + "\n"));
        group->kill();
        CHECK(child.wait() == Exit{-SIGKILL});
    }
    CHECK_FALSE(runs(left));
    CHECK_FALSE(fs::exists(made));
}

TEST_CASE("a process that is gone cannot be put into a cgroup", "[cgroup]") {
    const fixtures::CgroupFolder parent;
    if (!parent) return;
    const auto groups = Cgroups::open(parent.path());
    Child ended({{"/bin/true"}, {}, {}}, {});
    const auto group = groups->make({});
    ended.wait();
    CHECK_THROWS_WITH(group->add(ended.pid()), Contains("cgroup.procs"));
}
