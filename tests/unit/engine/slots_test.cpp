#include "engine/slots.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <optional>
#include <vector>

using iac::Cancellation;
using iac::engine::Slots;

TEST_CASE("a slot is free again when it was given back", "[slots]") {
    Slots slots(1);
    const Cancellation never;
    for (int round = 0; round < 2; ++round) CHECK(Slots::Taken(slots, never));
}

TEST_CASE("whoever waits for a slot gets the one that is given back", "[slots]") {
    Slots slots(1);
    const Cancellation never;
    std::promise<void> waits;
    std::future<bool> second;
    {
        const Slots::Taken first(slots, never);
        second = std::async(std::launch::async, [&] {
            waits.set_value();
            return static_cast<bool>(Slots::Taken(slots, never));
        });
        waits.get_future().wait();
    }
    CHECK(second.get());
}

TEST_CASE("whoever waits for a slot hears of a cancellation", "[slots]") {
    Slots slots(1);
    const Cancellation never;
    Cancellation cancel;
    const Slots::Taken first(slots, never);
    REQUIRE(first);
    auto second = std::async(std::launch::async,
                             [&] { return static_cast<bool>(Slots::Taken(slots, cancel)); });
    cancel.request();
    CHECK_FALSE(second.get());
}

TEST_CASE("whoever waits for a slot waits until the deadline, and no longer", "[slots]") {
    Slots slots(1);
    const Cancellation never;
    const auto in = [](int milliseconds) {
        return std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    };
    std::optional<Slots::Taken> first;
    first.emplace(slots, never);
    REQUIRE(*first);
    CHECK_FALSE(Slots::Taken(slots, never, in(50)));
    CHECK_FALSE(Slots::Taken(slots, never, in(-50)));
    first.reset();
    CHECK(Slots::Taken(slots, never, in(60'000)));
}

TEST_CASE("what was cancelled before takes no slot, though one is free", "[slots]") {
    Slots slots(1);
    Cancellation cancel;
    cancel.request();
    CHECK_FALSE(Slots::Taken(slots, cancel));
}

TEST_CASE("never more hold a slot than there are, and all come to their turn", "[slots]") {
    constexpr int kSlots = 2, kThreads = 8, kTurns = 500;
    Slots slots(kSlots);
    const Cancellation never;
    std::atomic<int> inside{0}, most{0}, turns{0};
    std::vector<std::future<void>> all;
    for (int i = 0; i < kThreads; ++i)
        all.push_back(std::async(std::launch::async, [&] {
            for (int turn = 0; turn < kTurns; ++turn) {
                const Slots::Taken slot(slots, never);
                const int now = ++inside;
                for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
                }
                ++turns;
                --inside;
            }
        }));
    for (auto& one : all) one.get();
    CHECK(turns == kThreads * kTurns);
    CHECK(most <= kSlots);
}
