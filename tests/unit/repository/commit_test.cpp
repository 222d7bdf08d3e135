#include "repository/commit.hpp"

#include <catch2/catch.hpp>

#include "fixtures/git_repository.hpp"

using namespace iac::repository;
using iac::fixtures::Folder;
using iac::fixtures::GitRepository;

namespace {

struct World {
    Folder folder;
    GitRepository remote{folder / "remote"};

    /// What git answers about these names, read.
    std::vector<Commit> read(const std::vector<std::string>& names) const {
        std::string lines;
        for (const auto& name : names) lines += name + "^{commit}\n";
        return readCommits(remote.git({"cat-file", "--batch"}, lines), names.size());
    }
    std::string subjectByGit() const { return remote.git({"log", "-1", "--format=%s"}); }
};

}  // namespace

TEST_CASE("commits are read as git answers, one for each question", "[commit]") {
    World world;
    const auto first = world.remote.commit({{"a", "1"}}, "begin\n\nwith a body\nof two lines");
    const auto second = world.remote.commit({{"a", "2"}}, "go on");
    world.remote.git({"tag", "--annotate", "--message", "a tag", "v1", first});
    const auto found = world.read({first, "refs/heads/none", "refs/tags/v1", second});
    REQUIRE(found.size() == 4);
    CHECK(found[0].sha == first);
    CHECK(found[0].parents.empty());
    CHECK(found[0].subject == "begin");
    CHECK(found[1].sha.empty());
    CHECK(found[2].sha == first);
    CHECK(found[3].sha == second);
    CHECK(found[3].parents == std::vector<std::string>{first});
    CHECK(found[3].subject == "go on");
}

TEST_CASE("a subject is what git takes for it", "[commit]") {
    World world;
    const auto* message = GENERATE("one line", "\n\n  two lines  \nof one paragraph\n\nbody",
                                   "trailing\t \n\nbody", "Ünïcode\n", "", "\n \n");
    world.remote.git({"commit", "--quiet", "--allow-empty", "--allow-empty-message",
                      "--cleanup=verbatim", "--message", message});
    CHECK(world.read({"HEAD"})[0].subject == world.subjectByGit());
}

TEST_CASE("what is better asked of git is left to it", "[commit]") {
    World world;
    const auto first = world.remote.commit({{"a", "1"}});
    SECTION("a message in another encoding") {
        world.remote.git({"-c", "i18n.commitEncoding=ISO-8859-1", "commit", "--quiet",
                          "--allow-empty", "--message", "gr\xfc\xdf"});
        CHECK_FALSE(world.read({"HEAD"})[0].subject.has_value());
    }
    SECTION("a subject that is too long to keep") {
        world.remote.commit({}, std::string(1'024, 'x'));
        CHECK(world.read({"HEAD"})[0].subject == std::string(1'024, 'x'));
        world.remote.commit({}, std::string(1'025, 'x'));
        CHECK_FALSE(world.read({"HEAD"})[0].subject.has_value());
    }
    SECTION("more parents than a merge has") {
        for (const int count : {8, 9}) {
            std::vector<std::string> arguments{"commit-tree", "-m", "many", "HEAD^{tree}"};
            for (int i = 0; i < count; ++i) {
                arguments.emplace_back("-p");
                arguments.push_back(world.remote.commit({}, std::to_string(i)));
            }
            const auto many = world.remote.git(arguments);
            CHECK(world.read({many})[0].parents.size() == (count == 8 ? 8 : 0));
        }
    }
}

TEST_CASE("answers that break off are no commits", "[commit]") {
    const std::string sha(40, 'a');
    CHECK(readCommits("", 2).size() == 2);
    CHECK(readCommits("", 1)[0].sha.empty());
    CHECK(readCommits("nonsense", 1)[0].sha.empty());
    const auto cut = readCommits(sha + " commit 900\ntree " + sha, 2);
    CHECK(cut[0].sha == sha);
    CHECK(cut[1].sha.empty());
}
