// What the daemon tells a service manager, which here is a socket of the test as sd_notify(3) describes it.
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "base/descriptor.hpp"
#include "end_to_end/world.hpp"

using namespace iac::tests;

namespace {

class NotifySocket {
public:
    explicit NotifySocket(const std::filesystem::path& folder)
        : path_((folder / "notify").string()),
          socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("bind " + path_);
    }
    std::string variable() const { return "NOTIFY_SOCKET=" + path_; }
    /// The next message; empty: none came in 30 s.
    std::string next() {
        constexpr int kPatience = 30'000;
        pollfd watched{socket_.get(), POLLIN, 0};
        if (::poll(&watched, 1, kPatience) != 1) return {};
        std::array<char, 512> text{};
        const auto size = ::recv(socket_.get(), text.data(), text.size(), 0);
        return size < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(size));
    }
    /// The next one that is not about the watchdog.
    std::string nextState() {
        auto message = next();
        while (message == "WATCHDOG=1") message = next();
        return message;
    }

private:
    std::string path_;
    iac::Descriptor socket_;
};

}  // namespace

TEST_CASE("the daemon tells the service manager when it is ready, reloads and stops", "[service]") {
    ChangedRedis world;
    NotifySocket manager(world.folder.path());
    Daemon daemon(world.folder.path(), world.text(), {manager.variable()});
    CHECK(manager.next() == "READY=1");
    SECTION("a reload that is taken over") {
        REQUIRE(daemon.reload(world.text("engine: { stop_grace: 1s }\n")));
    }
    SECTION("a reload that is rejected") {
        REQUIRE_FALSE(daemon.reload("nonsense"));
    }
    CHECK_THAT(manager.next(), Catch::StartsWith("RELOADING=1\nMONOTONIC_USEC="));
    CHECK(manager.next() == "READY=1");
    CHECK(daemon.stop() == iac::Exit{0});
    CHECK(manager.next() == "STOPPING=1");
}

TEST_CASE("the daemon answers the watchdog of the service manager while it serves", "[service]") {
    ChangedRedis world;
    NotifySocket manager(world.folder.path());
    Daemon daemon(world.folder.path(), world.text(),
                  {manager.variable(), "WATCHDOG_USEC=1000000"});
    CHECK(manager.next() == "READY=1");
    for (int i = 0; i < 3; ++i) CHECK(manager.next() == "WATCHDOG=1");
    CHECK(daemon.stop() == iac::Exit{0});
    CHECK(manager.nextState() == "STOPPING=1");
}
