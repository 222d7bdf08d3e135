// A repository whose objects are named by SHA-256.
#include <catch2/catch.hpp>

#include "fixtures/git_repository.hpp"
#include "model/event.hpp"
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
    GitRepository remote{folder / "remote", "sha256"};
    MirrorSettings settings{remote.url(), "main", folder / "data/mirror", iac::Duration{60'000}};
    fs::path place = folder / "data/trees/1";
    std::string first = remote.commit({{"platform/01.postgres/deploy.py", "one"}});
};

}  // namespace

TEST_CASE("a SHA-256 repository is fetched, resolved, compared and pinned", "[sha256]") {
    World world;
    REQUIRE(world.first.size() == 64);
    world.remote.git({"tag", "--annotate", "--message", "a tag", "v1"});
    Mirror mirror(world.settings);
    mirror.fetch();
    CHECK(mirror.healthy());
    CHECK(mirror.resolve("main") == world.first);
    CHECK(mirror.resolve("v1") == world.first);
    CHECK(mirror.resolve(world.first) == world.first);
    CHECK(mirror.remoteRevision("v1", std::chrono::seconds{30}) == world.first);
    CHECK_FALSE(mirror.resolve(world.first.substr(0, 40)));  // as long as a SHA-1
    CHECK_FALSE(mirror.has(world.first.substr(0, 40)));
    const auto second = world.remote.commit({{"platform/02.redis/deploy.py", "two"}}, "second");
    mirror.fetch();
    CHECK(mirror.isAncestor(world.first, second));
    CHECK(mirror.subject(second) == "second");
    CHECK(mirror.paths(second).size() == 2);
    CHECK(mirror.changedPaths(world.first, second) ==
          std::vector<std::string>{"platform/02.redis/deploy.py"});
    pin(mirror, {second});
    world.remote.git({"update-ref", "refs/heads/main", world.first});
    mirror.fetch();
    CHECK(mirror.has(second));
}

TEST_CASE("a work tree of a SHA-256 repository is one that git works in", "[sha256]") {
    World world;
    Mirror mirror(world.settings);
    mirror.fetch();
    const WorkTree tree(mirror, world.first, world.place);
    const auto git = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"-C", world.place.string()});
        return world.remote.git(arguments);
    };
    CHECK(readFile(world.place / "platform/01.postgres/deploy.py") == "one");
    CHECK(git({"rev-parse", "HEAD"}) == world.first);
    CHECK(git({"rev-parse", "--show-object-format"}) == "sha256");
    CHECK(git({"status", "--porcelain"}).empty());
    CHECK(git({"fsck", "--no-dangling"}).empty());
    CHECK(git({"rev-parse", "origin/main"}) == world.first);
    const auto second = world.remote.commit({{"a", "2"}});
    git({"fetch", "--quiet"});
    CHECK(git({"rev-parse", "origin/main"}) == second);
}

TEST_CASE("a mirror follows a repository that changes its object format", "[sha256]") {
    World world;
    const GitRepository other(world.folder / "other");
    const auto sha1 = other.commit({{"a", "1"}});
    const auto place = [&](const fs::path& repository) {
        fs::remove(world.folder / "origin");
        fs::create_directory_symlink(repository, world.folder / "origin");
    };
    world.settings.url = (world.folder / "origin").string();
    Mirror mirror(world.settings);
    for (int time = 0; time < 2; ++time) {
        place(other.folder());
        mirror.fetch();
        CHECK(mirror.resolve("main") == sha1);
        place(world.remote.folder());
        mirror.fetch();
        CHECK(mirror.resolve("main") == world.first);
    }
}
