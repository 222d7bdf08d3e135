// A repository as an enemy would make it.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "fixtures/git_repository.hpp"
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
    pin(mirror, {commit});
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
        CHECK(mirror.remoteRevision(ref, std::chrono::seconds(30)) == "");
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

TEST_CASE("mirror takes commits with old faults that GitHub hands out, and no tree that breaks out",
          "[mirror]") {
    World world;
    const std::string first = world.remote.commit({{"a", "1"}});
    const std::string tree = world.remote.git({"rev-parse", first + "^{tree}"});
    const auto commit = [&](const std::string& author) {
        const std::string text = "tree " + tree + "\nparent " + world.remote.head() + "\nauthor " +
                                 author + "\ncommitter " + author + "\n\nold\n";
        const auto sha =
            world.remote.git({"hash-object", "-t", "commit", "-w", "--stdin", "--literally"}, text);
        world.remote.git({"update-ref", "refs/heads/main", sha});
        return sha;
    };
    Mirror mirror(world.settings);
    for (const char* author :
         {"Ada <ada@example.com> 1300000000 +051800", "Ada<ada@example.com> 1300000000 +0100",
          "Ada <ada@example.com> 01300000000 +0100", "<ada@example.com> 1300000000 +0100"}) {
        INFO(author);
        const auto sha = commit(author);
        mirror.fetch();
        CHECK(mirror.resolve("main") == sha);
        CHECK(mirror.paths(sha) == std::vector<std::string>{"a"});
    }
    SECTION("but strictly checked none of them") {
        world.settings.folder = world.folder / "strict.git";
        world.settings.strict_fsck = true;
        Mirror strict(world.settings);
        try {
            strict.fetch();
            FAIL("it was taken");
        } catch (const GitFailed& fault) {
            CHECK(fault.kind() == "bad_object");
            CHECK_THAT(fault.what(), Catch::Contains("repository.fsck"));
        }
    }
    const std::string blob = world.remote.git({"rev-parse", first + ":a"});
    for (const std::string name : {".git", "..", ".GIT"}) {
        INFO(name);
        std::string sha;
        std::string raw = "100644 " + name + std::string(1, '\0');
        for (std::size_t i = 0; i < blob.size(); i += 2)
            raw += static_cast<char>(std::stoi(blob.substr(i, 2), nullptr, 16));
        const auto evil =
            world.remote.git({"hash-object", "-t", "tree", "-w", "--stdin", "--literally"}, raw);
        world.remote.git({"update-ref", "refs/heads/evil",
                          world.remote.git({"commit-tree", evil, "-m", "evil"})});
        try {
            mirror.fetch();
            FAIL("it was taken");
        } catch (const GitFailed& fault) {
            CHECK(fault.kind() == "bad_object");
            CHECK_THAT(fault.what(), Catch::Contains("malformed"));
        }
    }
}

TEST_CASE("mirror makes a repository anew that is not as it made it", "[mirror]") {
    World world;
    const std::string first = world.remote.commit({{"a", "1"}});
    Mirror mirror(world.settings);
    mirror.fetch();
    const fs::path folder = world.settings.folder;
    SECTION("with an empty configuration") {
        writeFile(folder / "config", "");
    }
    SECTION("without a configuration") {
        fs::remove(folder / "config");
    }
    SECTION("with the objects of another") {
        writeFile(folder / "objects/info/alternates",
                  (world.remote.folder() / ".git/objects").string() + "\n");
    }
    mirror.fetch();
    CHECK(mirror.resolve("main") == first);
    CHECK(fs::file_size(folder / "config") > 0);
    CHECK_FALSE(fs::exists(folder / "objects/info/alternates"));
}

TEST_CASE("mirror runs no program that its own configuration names", "[mirror]") {
    World world;
    world.remote.commit({{"a", "1"}});
    Mirror mirror(world.settings);
    mirror.fetch();
    const fs::path script = world.folder / "evil";
    writeScript(script, "touch '" + world.marker.string() + "'");
    std::ofstream(world.settings.folder / "config", std::ios::app)
        << "[core]\n\talternateRefsCommand = " << script.string() << "\n";
    world.remote.commit({{"a", "2"}});
    mirror.fetch();
    CHECK_FALSE(fs::exists(world.marker));
}
