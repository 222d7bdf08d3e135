#include "base/account.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>

#include "base/process.hpp"
#include "base/remove_tree.hpp"
#include "fixtures/folder.hpp"
#include "fixtures/other_user.hpp"

using namespace iac;
namespace fs = std::filesystem;

namespace {

// What the work does in a process of that user: its exit code, or 99 where that process could not
// be made.
int asUser(const UserIds& ids, const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            becomeUser(ids);
        } catch (const std::exception&) {
            ::_exit(99);
        }
        ::_exit(work());
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

}  // namespace

TEST_CASE("the ids of a user go through a text", "[account]") {
    const UserIds ids{1001, 1002, {1002, 27, 4'294'967'294U}};
    CHECK(toText(ids) == "1001:1002:1002,27,4294967294");
    CHECK(parseUserIds(toText(ids)) == ids);
    CHECK(parseUserIds("1:2:") == UserIds{1, 2, {}});
    for (const char* wrong : {"", "1", "1:", "1:2", "a:2:3", "1:2:3,", "1:2:3,x", "1:2:3 4",
                              "-1:2:3", "4294967296:2:3", "1,2:3", "1:2:3:4"}) {
        INFO(wrong);
        CHECK_FALSE(parseUserIds(wrong));
    }
}

TEST_CASE("an account is looked up with all of its groups", "[account]") {
    const auto root = findAccount("root");
    REQUIRE(root);
    CHECK(root->ids.uid == 0);
    CHECK(root->home == "/root");
    CHECK_FALSE(root->ids.groups.empty());
    CHECK_FALSE(findAccount("no-such-user-here"));
    CHECK_FALSE(findAccount(""));
}

TEST_CASE("a process becomes another user for good", "[account]") {
    if (!fixtures::mayRunAsOthers()) return;
    UserIds ids = fixtures::nobody().ids;
    ids.groups = {12, ids.gid};  // sorted, as the kernel gives them back
    CHECK(asUser(ids, [&] {
              gid_t groups[64];
              const int count = ::getgroups(64, groups);
              if (::getuid() != ids.uid || ::geteuid() != ids.uid || ::getegid() != ids.gid)
                  return 1;
              if (std::vector<gid_t>(groups, groups + count) != ids.groups) return 2;
              if (::setuid(0) == 0 || ::setgid(0) == 0) return 3;
              if (!missingSwitchCapabilities().starts_with("CAP_CHOWN, CAP_KILL")) return 4;
              return 0;
          }) == 0);
}

TEST_CASE("capabilities that are kept survive no change of user", "[account]") {
    if (!fixtures::mayRunAsOthers()) return;
    // From one user without root's number to another, the kernel takes nothing away by itself.
    const auto first = findAccount("daemon");
    REQUIRE(first);
    const std::string script =
        "exec setpriv --reuid=daemon --clear-groups --inh-caps=-all,+setuid,+setgid "
        "--ambient-caps=-all,+setuid,+setgid grep -c 'CapEff:.*00c0' /proc/self/status";
    std::string out;
    RunLimits limits;
    limits.output = [&](int, std::string_view bytes) { out += bytes; };
    run({{"sh", "-c", script}, {}, {}}, {}, limits);
    CHECK(out == "1\n");  // the control: such a process has them

    const pid_t child = ::fork();
    if (child == 0) {
        // As with AmbientCapabilities= of a unit: the ids of another user, the capabilities of
        // root.
        UserIds own = first->ids, other = fixtures::nobody().ids;
        if (::setresgid(own.gid, own.gid, own.gid) != 0) ::_exit(97);
        becomeUser(other);
        ::_exit(missingSwitchCapabilities() == "CAP_CHOWN, CAP_KILL, CAP_SETGID, CAP_SETUID" ? 0
                                                                                             : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

TEST_CASE("it is found out what another user can reach", "[account]") {
    if (!fixtures::mayRunAsOthers()) return;
    const auto ids = fixtures::nobody().ids;
    const fixtures::Folder folder;  // of mode 0700
    const fs::path file = folder / "a/file";
    fixtures::writeFile(file, "x");
    CHECK_FALSE(canEnter(ids, folder.path()));
    CHECK_FALSE(canEnter(ids, folder / "a"));
    CHECK_FALSE(canRead(ids, file));
    REQUIRE(::chmod(folder.path().c_str(), 0711) == 0);
    CHECK(canEnter(ids, folder.path()));
    CHECK(canEnter(ids, folder / "a"));
    CHECK(canRead(ids, file));
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    CHECK_FALSE(canRead(ids, file));
    CHECK_FALSE(canEnter(ids, folder / "missing"));
    // This process is as it was.
    CHECK(::geteuid() == 0);
    CHECK(missingSwitchCapabilities().empty());
    CHECK(fixtures::readFile(file) == "x");
}

TEST_CASE("a tree of another user is removed, and nothing outside it is changed", "[account]") {
    if (!fixtures::mayRunAsOthers()) return;
    const auto ids = fixtures::nobody().ids;
    const fixtures::Folder folder;
    REQUIRE(::chmod(folder.path().c_str(), 0711) == 0);
    const fs::path tree = folder / "tree", outside = folder / "outside";
    fs::create_directory(outside);
    REQUIRE(::chmod(outside.c_str(), 0755) == 0);
    fs::create_directory(tree);
    REQUIRE(::chown(tree.c_str(), ids.uid, ids.gid) == 0);
    REQUIRE(asUser(ids, [&] {
                fixtures::writeFile(tree / "deep/er/file", "x");
                fs::create_directory_symlink(outside, tree / "deep/link");
                fs::permissions(tree / "deep/er", fs::perms::none);
                fs::permissions(tree / "deep", fs::perms::none);
                return 0;
            }) == 0);
    std::error_code left;
    removeTree(tree, left);
    CHECK_FALSE(left);
    CHECK_FALSE(fs::exists(tree));
    CHECK(fs::status(outside).permissions() == fs::perms(0755));
}

TEST_CASE("a link put in the place of a folder that is removed changes nothing outside",
          "[account]") {
    if (!fixtures::mayRunAsOthers()) return;
    const auto ids = fixtures::nobody().ids;
    const fixtures::Folder folder;
    REQUIRE(::chmod(folder.path().c_str(), 0711) == 0);
    const fs::path outside = folder / "outside";
    fs::create_directory(outside);
    REQUIRE(::chmod(outside.c_str(), 0755) == 0);
    constexpr int kPairs = 200;  // many, so that some change between a look and what follows it
    const fs::path tree = folder / "tree";
    fs::create_directory(tree);
    REQUIRE(::chown(tree.c_str(), ids.uid, ids.gid) == 0);
    Pipe ready;
    const pid_t swapper = ::fork();
    if (swapper == 0) {
        becomeUser(ids);
        fs::create_directories(tree / "a");
        if (::chdir((tree / "a").c_str()) != 0) ::_exit(1);
        const auto name = [](const char* kind, int i) { return kind + std::to_string(i); };
        for (int i = 0; i < kPairs; ++i) {
            fs::create_directory(name("folder", i));
            fs::create_directory_symlink(outside, name("link", i));
        }
        if (::write(ready.write.get(), "x", 1) != 1) ::_exit(1);
        // A folder and a link change places, until what they lie in is not ours any more.
        for (int i = 0;; i = (i + 1) % kPairs) {
            if (::renameat2(AT_FDCWD, name("folder", i).c_str(), AT_FDCWD, name("link", i).c_str(),
                            RENAME_EXCHANGE) != 0)
                ::_exit(errno == EACCES ? 0 : 2);
        }
    }
    char byte = 0;
    REQUIRE(::read(ready.read.get(), &byte, 1) == 1);
    std::error_code left;
    removeTree(tree, left);
    int status = 0;
    REQUIRE(::waitpid(swapper, &status, 0) == swapper);
    CHECK(status == 0);
    CHECK_FALSE(left);
    CHECK_FALSE(fs::exists(tree));
    struct stat now {};
    REQUIRE(::stat(outside.c_str(), &now) == 0);
    CHECK((now.st_mode & 07777) == 0755);
    CHECK(now.st_uid == 0);
}
