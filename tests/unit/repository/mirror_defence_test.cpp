// A repository as an enemy would make it.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "fixtures/git_repository.hpp"
#include "repository/mirror.hpp"

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
    fs::path marker = folder / "marker";
};

void writeScript(const fs::path& file, const std::string& line) {
    writeFile(file, "#!/bin/sh\n" + line + "\n");
    fs::permissions(file, fs::perms::owner_all);
}

// The user's own configuration for as long as a test.
class Home {
public:
    explicit Home(const fs::path& folder)
        : before_(std::getenv("HOME") ? std::getenv("HOME") : "") {
        ::setenv("HOME", folder.c_str(), 1);
    }
    ~Home() { ::setenv("HOME", before_.c_str(), 1); }
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

private:
    std::string before_;
};

}  // namespace

TEST_CASE("hooks and filters are never run", "[mirror]") {
    World world;
    const std::string touch = "touch '" + world.marker.string() + "'";
    const fs::path hooks = world.folder / "home/template/hooks";
    for (const char* hook : {"post-checkout", "reference-transaction", "post-index-change"}) {
        writeScript(hooks / hook, touch);
        writeScript(world.remote.folder() / ".git/hooks" / hook, touch);
    }
    writeFile(world.folder / "home/.gitconfig",
              "[init]\n templateDir = " + (world.folder / "home/template").string() +
                  "\n[core]\n hooksPath = " + hooks.string() + "\n fsmonitor = \"" + touch +
                  ";false\"\n[filter \"evil\"]\n smudge = \"" + touch + "; cat\"\n");
    const std::string commit =
        world.remote.commit({{"a", "text"}, {".gitattributes", "* filter=evil\n"}});
    fs::remove(world.marker);  // the remote's own hooks have run in the remote
    const Home home(world.folder / "home");

    Mirror mirror(world.settings);
    mirror.fetch();
    mirror.pin({commit});
    const WorkTree tree(mirror, commit, world.folder / "tree");
    CHECK(readFile(tree.folder() / "a") == "text");
    CHECK_FALSE(fs::exists(world.marker));
    CHECK_FALSE(fs::exists(tree.folder() / ".git/hooks/post-checkout"));

    // What the same user's plain git does with it: this test can fail.
    iac::run({{"git", "clone", "--quiet", world.remote.url(), world.folder / "plain"},
              {"PATH=/usr/bin:/bin", "HOME=" + (world.folder / "home").string()},
              {}},
             {}, {});
    CHECK(fs::exists(world.marker));
}

TEST_CASE("a ref or url that looks like an option or a command is neither", "[mirror]") {
    World world;
    const std::string commit = world.remote.commit({{"a", "1"}});
    const std::string touch = "touch " + world.marker.string();
    Mirror mirror(world.settings);
    mirror.fetch();
    for (const std::string& ref : std::vector<std::string>{"--upload-pack=" + touch, "-h",
                                                           "--output=x", "$(" + touch + ")"}) {
        CHECK_FALSE(mirror.resolve(ref));
        CHECK(mirror.remoteHas(ref, std::chrono::seconds(30)) == false);
        CHECK_FALSE(mirror.has(ref));
        CHECK_FALSE(mirror.isAncestor(ref, commit));
        CHECK_THROWS_AS(mirror.paths(ref), GitFailed);
        CHECK_THROWS_AS(mirror.changedPaths(ref, commit), GitFailed);
        CHECK_THROWS_AS(WorkTree(mirror, ref, world.folder / "tree"), GitFailed);
    }
    for (const std::string& url :
         std::vector<std::string>{"ext::sh -c " + touch, "--upload-pack=" + touch,
                                  "ssh://-oProxyCommand=" + touch + "/x", "git://127.0.0.1/x"}) {
        INFO(url);
        world.settings.url = url;
        world.settings.folder = world.folder / "other";
        Mirror other(world.settings);
        CHECK_THROWS_AS(other.fetch(), GitFailed);
    }
    CHECK_FALSE(fs::exists(world.marker));
}

TEST_CASE("a malformed commit is refused at the door", "[mirror]") {
    World world;
    world.remote.commit({{"a", "1"}});
    const std::string tree = world.remote.git({"rev-parse", "main^{tree}"});
    const std::string evil =
        world.remote.git({"hash-object", "-t", "commit", "-w", "--stdin", "--literally"},
                         "tree " + tree + "\nno author\n\nx\n");
    Mirror mirror(world.settings);
    mirror.fetch();
    writeFile(world.remote.folder() / ".git/refs/heads/evil", evil + "\n");
    CHECK_THROWS_AS(mirror.fetch(), GitFailed);
    CHECK_FALSE(mirror.resolve("evil"));
}

TEST_CASE("submodules are not fetched", "[mirror]") {
    World world;
    writeFile(world.remote.folder() / ".gitmodules",
              "[submodule \"sub\"]\n path = sub\n url = " + world.remote.url() + "\n");
    world.remote.commit({{"a", "1"}});
    world.remote.git(
        {"update-index", "--add", "--cacheinfo", "160000," + world.remote.head() + ",sub"});
    world.remote.git({"commit", "--quiet", "--message", "with a submodule"});
    const std::string commit = world.remote.head();
    Mirror mirror(world.settings);
    mirror.fetch();
    const WorkTree tree(mirror, commit, world.folder / "tree");
    CHECK(fs::exists(tree.folder() / "a"));
    CHECK((!fs::exists(tree.folder() / "sub") || fs::is_empty(tree.folder() / "sub")));
}
