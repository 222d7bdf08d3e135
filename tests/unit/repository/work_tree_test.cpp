#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "fixtures/git_repository.hpp"
#include "fixtures/other_user.hpp"
#include "fixtures/standard_error.hpp"
#include "repository/mirror.hpp"
#include "unit/repository/pins.hpp"

using namespace iac::repository;
using iac::fixtures::Folder;
using iac::fixtures::GitRepository;
using iac::fixtures::readFile;
using iac::fixtures::writeFile;
namespace fs = std::filesystem;

namespace {

struct World {
    Folder folder;
    GitRepository remote{folder / "remote"};
    MirrorSettings settings{remote.url(), "main", folder / "data/mirror", iac::Duration{60'000}};
    std::string first = remote.commit({{"platform/01.postgres/deploy.py", "one"}});
    Mirror mirror{settings};
    fs::path place = folder / "data/trees/1";

    std::string gitIn(const fs::path& tree, std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"-C", tree.string()});
        return remote.git(arguments);
    }
};

}  // namespace

TEST_CASE("a work tree is a checkout of exactly one commit", "[work_tree]") {
    World world;
    world.remote.git({"tag", "v1"});
    const std::string second = world.remote.commit({{"platform/01.postgres/deploy.py", "two"}});
    world.mirror.fetch();
    {
        const WorkTree tree(world.mirror, world.first, world.place);
        CHECK(tree.folder() == world.place);
        CHECK(readFile(world.place / "platform/01.postgres/deploy.py") == "one");
        CHECK(world.gitIn(world.place, {"rev-parse", "HEAD"}) == world.first);
        CHECK(world.gitIn(world.place, {"status", "--porcelain"}).empty());
        CHECK(world.gitIn(world.place, {"describe", "--tags"}) == "v1");
        CHECK(world.gitIn(world.place, {"remote", "get-url", "origin"}) == world.remote.url());
    }
    CHECK_FALSE(fs::exists(world.place));
    CHECK(fs::exists(world.place.parent_path()));
}

TEST_CASE("a work tree has the branches and tags that a clone has", "[work_tree]") {
    World world;
    world.remote.git({"tag", "--annotate", "--message", "a tag", "v1"});
    world.remote.git({"branch", "feature/\"quoted\""});
    const std::string second = world.remote.commit({{"a", "2"}});
    world.mirror.fetch();
    const WorkTree tree(world.mirror, world.first, world.place);
    CHECK(world.gitIn(world.place, {"branch", "--all", "--format=%(refname) %(upstream)"}) ==
          "(HEAD detached at " + world.first.substr(0, 7) +
              ") \n"
              "refs/heads/main refs/remotes/origin/main\n"
              "refs/remotes/origin/HEAD \n"
              "refs/remotes/origin/feature/\"quoted\" \n"
              "refs/remotes/origin/main ");
    CHECK(world.gitIn(world.place, {"rev-parse", "origin/HEAD"}) == second);
    CHECK(world.gitIn(world.place, {"rev-parse", "v1^{commit}"}) == world.first);
    CHECK(world.gitIn(world.place, {"diff", "--name-only", "HEAD", "main"}) == "a");
    CHECK(world.gitIn(world.place, {"fsck", "--no-dangling"}).empty());
    // And it can be brought up to date, as a clone can.
    const std::string third = world.remote.commit({{"a", "3"}});
    world.gitIn(world.place, {"fetch", "--quiet"});
    CHECK(world.gitIn(world.place, {"rev-parse", "origin/main"}) == third);
}

TEST_CASE("a url and a branch stay what they are in the configuration of a work tree",
          "[work_tree]") {
    World world;
    world.remote.git({"branch", "a\"b;#c"});
    world.mirror.fetch();
    world.settings.branch = "a\"b;#c";
    world.settings.url = "/nowhere/with \"quotes\"; and # signs";
    const WorkTree tree(Mirror(world.settings), world.first, world.place);
    CHECK(world.gitIn(world.place, {"remote", "get-url", "origin"}) == world.settings.url);
    CHECK(world.gitIn(world.place, {"config", "branch.a\"b;#c.merge"}) == "refs/heads/a\"b;#c");
    CHECK(world.gitIn(world.place, {"rev-parse", "refs/heads/a\"b;#c"}) == world.first);
}

TEST_CASE("a commit that no branch holds any more can be checked out", "[work_tree]") {
    World world;
    world.mirror.fetch();
    pin(world.mirror, {world.first});
    world.remote.git({"commit", "--quiet", "--amend", "--message", "rewritten"});
    world.mirror.fetch();
    const WorkTree tree(world.mirror, world.first, world.place);
    CHECK(world.gitIn(world.place, {"rev-parse", "HEAD"}) == world.first);
}

TEST_CASE("what a task does with git in its work tree stays there", "[work_tree]") {
    World world;
    world.mirror.fetch();
    const WorkTree tree(world.mirror, world.first, world.place);
    world.gitIn(world.place, {"checkout", "--quiet", "-b", "mine"});
    writeFile(world.place / "x", "x");
    world.gitIn(world.place, {"add", "x"});
    world.gitIn(world.place, {"commit", "--quiet", "--message", "mine"});
    world.gitIn(world.place, {"update-ref", "-d", "refs/remotes/origin/main"});
    CHECK_FALSE(world.mirror.has(world.gitIn(world.place, {"rev-parse", "HEAD"})));
    CHECK(world.mirror.resolve("main") == world.first);
    CHECK_FALSE(world.mirror.resolve("mine"));
}

TEST_CASE("the origin of a work tree has no credentials", "[work_tree]") {
    World world;
    world.mirror.fetch();
    world.settings.url = "https://ada:hunter22@example.com/x.git";
    const Mirror same(world.settings);
    const WorkTree tree(same, world.first, world.place);
    CHECK(world.gitIn(world.place, {"remote", "get-url", "origin"}) == "https://example.com/x.git");
    CHECK(readFile(world.place / ".git/config").find("hunter22") == std::string::npos);
}

TEST_CASE("a commit that is not there leaves no folder", "[work_tree]") {
    World world;
    world.mirror.fetch();
    CHECK_THROWS_AS(WorkTree(world.mirror, std::string(40, '1'), world.place), GitFailed);
    CHECK_FALSE(fs::exists(world.place));
}

TEST_CASE("a cancelled checkout leaves no folder", "[work_tree]") {
    World world;
    world.mirror.fetch();
    iac::Cancellation cancel;
    cancel.request();
    // Often enough to meet a git that ends before anybody looks.
    for (int time = 0; time < 20; ++time) {
        CHECK_THROWS_WITH(WorkTree(world.mirror, world.first, world.place, &cancel),
                          Catch::Contains("cancelled"));
        CHECK_FALSE(fs::exists(world.place));
    }
}

TEST_CASE("what an earlier run left in its place is replaced", "[work_tree]") {
    World world;
    world.mirror.fetch();
    writeFile(world.place / "left", "over");
    const WorkTree tree(world.mirror, world.first, world.place);
    CHECK_FALSE(fs::exists(world.place / "left"));
}

TEST_CASE("removing a work tree never follows a link out of it", "[work_tree]") {
    World world;
    writeFile(world.folder / "outside/precious", "data");
    fs::create_directory_symlink(world.folder / "outside", world.remote.folder() / "link");
    const std::string commit = world.remote.commit({});
    world.mirror.fetch();
    SECTION("by its end") {
        const WorkTree tree(world.mirror, commit, world.place);
        CHECK(fs::is_symlink(world.place / "link"));
        writeFile(world.place / "locked/file", "x");
        fs::permissions(world.place / "locked", fs::perms::owner_read);
    }
    SECTION("after a crash, from a folder of leftovers that has links itself") {
        writeFile(world.place / "left/over", "x");
        fs::create_directory_symlink(world.folder / "outside", world.place / "link");
        fs::create_directory_symlink(world.folder / "outside", world.place.parent_path() / "link");
        removeWorkTrees(world.place.parent_path());
        CHECK(fs::is_empty(world.place.parent_path()));
        removeWorkTrees(world.folder / "nowhere");
    }
    CHECK_FALSE(fs::exists(world.place));
    CHECK(readFile(world.folder / "outside/precious") == "data");
}

TEST_CASE("removeWorkTrees removes nothing behind a linked folder and says what to do",
          "[work_tree]") {
    const Folder folder;
    writeFile(folder / "outside/precious", "data");
    writeFile(folder / "outside/12/precious", "data");
    const std::string name = GENERATE("work", "scratch");
    fs::create_directories(folder / "data");
    SECTION("that leads to another folder") {
        fs::create_directory_symlink(folder / "outside", folder / "data" / name);
    }
    SECTION("that leads there through another link") {
        fs::create_directory_symlink(folder / "outside", folder / "between");
        fs::create_directory_symlink(folder / "between", folder / "data" / name);
    }
    const std::string said =
        iac::fixtures::standardError([&] { removeWorkTrees(folder / "data" / name); });
    CHECK(readFile(folder / "outside/precious") == "data");
    CHECK(readFile(folder / "outside/12/precious") == "data");
    CHECK(fs::is_symlink(folder / "data" / name));
    CHECK_THAT(said, Catch::Contains((folder / "data" / name).string() + " is a symbolic link") &&
                         Catch::Contains("remove them by hand"));
}

TEST_CASE("a work tree is given to a user with all that git needs", "[work_tree]") {
    if (!iac::fixtures::mayRunAsOthers()) return;
    World world;
    world.remote.git({"tag", "v1"});
    world.remote.commit({{"a", "2"}});
    world.mirror.fetch();
    const auto user = iac::fixtures::nobody().ids;
    const fs::path objects = world.settings.folder / "objects", given = world.folder / "given/1";
    fs::create_directories(given.parent_path());
    writeFile(world.folder / "given/1/left", "over");
    const auto ownerOf = [](const fs::path& path) {
        struct stat status {};
        REQUIRE(::lstat(path.c_str(), &status) == 0);
        return status.st_uid;
    };
    {
        WorkTree tree(world.mirror, world.first, world.place);
        fs::create_symlink(world.settings.folder / "HEAD", world.place / "link");
        // Links of the repository whose look-up fails.
        fs::create_symlink("loop", world.place / "loop");
        fs::create_symlink(std::string(5'000, 'a').substr(0, 4'000), world.place / "long");
        tree.giveTo(user, given);
        CHECK(tree.folder() == given);
        CHECK_FALSE(fs::exists(world.place));
        CHECK_FALSE(fs::exists(given / "left"));
        CHECK(ownerOf(given) == user.uid);
        CHECK(ownerOf(given / "link") == user.uid);
        CHECK(ownerOf(given / "loop") == user.uid);
        CHECK(ownerOf(given / "long") == user.uid);
        // Another user of the same group does not enter it.
        CHECK(fs::status(given).permissions() == fs::perms::owner_all);
        CHECK(ownerOf(given / ".git/config") == user.uid);
        CHECK(ownerOf(given / ".git/objects") == user.uid);
        CHECK(ownerOf(given / "platform/01.postgres/deploy.py") == user.uid);
        // The mirror's files stay the runner's, by both of their names.
        CHECK(ownerOf(world.settings.folder / "HEAD") == ::geteuid());
        std::size_t shared = 0;
        for (const auto& entry : fs::recursive_directory_iterator(given / ".git/objects")) {
            if (entry.is_directory()) continue;
            CHECK(ownerOf(entry.path()) == ::geteuid());
            CHECK((entry.status().permissions() &
                   (fs::perms::group_write | fs::perms::others_write)) == fs::perms::none);
            ++shared;
        }
        CHECK(shared >= 2);
        // Without the mirror.
        fs::rename(objects, world.folder / "away");
        world.remote.git(
            {"config", "--file", (world.folder / "safe").string(), "safe.directory", "*"});
        std::string out;
        iac::RunLimits limits;
        limits.output = [&](int, std::string_view bytes) { out += bytes; };
        iac::run({{"git", "-C", given.string(), "describe", "--tags"},
                  {"PATH=/usr/bin:/bin", "HOME=/nonexistent",
                   "GIT_CONFIG_GLOBAL=" + (world.folder / "safe").string()},
                  {}},
                 {}, limits);
        CHECK(out == "v1\n");
        fs::rename(world.folder / "away", objects);
    }
    CHECK_FALSE(fs::exists(given));
    CHECK(world.mirror.has(world.first));
    CHECK(world.remote.git({"--git-dir=" + world.settings.folder.string(), "fsck"}).empty());
}
