#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <mutex>
#include <thread>

#include "fixtures/git_repository.hpp"
#include "repository/mirror.hpp"
#include "unit/repository/pins.hpp"

using namespace iac::repository;
using iac::fixtures::Folder;
using iac::fixtures::GitRepository;
using Paths = std::vector<std::string>;

namespace {

struct World {
    Folder folder;
    GitRepository remote{folder / "remote"};
    MirrorSettings settings{remote.url(), "main", folder / "data/mirror", iac::Duration{60'000}};
};

}  // namespace

TEST_CASE("a ref is resolved to the commit it means", "[mirror]") {
    World world;
    const std::string first = world.remote.commit({{"a", "1"}});
    world.remote.git({"tag", "--annotate", "--message", "the first", "v1"});
    world.remote.git({"branch", "both"});
    world.remote.git({"branch", "feature/x"});
    const std::string second = world.remote.commit({{"a", "2"}});
    world.remote.git({"tag", "both"});
    Mirror mirror(world.settings);
    mirror.fetch();

    CHECK(mirror.resolve("main") == second);
    CHECK(mirror.resolve("") == second);
    CHECK(mirror.resolve("refs/heads/main") == second);
    CHECK(mirror.resolve("feature/x") == first);
    SECTION("a full SHA, when the mirror has it, and no abbreviation") {
        CHECK(mirror.resolve(first) == first);
        CHECK_FALSE(mirror.resolve(first.substr(0, 12)));
        CHECK_FALSE(mirror.resolve(std::string(40, '1')));
    }
    SECTION("an annotated tag is peeled") {
        CHECK(mirror.resolve("v1") == first);
        CHECK(mirror.resolve("refs/tags/v1") == first);
        CHECK(mirror.resolve(world.remote.git({"rev-parse", "v1"})) == first);
    }
    SECTION("a name that a branch and a tag share is rejected with both full names") {
        CHECK_THROWS_WITH(mirror.resolve("both"),
                          Catch::Contains("refs/heads/both") && Catch::Contains("refs/tags/both"));
        CHECK_THROWS_AS(mirror.resolve("both"), iac::repository::AmbiguousRef);
        CHECK(mirror.resolve("refs/heads/both") == first);
        CHECK(mirror.resolve("refs/tags/both") == second);
    }
    SECTION("but not when both are the same commit") {
        world.remote.git({"branch", "twins"});
        world.remote.git({"tag", "twins"});
        mirror.fetch();
        CHECK(mirror.resolve("twins") == second);
    }
    SECTION("and the configured branch wins over a tag of its name") {
        world.remote.git({"update-ref", "refs/tags/main", first});
        mirror.fetch();
        CHECK(mirror.resolve("main") == second);
        CHECK(mirror.resolve("") == second);
        CHECK(mirror.resolve("refs/tags/main") == first);
    }
    SECTION("what is not there is not found") {
        CHECK_FALSE(mirror.resolve("nowhere"));
        CHECK_FALSE(mirror.resolve("refs/heads/nowhere"));
        CHECK_FALSE(mirror.resolve("HEAD"));
        CHECK_FALSE(mirror.resolve("main~1"));
        CHECK_FALSE(mirror.resolve("a b"));
    }
}

TEST_CASE("a tag of a file is no commit", "[mirror]") {
    World world;
    world.remote.commit({{"a", "1"}});
    world.remote.git({"tag", "file", "main:a"});
    Mirror mirror(world.settings);
    mirror.fetch();
    CHECK_FALSE(mirror.resolve("file"));
    CHECK_FALSE(mirror.has(world.remote.git({"rev-parse", "main:a"})));
}

TEST_CASE("a fetch follows what happened to the branches", "[mirror]") {
    World world;
    const std::string first = world.remote.commit({{"a", "1"}});
    world.remote.git({"branch", "gone"});
    Mirror mirror(world.settings);
    CHECK_FALSE(mirror.resolve("main"));
    CHECK_FALSE(mirror.healthy());
    mirror.fetch();
    CHECK(mirror.healthy());

    SECTION("a force push") {
        world.remote.git({"commit", "--quiet", "--amend", "--message", "rewritten"});
        mirror.fetch();
        CHECK(mirror.resolve("main") == world.remote.head());
        CHECK(mirror.has(first));
        CHECK_FALSE(mirror.isAncestor(first, world.remote.head()));
    }
    SECTION("a deleted branch, and one of a name that was in its way") {
        world.remote.git({"branch", "--delete", "gone"});
        world.remote.git({"branch", "gone/not"});
        mirror.fetch();
        CHECK_FALSE(mirror.resolve("gone"));
        CHECK(mirror.resolve("gone/not") == first);
    }
    SECTION("a moved tag") {
        world.remote.git({"tag", "v1"});
        mirror.fetch();
        const std::string second = world.remote.commit({{"a", "2"}});
        world.remote.git({"tag", "--force", "v1"});
        mirror.fetch();
        CHECK(mirror.resolve("v1") == second);
    }
    SECTION("a branch that was asked for before") {
        CHECK_FALSE(mirror.isKnown(first));
        CHECK(mirror.resolve("main") == first);
        CHECK(mirror.isKnown(first));
        CHECK(mirror.subject(first) == "change");
        const std::string second = world.remote.commit({{"a", "2"}}, "second");
        CHECK(mirror.resolve("main") == first);
        mirror.fetch();
        CHECK(mirror.resolve("main") == second);
        CHECK(mirror.subject(second) == "second");
        pin(mirror, {first});
        CHECK(mirror.resolve("main") == second);
    }
    SECTION("another url in the configuration") {
        const GitRepository moved(world.folder / "moved");
        const std::string elsewhere = moved.commit({{"b", "1"}});
        world.settings.url = "file://" + moved.url();
        Mirror again(world.settings);
        again.fetch();
        CHECK(again.resolve("main") == elsewhere);
        CHECK_FALSE(again.resolve("gone"));
    }
}

TEST_CASE("an empty repository can be fetched", "[mirror]") {
    World world;
    Mirror mirror(world.settings);
    mirror.fetch();
    mirror.fetch();
    CHECK(mirror.healthy());
    CHECK_FALSE(mirror.resolve("main"));
}

TEST_CASE("the paths of a commit come as they are", "[mirror]") {
    World world;
    const std::string commit = world.remote.commit({{"b/zwei", "1"},
                                                    {"a b", "1"},
                                                    {"über/größe", "1"},
                                                    {"new\nline", "1"},
                                                    {"\"quoted\"", "1"}},
                                                   "first line\n\nand more");
    Mirror mirror(world.settings);
    mirror.fetch();
    CHECK(mirror.paths(commit) == Paths{"\"quoted\"", "a b", "b/zwei", "new\nline", "über/größe"});
    CHECK(mirror.subject(commit) == "first line");
    CHECK_THROWS_AS(mirror.paths(std::string(40, '1')), GitFailed);
    CHECK_THROWS_AS(mirror.subject("main"), GitFailed);
}

TEST_CASE("changed paths are those that differ between two commits", "[mirror]") {
    World world;
    const std::string base =
        world.remote.commit({{"kept", "1"}, {"changed", "1"}, {"old name", "a long text\n"}});
    world.remote.git({"mv", "old name", "new näme"});
    const std::string next = world.remote.commit({{"changed", "2"}, {"added\n", "1"}});
    Mirror mirror(world.settings);
    mirror.fetch();

    SECTION("a rename is one removed and one added") {
        auto changed = mirror.changedPaths(base, next);
        std::ranges::sort(changed);
        CHECK(changed == Paths{"added\n", "changed", "new näme", "old name"});
    }
    SECTION("backwards too, and nothing to itself") {
        CHECK(mirror.changedPaths(next, base).size() == 4);
        CHECK(mirror.changedPaths(next, next).empty());
    }
    SECTION("through a merge") {
        world.remote.git({"checkout", "--quiet", "-b", "side", base});
        world.remote.commit({{"side", "1"}});
        world.remote.git({"checkout", "--quiet", "main"});
        world.remote.git({"merge", "--quiet", "--no-edit", "side"});
        mirror.fetch();
        const std::string merged = world.remote.head();
        CHECK(mirror.changedPaths(next, merged) == Paths{"side"});
        CHECK(mirror.isAncestor(base, merged));
        CHECK(mirror.isAncestor(next, merged));
        CHECK_FALSE(mirror.isAncestor(merged, next));
    }
    SECTION("and a base that is gone is a failure, not an empty answer") {
        try {
            mirror.changedPaths(std::string(40, '1'), next);
            FAIL("answered");
        } catch (const GitFailed& fault) {
            CHECK(fault.kind() == "ref_not_found");
        }
        CHECK_FALSE(mirror.isAncestor(std::string(40, '1'), next));
    }
}

TEST_CASE("pinned commits outlive a force push, others are let go", "[mirror]") {
    World world;
    const std::string first = world.remote.commit({{"a", "1"}});
    Mirror mirror(world.settings);
    pin(mirror, {first});  // no mirror yet: nothing to do
    mirror.fetch();
    pin(mirror, {first, std::string(40, '1')});
    pin(mirror, {first});
    world.remote.git({"commit", "--quiet", "--amend", "--message", "rewritten"});
    mirror.fetch();
    const std::string git_dir = "--git-dir=" + world.settings.folder.string();

    world.remote.git({git_dir, "gc", "--quiet", "--prune=now"});
    CHECK(mirror.has(first));

    pin(mirror, {});
    world.remote.git({git_dir, "gc", "--quiet", "--prune=now"});
    CHECK_FALSE(mirror.has(first));
}

TEST_CASE("a pin reads its revisions in its turn, so an older list lets go of nothing",
          "[mirror]") {
    World world;
    const std::string first = world.remote.commit({{"a", "1"}});
    const std::string second = world.remote.commit({{"a", "2"}});
    Mirror mirror(world.settings);
    mirror.fetch();
    // What the history names as good grows while the first lane reads it.
    std::mutex changing;
    std::vector<std::string> good{first};
    std::promise<void> read, deployed;
    std::thread slow([&] {
        mirror.pin([&] {
            std::vector<std::string> now;
            {
                const std::lock_guard lock(changing);
                now = good;
            }
            read.set_value();
            deployed.get_future().wait();
            return now;
        });
    });
    read.get_future().wait();
    {
        const std::lock_guard lock(changing);
        good.push_back(second);
    }
    std::atomic<bool> asked{false};
    std::thread quick([&] {
        mirror.pin([&] {
            asked = true;
            const std::lock_guard lock(changing);
            return good;
        });
    });
    // Without turns the second pin would be done by now, and undone by the first.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    CHECK_FALSE(asked);
    deployed.set_value();
    slow.join();
    quick.join();
    const auto kept =
        world.remote.git({"--git-dir=" + world.settings.folder.string(), "for-each-ref",
                          "--format=%(objectname)", "refs/iac-runner/keep"});
    CHECK(kept.find(first) != std::string::npos);
    CHECK(kept.find(second) != std::string::npos);
}

TEST_CASE("the remote itself can be asked for a ref", "[mirror]") {
    World world;
    world.remote.commit({{"a", "1"}});
    world.remote.git({"tag", "v1"});
    world.remote.git({"branch", "x/refs/heads/hidden"});
    const Mirror mirror(world.settings);  // never fetched
    constexpr std::chrono::seconds kPatience{30};
    const std::string head = world.remote.head();
    CHECK(mirror.remoteRevision("main", kPatience) == head);
    CHECK(mirror.remoteRevision("", kPatience) == head);
    CHECK(mirror.remoteRevision("v1", kPatience) == head);
    CHECK(mirror.remoteRevision("refs/tags/v1", kPatience) == head);
    CHECK(mirror.remoteRevision("hidden", kPatience) == "");
    CHECK(mirror.remoteRevision("--help", kPatience) == "");
    CHECK(mirror.remoteRevision(head, kPatience) == std::nullopt);
    SECTION("an annotated tag is peeled") {
        world.remote.git({"tag", "-a", "-m", "two", "v2"});
        CHECK(mirror.remoteRevision("v2", kPatience) == head);
    }
    SECTION("a tag does not hide the configured branch, and another shared name is rejected") {
        world.remote.git({"branch", "both"});
        const auto second = world.remote.commit({{"a", "2"}});
        world.remote.git({"tag", "both"});
        world.remote.git({"update-ref", "refs/tags/main", head});
        CHECK(mirror.remoteRevision("main", kPatience) == second);
        CHECK_THROWS_AS(mirror.remoteRevision("both", kPatience), iac::repository::AmbiguousRef);
    }
    SECTION("a caller that is stopped does not wait") {
        iac::Cancellation stopped;
        stopped.request();
        CHECK(mirror.remoteRevision("main", kPatience, &stopped) == std::nullopt);
    }
}

TEST_CASE("a branch whose name is not ASCII is fetched, asked for and checked out", "[mirror]") {
    World world;
    const std::string head = world.remote.commit({{"a", "1"}});
    const std::string name = GENERATE("ünï", "日本語/枝", "caf\xe9");  // the last is not UTF-8
    CAPTURE(name);
    world.remote.git({"branch", name});
    world.settings.branch = name;
    Mirror mirror(world.settings);
    mirror.fetch();
    CHECK(mirror.resolve("") == head);
    CHECK(mirror.resolve(name) == head);
    CHECK(mirror.remoteRevision(name, std::chrono::seconds{30}) == head);
    const iac::repository::WorkTree tree(mirror, head, world.folder / "data/trees/1");
    CHECK(world.remote.git({"-C", tree.folder().string(), "rev-parse", "refs/heads/" + name}) ==
          head);
}
