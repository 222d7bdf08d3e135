// Child: how a program is started, watched and ended.
#include "base/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"

using iac::Child;
using iac::Exit;
using iac::Program;
using iac::fixtures::Folder;
using iac::fixtures::writeFile;

namespace {

Program shell(const std::string& script) {
    return {{"/bin/sh", "-c", script}, {"PATH=/usr/bin:/bin"}, {}};
}

// All that a program says on its standard output.
std::string outputOf(const Program& program) {
    iac::Pipe pipe;
    Child child(program, {{pipe.write.get(), 1}});
    pipe.write.close();
    std::string text;
    char buffer[4096];
    for (ssize_t size; (size = ::read(pipe.read.get(), buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(size));
    child.wait();
    return text;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string reasonFor(const Program& program) {
    try {
        const Child child(program, {});
    } catch (const std::runtime_error& reason) {
        return reason.what();
    }
    return "it was started";
}

}  // namespace

TEST_CASE("a program's end is its exit code, or the signal that ended it", "[process]") {
    CHECK(Child(shell("exit 0"), {}).wait() == Exit{0});
    CHECK(Child(shell("exit 7"), {}).wait() == Exit{7});
    CHECK(Child(shell("kill -KILL $$"), {}).wait() == Exit{-SIGKILL});
    CHECK(toText(Exit{7}) == "exit code 7");
    CHECK(toText(Exit{-9}) == "signal 9 (Killed)");
}

TEST_CASE("the end of a program can be polled for, and asked for again", "[process]") {
    Child child(shell("exit 3"), {});
    pollfd ended{child.ended(), POLLIN, 0};
    CHECK(::poll(&ended, 1, 60'000) == 1);
    CHECK(child.wait() == Exit{3});
    CHECK(child.wait() == Exit{3});
    child.signalGroup(SIGKILL);  // of a process that is no more: nothing
}

TEST_CASE("a program has the environment that is named, and no more", "[process]") {
    ::setenv("IAC_TEST_OF_OURS", "x", 1);
    CHECK(outputOf({{"/usr/bin/env"}, {"A=1", "B=two words"}, {}}) == "A=1\nB=two words\n");
}

TEST_CASE("arguments arrive as they are, without a shell", "[process]") {
    CHECK(outputOf({{"/usr/bin/printf", "%s|", "a b", "$(id)", "", "*"}, {}, {}}) ==
          "a b|$(id)||*|");
}

TEST_CASE("a program runs in its directory", "[process]") {
    CHECK(outputOf({{"pwd"}, {"PATH=/usr/bin:/bin"}, "/usr"}) == "/usr\n");
}

TEST_CASE("a name without a slash is looked up in the PATH of the program", "[process]") {
    const Folder folder;
    writeFile(folder / "empty/hello", "not executable");
    std::filesystem::create_directories(folder / "folder/hello");
    writeFile(folder / "right/hello", "#!/bin/sh\necho found\n");
    std::filesystem::permissions(folder / "right/hello", std::filesystem::perms::owner_all);
    const std::string root = folder.path();
    CHECK(outputOf({{"hello"},
                    {"PATH=" + root + "/empty:" + root + "/folder::" + root + "/right"},
                    {}}) == "found\n");
    const std::string reason = reasonFor({{"hello"}, {"PATH=" + root + "/empty"}, {}});
    CHECK(contains(reason, "\"hello\""));
    CHECK(contains(reason, root + "/empty"));
}

TEST_CASE("what cannot be started says which program and why", "[process]") {
    CHECK(contains(reasonFor({{"/nowhere/tool"}, {}, {}}),
                   "\"/nowhere/tool\": No such file or directory"));
    CHECK(contains(reasonFor({{"/etc/passwd"}, {}, {}}), "\"/etc/passwd\": Permission denied"));
    CHECK(contains(reasonFor({{"/bin/true"}, {}, "/nowhere"}), "in the directory /nowhere"));
    CHECK(contains(reasonFor({{}, {}, {}}), "argument list is empty"));
    CHECK(contains(reasonFor({{""}, {}, {}}), "argument list is empty"));
}

TEST_CASE("a program inherits no descriptor but those that are named", "[process]") {
    const iac::Descriptor leaky(::open("/dev/null", O_RDONLY));  // without O_CLOEXEC
    const iac::Descriptor high(::fcntl(leaky.get(), F_DUPFD, 200));
    REQUIRE(high);
    // 3 is what ls itself reads the folder with.
    CHECK(outputOf({{"/bin/ls", "/proc/self/fd"}, {}, {}}) == "0\n1\n2\n3\n");
}

TEST_CASE("descriptors may change places", "[process]") {
    iac::Pipe first, second;
    // Ours get numbers that the child uses for the other one.
    const int a = first.write.get(), b = second.write.get();
    Child child({{"/bin/sh", "-c",
                  "echo to-a >&" + std::to_string(b) + "; echo to-b >&" + std::to_string(a)},
                 {},
                 {}},
                {{a, b}, {b, a}});
    CHECK(child.wait() == Exit{0});
    char buffer[16];
    CHECK(std::string(buffer, static_cast<std::size_t>(::read(first.read.get(), buffer, 16))) ==
          "to-a\n");
    CHECK(std::string(buffer, static_cast<std::size_t>(::read(second.read.get(), buffer, 16))) ==
          "to-b\n");
}

TEST_CASE("standard descriptors that are not named are /dev/null", "[process]") {
    CHECK(outputOf(shell("readlink /proc/self/fd/0 /proc/$$/fd/2; cat; echo lost >&2")) ==
          "/dev/null\n/dev/null\n");
}

TEST_CASE("a program starts with no signal blocked or ignored", "[process]") {
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const auto previous = ::signal(SIGPIPE, SIG_IGN);
    const std::string status = outputOf({{"/bin/cat", "/proc/self/status"}, {}, {}});
    ::signal(SIGPIPE, previous);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    CHECK(contains(status, "SigBlk:\t0000000000000000"));
    // But for the two that are glibc's own, and that no program uses.
    CHECK(contains(status, "SigIgn:\t0000000180000000"));
}

TEST_CASE("a program leads a group of its own, or a session", "[process]") {
    // /proc/PID/stat: pid (name) state parent group session
    const std::string script = "set -- $(cat /proc/$$/stat); echo $1 $5 $6";
    const auto numbersOf = [&script](Child::Group group) {
        iac::Pipe pipe;
        Child child(shell(script), {{pipe.write.get(), 1}}, group);
        child.wait();
        char buffer[64];
        const auto size = ::read(pipe.read.get(), buffer, sizeof buffer);
        const std::string pid = std::to_string(child.pid()), group_of_it = pid + " " + pid + " ";
        return std::pair{std::string(buffer, static_cast<std::size_t>(size)), group_of_it + pid};
    };
    const auto [in_group, session_of_group] = numbersOf(Child::Group::own);
    CHECK(in_group.starts_with(session_of_group.substr(0, session_of_group.rfind(' '))));
    CHECK(in_group != session_of_group + "\n");
    const auto [in_session, session] = numbersOf(Child::Group::own_session);
    CHECK(in_session == session + "\n");
}

TEST_CASE("a child that goes out of scope is killed with its group", "[process]") {
    iac::Pipe pipe;
    {
        const Child child(shell("sleep 1000 & echo started; wait"), {{pipe.write.get(), 1}});
        char buffer[16];
        CHECK(::read(pipe.read.get(), buffer, sizeof buffer) == 8);
        pipe.write.close();
    }
    char byte;
    CHECK(::read(pipe.read.get(), &byte, 1) == 0);  // nobody holds its end any more
}
