// What one push may hold.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "fixtures/git_repository.hpp"
#include "repository/mirror.hpp"
#include "repository/tree_limits.hpp"

using namespace iac::repository;
using Catch::Contains;
using iac::fixtures::Folder;
using iac::fixtures::GitRepository;
namespace fs = std::filesystem;

namespace {

struct World {
    Folder folder;
    GitRepository remote{folder / "remote"};
    MirrorSettings settings{remote.url(), "main", folder / "data/mirror", iac::Duration{60'000}};
    fs::path place = folder / "data/trees/1";
    std::string first = remote.commit({{"a", "1"}});

    /// Commits ten folders of ten folders of ... ten files: a file for each number of `levels`
    /// digits.
    std::string commitBomb(int levels) const {
        std::string object = remote.git({"hash-object", "-w", "--stdin"}, "x");
        for (int level = 0; level < levels; ++level) {
            const std::string kind = level == 0 ? "100644 blob " : "040000 tree ";
            std::string entries;
            for (char name = '0'; name <= '9'; ++name)
                entries += kind + object + "\t" + name + "\n";
            object = remote.git({"mktree"}, entries);
        }
        const auto commit = remote.git({"commit-tree", object, "-p", first, "-m", "bomb"});
        remote.git({"update-ref", "refs/heads/main", commit});
        return commit;
    }
};

std::string kindOf(const std::function<void()>& work) {
    try {
        work();
    } catch (const GitFailed& fault) {
        INFO(fault.what());
        return fault.kind();
    }
    return "none";
}

}  // namespace

TEST_CASE("a revision of more files than allowed is refused with the setting", "[limits]") {
    World world;
    const int levels = GENERATE(10, 4);  // ten thousand million files; ten thousand
    const auto bomb = world.commitBomb(levels);
    world.settings.most_files = 9'999;
    Mirror mirror(world.settings);
    mirror.fetch();
    const std::string sentence = "commit " + bomb + " has more than 9999 files";
    CHECK_THROWS_WITH(mirror.paths(bomb),
                      Contains(sentence) && Contains("repository.limits.files"));
    CHECK_THROWS_WITH(mirror.requireWithinLimits(bomb), Contains(sentence));
    CHECK_THROWS_WITH(WorkTree(mirror, bomb, world.place), Contains(sentence));
    CHECK(kindOf([&] { mirror.paths(bomb); }) == "too_large");
    CHECK_FALSE(fs::exists(world.place));
    CHECK(iac::childrenOf(::getpid()).empty());  // the git that was stopped is gone
    // What is small enough goes on being deployed from the same mirror.
    CHECK(mirror.paths(world.first) == std::vector<std::string>{"a"});
    CHECK_NOTHROW(WorkTree(mirror, world.first, world.place));
}

TEST_CASE("a revision within its limits is checked out", "[limits]") {
    World world;
    const auto commit = world.commitBomb(2);
    world.settings.most_files = 100;
    world.settings.most_bytes = 100;
    Mirror mirror(world.settings);
    mirror.fetch();
    CHECK(mirror.paths(commit).size() == 100);
    const WorkTree tree(mirror, commit, world.place);
    CHECK(fs::exists(world.place / "9/9"));
}

TEST_CASE("a revision of larger files than allowed is refused with the setting", "[limits]") {
    World world;
    std::string commit;
    SECTION("one large file, which git packs small") {
        commit = world.remote.commit({{"large", std::string(1'000'000, 'x')}});
    }
    SECTION("the same file many times") {
        commit = world.commitBomb(6);
    }
    SECTION("more than allowed by one byte, with a submodule and a link beside it") {
        fs::create_symlink("a", world.remote.folder() / "link");
        world.remote.git(
            {"update-index", "--add", "--cacheinfo", "160000," + world.first + ",sub"});
        world.remote.git({"add", "link"});
        commit = world.remote.commit({{"large", std::string(499'999, 'x')}});
    }
    world.settings.most_files = 2'000'000;
    world.settings.most_bytes = 500'000;
    Mirror mirror(world.settings);
    mirror.fetch();
    CHECK_THROWS_WITH(WorkTree(mirror, commit, world.place),
                      Contains("the files of commit " + commit + " are more than 500000 bytes") &&
                          Contains("repository.limits.size"));
    CHECK_FALSE(fs::exists(world.place));
}

TEST_CASE("a difference from or to a revision of too many files is not made", "[limits]") {
    World world;
    const auto bomb = world.commitBomb(10);
    Mirror mirror(world.settings);
    mirror.fetch();
    const std::string sentence = "commit " + bomb + " has more than 500000 files";
    CHECK_THROWS_WITH(mirror.changedPaths(world.first, bomb), Contains(sentence));
    CHECK_THROWS_WITH(mirror.changedPaths(bomb, world.first), Contains(sentence));
    CHECK(kindOf([&] { mirror.changedPaths(world.first, bomb); }) == "too_large");
    CHECK(iac::childrenOf(::getpid()).empty());
}

TEST_CASE("git is stopped when it prints more than is kept", "[limits]") {
    World world;
    const auto tree = world.remote.git({"rev-parse", "HEAD^{tree}"});
    const auto commit =
        world.remote.git({"commit-tree", tree, "-F", "-"}, std::string(66u << 20, 'x') + "\n");
    world.remote.git({"update-ref", "refs/heads/large", commit});
    Mirror mirror(world.settings);
    mirror.fetch();
    CHECK(mirror.resolve("main") == world.first);
    try {
        mirror.resolve("large");
        FAIL("accepted");
    } catch (const GitFailed& fault) {
        CHECK(fault.kind() == "too_large");
        CHECK_THAT(fault.what(), Contains("git cat-file printed more than 64 MiB and was stopped"));
    }
    CHECK(iac::childrenOf(::getpid()).empty());
}

TEST_CASE("the entries of a tree are counted wherever their bytes are cut", "[limits]") {
    using std::string_literals::operator""s;
    const auto entries =
        "100644 blob 8e33f3c54bfe22062bf28c477206881b95780d5f     600\ta\tb 9\n\0"
        "160000 commit 8e33f3c54bfe22062bf28c477206881b95780d5f       -\tsub\0"
        "100644 blob 8e33f3c54bfe22062bf28c477206881b95780d5f     400\tc\0"s;
    for (std::size_t cut = 0; cut <= entries.size(); ++cut) {
        const auto take = [&](std::uint64_t files, std::uint64_t bytes) {
            TreeLimits limits("abc", files, bytes);
            limits.takeEntries(std::string_view(entries).substr(0, cut));
            limits.takeEntries(std::string_view(entries).substr(cut));
        };
        CHECK_NOTHROW(take(3, 1'000));
        CHECK_THROWS_AS(take(2, 1'000), GitFailed);
        CHECK_THROWS_AS(take(3, 999), GitFailed);
    }
}
