#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "base/descriptor.hpp"
#include "http/connections.hpp"

namespace iac::http {
namespace {

using namespace std::chrono_literals;

/// Both ends of a connection, and its slot once it is open.
struct Pair {
    Pair() {
        std::array<int, 2> ends{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
        ours = Descriptor(ends[0]);
        theirs = Descriptor(ends[1]);
    }
    /// Whether reading has been ended.
    bool ended(std::chrono::milliseconds within) const {
        pollfd wake{ours.get(), POLLIN, 0};
        char byte = 0;
        return ::poll(&wake, 1, static_cast<int>(within.count())) == 1 &&
               ::recv(ours.get(), &byte, 1, MSG_DONTWAIT) == 0;
    }
    Descriptor ours, theirs;
    Slot* slot = nullptr;
};

bool enter(Connections& connections, Pair& pair, const std::string& address) {
    if (!connections.admit(pair.ours.get(), address)) return false;
    pair.slot = &connections.open(pair.ours.get());
    return true;
}

}  // namespace

TEST_CASE("a connection whose deadline passes while it is read is ended for reading first") {
    Connections connections({4, 4, 1});
    Pair late;
    REQUIRE(enter(connections, late, "a"));
    late.slot->enter(Phase::reading, Steady::now() + 100ms);
    CHECK(late.ended(5s));
    CHECK(late.slot->cut());
    // The answer can still be written.
    CHECK(::send(late.ours.get(), "x", 1, MSG_NOSIGNAL) == 1);
    connections.close(*late.slot);
}

TEST_CASE("a phase is never seen with the deadline of another one") {
    Slot slot;
    std::atomic<bool> done{false};
    std::thread connection([&] {
        for (int i = 0; i < 200'000; ++i) {
            slot.enter(Phase::working, Steady::now() - 1s);
            slot.enter(Phase::writing, Steady::now() + 60s);
        }
        done = true;
    });
    bool cut = false;
    while (!done) {
        const auto state = slot.state();
        cut = cut || (state.phase() == Phase::writing && state.isLate(Steady::now()));
    }
    connection.join();
    CHECK_FALSE(cut);
}

TEST_CASE("a caller that waits on purpose, and one that is answered, have no deadline") {
    Connections connections({4, 4, 1});
    Pair waiting, working;
    REQUIRE(enter(connections, waiting, "a"));
    REQUIRE(enter(connections, working, "a"));
    connections.beginWait(*waiting.slot);
    working.slot->enter(Phase::working, Steady::now() - 1s);
    CHECK_FALSE(waiting.ended(300ms));
    CHECK_FALSE(working.ended(0ms));
    connections.endWait(*waiting.slot, Steady::now() + 10s);
    connections.close(*waiting.slot);
    connections.close(*working.slot);
}

TEST_CASE("an address that opens more than its share loses its own oldest connection") {
    Connections connections({100, 2, 1});
    Pair first, second, third, other;
    REQUIRE(enter(connections, other, "b"));
    REQUIRE(enter(connections, first, "a"));
    REQUIRE(enter(connections, second, "a"));
    for (Pair* one : {&other, &first, &second})
        one->slot->enter(Phase::reading, Steady::now() + 60s);
    CHECK(enter(connections, third, "a"));
    CHECK(first.ended(5s));
    CHECK_FALSE(second.ended(0ms));
    CHECK_FALSE(other.ended(0ms));
    for (Pair* one : {&first, &second, &third, &other}) connections.close(*one->slot);
}

TEST_CASE("an address whose connections are all at work gets a few of the reserve, then none") {
    Connections connections({100, 2, 1});
    std::vector<Pair> pairs(2 + Connections::kReservePerAddress);
    for (Pair& pair : pairs) {
        REQUIRE(enter(connections, pair, "a"));
        pair.slot->enter(Phase::working, Steady::now() + 60s);
    }
    CHECK_FALSE(pairs[0].slot->reserved());
    CHECK_FALSE(pairs[1].slot->reserved());
    for (std::size_t i = 2; i < pairs.size(); ++i) CHECK(pairs[i].slot->reserved());
    Pair more, other;
    CHECK_FALSE(enter(connections, more, "a"));
    CHECK(enter(connections, other, "b"));
    CHECK_FALSE(other.slot->reserved());
    connections.close(*other.slot);
    SECTION("until one of them waits on purpose: it is counted elsewhere") {
        connections.beginWait(*pairs[0].slot);
        CHECK(enter(connections, more, "a"));
        connections.close(*more.slot);
        connections.endWait(*pairs[0].slot, Steady::now() + 60s);
    }
    SECTION("until one of them is closed") {
        connections.close(*pairs[0].slot);
        CHECK(enter(connections, more, "a"));
        pairs[0].slot = more.slot;
    }
    for (Pair& pair : pairs) connections.close(*pair.slot);
}

TEST_CASE("a caller that does not read its answer makes room, one that reads does not") {
    Connections connections({2, 100, 1});
    Pair stuck, reading, more;
    REQUIRE(enter(connections, stuck, "a"));
    REQUIRE(enter(connections, reading, "b"));
    stuck.slot->enter(Phase::writing, Steady::now() + 60s);
    reading.slot->enter(Phase::writing, {});
    std::this_thread::sleep_for(Connections::kSlowReader + 200ms);
    // Its next piece has just begun: how long the whole answer takes does not matter.
    reading.slot->beginPiece(Steady::now() + 60s);
    REQUIRE(enter(connections, more, "c"));
    CHECK_FALSE(more.slot->reserved());
    CHECK(stuck.ended(0ms));
    CHECK(::send(stuck.ours.get(), "x", 1, MSG_NOSIGNAL) < 0);
    CHECK_FALSE(reading.ended(0ms));
    for (Pair* one : {&stuck, &reading, &more}) connections.close(*one->slot);
}

TEST_CASE("a connection of a proxy is counted by its caller's address once that is known") {
    Connections connections({100, 2, 1});
    std::vector<Pair> pairs(5);
    for (Pair& pair : pairs) {
        REQUIRE(connections.admit(pair.ours.get(), "proxy", false));
        pair.slot = &connections.open(pair.ours.get());
        pair.slot->enter(Phase::reading, Steady::now() + 60s);
        CHECK_FALSE(pair.slot->reserved());
    }
    CHECK(connections.identify(*pairs[0].slot, "a"));
    CHECK(connections.identify(*pairs[1].slot, "a"));
    CHECK(connections.identify(*pairs[1].slot, "a"));  // as before
    CHECK_FALSE(connections.identify(*pairs[2].slot, "a"));
    CHECK(connections.identify(*pairs[3].slot, "b"));
    CHECK(connections.identify(*pairs[1].slot, "b"));  // its next request is of another caller
    CHECK(connections.identify(*pairs[2].slot, "a"));
    for (Pair& pair : pairs) connections.close(*pair.slot);
}

TEST_CASE("when all connections are taken, the reserve lets some in, and then none") {
    Connections connections({2, 1000, 1});
    std::vector<Pair> pairs(static_cast<std::size_t>(2 + Connections::kReserve));
    for (Pair& pair : pairs) {
        REQUIRE(enter(connections, pair, "a"));
        CHECK(pair.slot->reserved() == (&pair - pairs.data() >= 2));
        pair.slot->enter(Phase::working, Steady::now() + 60s);
    }
    Pair more;
    CHECK_FALSE(enter(connections, more, "b"));
    connections.close(*pairs.front().slot);
    CHECK(enter(connections, more, "b"));
    pairs.front().slot = more.slot;
    CHECK(connections.open() == pairs.size());
    for (Pair& pair : pairs) connections.close(*pair.slot);
    CHECK(connections.waitUntilNone(Steady::now()));
}

}  // namespace iac::http
