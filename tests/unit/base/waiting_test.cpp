// Bell, Guarded and Cancellation: how threads wait for each other.
#include <poll.h>

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "base/bell.hpp"
#include "base/cancellation.hpp"

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

TEST_CASE("a ring that came before the wait is not lost", "[bell]") {
    iac::Bell bell;
    const auto seen = bell.count();
    bell.ring();
    CHECK(bell.wait(seen) == seen + 1);
    CHECK(bell.waitUntil(seen, SteadyClock::now() + 1h) == seen + 1);
}

TEST_CASE("a wait without a ring ends at its deadline", "[bell]") {
    iac::Bell bell;
    bell.ring();
    const auto seen = bell.count();
    CHECK(bell.waitUntil(seen, SteadyClock::now() + 10ms) == seen);
    CHECK(bell.waitUntil(seen, SteadyClock::now() - 1s) == seen);
}

TEST_CASE("a ring wakes everyone who waits", "[bell]") {
    iac::Bell bell;
    const auto seen = bell.count();
    iac::Guarded<int> woken{0};
    {
        std::vector<std::jthread> waiting;
        for (int i = 0; i < 4; ++i)
            waiting.emplace_back([&] {
                bell.wait(seen);
                ++*woken.lock();
            });
        bell.ring();
    }
    CHECK(*woken.lock() == 4);
}

TEST_CASE("no ring is lost between two threads that take turns", "[bell]") {
    iac::Bell there, back;
    constexpr int kTurns = 2'000;
    std::jthread other([&] {
        for (std::uint64_t seen = 0; seen < kTurns;) {
            seen = there.wait(seen);
            back.ring();
        }
    });
    std::uint64_t seen = 0;
    for (int turn = 0; turn < kTurns; ++turn) {
        there.ring();
        seen = back.wait(seen);
    }
    CHECK(seen == kTurns);
}

TEST_CASE("a guarded value is changed by one thread at a time", "[guarded]") {
    iac::Guarded<int> number{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int round = 0; round < 1'000; ++round) ++*number.lock();
            });
    }
    CHECK(*number.lock() == 4'000);
}

TEST_CASE("a cancellation is seen by all, at once and for good", "[cancellation]") {
    iac::Cancellation cancel;
    CHECK_FALSE(cancel.requested());
    pollfd ready{cancel.descriptor(), POLLIN, 0};
    CHECK(::poll(&ready, 1, 0) == 0);

    std::jthread other([&] { cancel.request(); });
    CHECK(::poll(&ready, 1, 60'000) == 1);
    other.join();
    CHECK(cancel.requested());
    cancel.request();
    CHECK(cancel.requested());
}

// The kernel's own order is none of the language, so that only ThreadSanitizer can fail this.
TEST_CASE("what was done before a cancellation is seen by whoever hears of it", "[cancellation]") {
    iac::Cancellation cancel;
    int done = 0;
    std::jthread other([&] {
        done = 1;
        cancel.request();
    });
    pollfd ready{cancel.descriptor(), POLLIN, 0};
    REQUIRE(::poll(&ready, 1, 60'000) == 1);
    REQUIRE(cancel.requested());
    CHECK(done == 1);
}
