// Remotes that are away, slow or broken; a mirror that is broken; many at once.
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "fixtures/git_repository.hpp"
#include "listener.hpp"
#include "repository/mirror.hpp"
#include "unit/repository/pins.hpp"

using namespace iac::repository;
using iac::fixtures::Folder;
using iac::fixtures::GitRepository;
using iac::fixtures::writeFile;
namespace fs = std::filesystem;

namespace {

struct World {
    Folder folder;
    GitRepository remote{folder / "remote"};
    MirrorSettings settings{remote.url(), "main", folder / "data/mirror", iac::Duration{60'000}};
};

GitFailed faultOf(Mirror& mirror, const iac::Cancellation* cancel = nullptr) {
    try {
        mirror.fetch(cancel);
    } catch (const GitFailed& fault) {
        return fault;
    }
    return {"none", "the fetch succeeded"};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// Takes one object out of the mirror, which comes as a pack.
fs::path removeObject(const World& world, const std::string& name) {
    const fs::path objects = world.settings.folder / "objects", packs = world.folder / "packs";
    if (fs::exists(objects / "pack")) {
        fs::rename(objects / "pack", packs);
        for (const auto& entry : fs::directory_iterator(packs)) {
            if (entry.path().extension() == ".pack")
                world.remote.git(
                    {"--git-dir=" + world.settings.folder.string(), "unpack-objects", "-q"},
                    iac::fixtures::readFile(entry.path()));
        }
    }
    const std::string sha = world.remote.git({"rev-parse", name});
    fs::path file = objects / sha.substr(0, 2) / sha.substr(2);
    REQUIRE(fs::remove(file));
    return file;
}

}  // namespace

TEST_CASE("a remote that is not there is unreachable, and leaves nothing half made", "[mirror]") {
    World world;
    SECTION("a path") {
        world.settings.url = world.folder / "nowhere";
    }
    SECTION("a folder without a repository") {
        world.settings.url = world.folder.path();
    }
    SECTION("a port where nobody listens") {
        std::string place = Listener().place();
        world.settings.url = "http://ada:hunter22@" + place + "/x.git";
    }
    Mirror mirror(world.settings);
    const GitFailed fault = faultOf(mirror);
    INFO(fault.what());
    CHECK(fault.kind() == "git_unreachable");
    CHECK_FALSE(contains(fault.what(), "hunter22"));
    CHECK_FALSE(mirror.healthy());
    CHECK(mirror.remoteRevision("main", std::chrono::seconds(30)) == std::nullopt);
    CHECK(fs::is_empty(world.folder / "data"));
}

TEST_CASE("a remote that goes away takes nothing from the mirror", "[mirror]") {
    World world;
    const std::string commit = world.remote.commit({{"a", "1"}});
    Mirror mirror(world.settings);
    mirror.fetch();
    fs::rename(world.remote.folder(), world.folder / "away");
    CHECK(faultOf(mirror).kind() == "git_unreachable");
    CHECK_FALSE(mirror.healthy());
    CHECK(mirror.resolve("main") == commit);
    fs::rename(world.folder / "away", world.remote.folder());
    mirror.fetch();
    CHECK(mirror.healthy());
}

TEST_CASE("a remote that never answers is given up at the timeout", "[mirror]") {
    World world;
    const Listener silent;
    world.settings.url = "http://ada:hunter22@" + silent.place() + "/x.git";
    world.settings.timeout = std::chrono::milliseconds(300);
    Mirror mirror(world.settings);
    const auto began = std::chrono::steady_clock::now();
    const GitFailed fault = faultOf(mirror);
    CHECK(fault.kind() == "git_timeout");
    CHECK(contains(fault.what(), "git fetch"));
    CHECK_FALSE(contains(fault.what(), "hunter22"));
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(20));
    CHECK(mirror.remoteRevision("main", std::chrono::milliseconds(300)) == std::nullopt);
}

TEST_CASE("a fetch that waits for the remote can be cancelled", "[mirror]") {
    World world;
    const Listener silent;
    world.settings.url = "http://" + silent.place() + "/x.git";
    Mirror mirror(world.settings);
    iac::Cancellation cancel;
    iac::Descriptor connection;  // open until git is gone: it must not hear of a broken one first
    std::jthread person([&] {
        connection = silent.accept();
        cancel.request();
    });
    CHECK(faultOf(mirror, &cancel).kind() == "cancelled");
}

TEST_CASE("a fetch that waits for another fetch can be cancelled", "[mirror]") {
    World world;
    const Listener silent;
    world.settings.url = "http://" + silent.place() + "/x.git";
    Mirror mirror(world.settings);
    iac::Cancellation first_cancel, second_cancel;
    std::jthread first([&] { faultOf(mirror, &first_cancel); });
    const auto connection = silent.accept();  // the first has its turn
    second_cancel.request();
    CHECK(faultOf(mirror, &second_cancel).kind() == "cancelled");
    first_cancel.request();
}

TEST_CASE("credentials go to the host in a header and show in no message", "[mirror]") {
    World world;
    const Listener guard;
    world.settings.url = "http://ada:hunter22@" + guard.place() + "/x.git";
    std::string request;
    std::jthread answering([&] {
        request = guard.answer(
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"
            "Content-Length: 0\r\nConnection: close\r\n\r\n");
    });
    Mirror mirror(world.settings);
    const GitFailed fault = faultOf(mirror);
    answering.join();
    INFO(fault.what());
    CHECK(contains(request, "Authorization: Basic YWRhOmh1bnRlcjIy\r\n"));
    CHECK(fault.kind() == "git_authentication");
    CHECK_FALSE(contains(fault.what(), "hunter22"));
    CHECK_FALSE(contains(fault.what(), "YWRhOmh1bnRlcjIy"));
}

TEST_CASE("the remote is the same for another user and password", "[mirror]") {
    World world;
    const Listener guard;
    world.settings.url = "http://ada:hunter22@" + guard.place() + "/x.git";
    Mirror mirror(world.settings);
    const bool in_the_url = GENERATE(true, false);
    in_the_url
        ? mirror.logIn("http://ada:hunter23@" + guard.place() + "/x.git")
        : mirror.logIn("http://" + guard.place() + "/x.git", {"ada", iac::Secret("hunter23")});
    std::string request;
    std::jthread answering([&] {
        request = guard.answer(
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
    faultOf(mirror);
    answering.join();
    CHECK(contains(request, "Authorization: Basic YWRhOmh1bnRlcjIz\r\n"));
}

TEST_CASE("a repository of another user is refused, until the operator says otherwise",
          "[mirror]") {
    if (::geteuid() != 0) {
        WARN("only root can give a repository to another user: not tested");
        return;
    }
    World world;
    const std::string commit = world.remote.commit({{"a", "1"}});
    constexpr uid_t kNobody = 65534;
    for (const auto& entry : fs::recursive_directory_iterator(world.remote.folder()))
        REQUIRE(::lchown(entry.path().c_str(), kNobody, kNobody) == 0);
    REQUIRE(::chown(world.remote.folder().c_str(), kNobody, kNobody) == 0);
    Mirror mirror(world.settings);
    const GitFailed fault = faultOf(mirror);
    INFO(fault.what());
    CHECK(fault.kind() == "git_authentication");
    CHECK(contains(fault.what(), "safe.directory"));

    writeFile(world.folder / "gitconfig", "[safe]\n directory = *\n");
    ::setenv("GIT_CONFIG_GLOBAL", (world.folder / "gitconfig").c_str(), 1);
    mirror.fetch();
    ::unsetenv("GIT_CONFIG_GLOBAL");
    CHECK(mirror.resolve("main") == commit);
}

TEST_CASE("locks that a killed git left do not block a fetch", "[mirror]") {
    World world;
    world.remote.commit({{"a", "1"}});
    Mirror mirror(world.settings);
    mirror.fetch();
    const std::string next = world.remote.commit({{"a", "2"}});
    for (const char* lock :
         {"refs/heads/main.lock", "packed-refs.lock", "HEAD.lock", "config.lock"})
        writeFile(world.settings.folder / lock, "");
    mirror.fetch();
    CHECK(mirror.resolve("main") == next);
    pin(mirror, {next});
}

TEST_CASE("a damaged mirror is moved away and made anew", "[mirror]") {
    World world;
    const std::string commit = world.remote.commit({{"folder/a", "1"}});
    Mirror mirror(world.settings);
    mirror.fetch();

    SECTION("without a HEAD it is no repository") {
        fs::remove(world.settings.folder / "HEAD");
    }
    SECTION("without its objects") {
        fs::remove_all(world.settings.folder / "objects");
    }
    SECTION("with an empty commit") {
        writeFile(removeObject(world, "main"), "");
    }
    SECTION("with a ref that is no ref") {
        writeFile(world.settings.folder / "refs/heads/main", "nonsense\n");
    }
    SECTION("with a configuration that is none") {
        writeFile(world.settings.folder / "config", "[core\n");
    }
    SECTION("without a tree, which only a read finds") {
        removeObject(world, "main:folder");
        CHECK_THROWS_AS(mirror.paths(commit), GitFailed);
    }
    mirror.fetch();
    CHECK(mirror.paths(commit) == std::vector<std::string>{"folder/a"});
    CHECK(fs::exists(world.folder / "data/mirror.damaged"));
    mirror.fetch();  // and it is whole now
    CHECK(mirror.resolve("main") == commit);
}

TEST_CASE("a damaged mirror stays while the remote is away", "[mirror]") {
    World world;
    const std::string first = world.remote.commit({{"a", "1"}});
    const std::string second = world.remote.commit({{"a", "2"}});
    Mirror mirror(world.settings);
    mirror.fetch();
    removeObject(world, "main");
    fs::rename(world.remote.folder(), world.folder / "away");
    CHECK(faultOf(mirror).kind() == "git_unreachable");
    CHECK(mirror.has(first));
}

TEST_CASE("a mirror folder that cannot be made is a sentence", "[mirror]") {
    World world;
    world.remote.commit({{"a", "1"}});
    writeFile(world.folder / "data", "a file where the folder should be");
    Mirror mirror(world.settings);
    const GitFailed fault = faultOf(mirror);
    CHECK(fault.kind() == "git_failed");
    CHECK(contains(fault.what(), world.folder / "data"));
}

TEST_CASE("lanes fetch, read and check out side by side", "[mirror]") {
    World world;
    world.remote.commit({{"a", "0"}});
    Mirror mirror(world.settings);
    mirror.fetch();
    std::atomic<int> good{0};
    {
        std::vector<std::jthread> lanes;
        for (int lane = 0; lane < 4; ++lane) {
            lanes.emplace_back([&, lane] {
                for (int round = 0; round < 3; ++round) {
                    mirror.fetch();
                    const auto commit = mirror.resolve("main");
                    pin(mirror, {commit.value()});
                    const fs::path folder = world.folder / ("tree" + std::to_string(lane));
                    const WorkTree tree(mirror, *commit, folder);
                    if (fs::exists(folder / "a") && !mirror.paths(*commit).empty()) ++good;
                }
            });
        }
        for (int i = 1; i <= 5; ++i) world.remote.commit({{"a", std::to_string(i)}});
    }
    CHECK(good == 12);
    mirror.fetch();
    CHECK(mirror.resolve("main") == world.remote.head());
}

TEST_CASE("mirror refuses a shallow origin with what to do", "[mirror]") {
    World world;
    world.remote.commit({{"a", "1"}});
    world.remote.commit({{"a", "2"}});
    const auto origin = world.folder / "shallow";
    world.remote.git(
        {"clone", "--quiet", "--depth=1", "file://" + world.remote.url(), origin.string()});
    world.settings.url = (GENERATE(true, false) ? "" : "file://") + origin.string();
    Mirror mirror(world.settings);
    for (int time = 0; time < 2; ++time)
        CHECK_THAT(faultOf(mirror).what(), Catch::Contains("is a shallow clone") &&
                                               Catch::Contains("git fetch --unshallow") &&
                                               Catch::Contains(world.settings.url));
    CHECK_FALSE(mirror.healthy());
    // What it says to do helps.
    world.remote.git({"-C", origin.string(), "fetch", "--quiet", "--unshallow"});
    mirror.fetch();
    CHECK(mirror.resolve("main") == world.remote.head());
}
