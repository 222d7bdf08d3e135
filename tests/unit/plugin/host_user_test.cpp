// A call that runs as another user than the daemon.
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/process.hpp"
#include "fixtures/other_user.hpp"
#include "unit/plugin/hosted.hpp"

namespace iac::plugin {
namespace {

using Catch::Matchers::Contains;
using End = HostedResult::End;

struct World {
    PluginFolder folder{{"actor"}};
    Account user = fixtures::nobody();
    Hosted hosted{"exec", R"("argv":["sh","-c","id -u; pwd; echo $HOME"])"};
    std::unique_ptr<Registry> loaded;

    World() {
        REQUIRE(::chmod(folder.path().c_str(), 0711) == 0);
        loaded = std::make_unique<Registry>(std::vector<std::filesystem::path>{folder.path()});
        hosted.call.plugin = &loaded->find("executor", "test.actor");
        hosted.call.directory = std::filesystem::canonical(folder.path());
        hosted.call.user = &user;
    }
};

}  // namespace

TEST_CASE("a call runs as the user that is named", "[host]") {
    if (!fixtures::mayRunAsOthers()) return;
    World world;
    CHECK(world.hosted.run().status == IAC_OK);
    CHECK(world.hosted.output[1] == std::to_string(world.user.ids.uid) + "\n" +
                                        world.hosted.call.directory.string() + "\n\n");
}

TEST_CASE("a plugin is opened as the user of the call, not before", "[host]") {
    if (!fixtures::mayRunAsOthers()) return;
    World world;
    REQUIRE(::chmod(world.folder.file("actor").c_str(), 0600) == 0);
    CHECK(world.hosted.run().end == End::refused);
    CHECK_THAT(world.hosted.result.message, Contains("Permission denied"));
    world.hosted.call.user = nullptr;  // the control: root opens it
    CHECK(world.hosted.run().end == End::returned);
}

TEST_CASE("a call whose user cannot enter the work tree is refused", "[host]") {
    if (!fixtures::mayRunAsOthers()) return;
    World world;
    const fixtures::Folder closed;
    world.hosted.call.directory = closed.path();
    CHECK(world.hosted.run().end == End::refused);
    CHECK_THAT(world.hosted.result.message,
               Contains("cannot enter " + closed.path().string() + " as the user " +
                        std::to_string(world.user.ids.uid) + ": Permission denied"));
}

TEST_CASE("a call of another user that does not end is killed", "[host]") {
    if (!fixtures::mayRunAsOthers()) return;
    adoptOrphans();
    World world;
    for (const char* what : {"stubborn", "stop itself", "leave and hang"}) {
        INFO(what);
        Hosted hosted(what);
        hosted.call.plugin = world.hosted.call.plugin;
        hosted.call.user = &world.user;
        hosted.call.timeout = Duration{300};
        hosted.call.grace = Duration{50};
        CHECK(hosted.run().end == End::timed_out);
        CHECK(childrenOf(::getpid()).empty());
        if (const auto left = hosted.emitted("left"); !left.empty()) CHECK_FALSE(isAlive(left));
    }
}

TEST_CASE("a host that cannot become the user opens no plugin", "[host]") {
    if (!fixtures::mayRunAsOthers()) return;
    World world;
    const pid_t child = ::fork();
    if (child == 0) {
        // As a runner without capabilities.
        becomeUser(findAccount("daemon")->ids);
        world.hosted.run();
        const bool said =
            world.hosted.result.end == End::refused &&
            world.hosted.result.message.find("cannot become the user") != std::string::npos;
        ::_exit(said ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

}  // namespace iac::plugin
