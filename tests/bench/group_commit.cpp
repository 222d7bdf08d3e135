// group_commit FILE THREADS SECONDS together|alone: how many pushes a second the history keeps when
// so many threads offer them at once. `alone`: one at a time, so that each has a transaction of its
// own. Prints pushes a second and pushes per transaction.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "history/history.hpp"

namespace {

iac::Event push(std::int64_t number) {
    iac::Event event;
    event.trigger = "github";
    event.kind = iac::EventKind::change;
    event.delivery = "delivery-" + std::to_string(number);
    event.body_digest = std::string(44, 'd') + std::to_string(10'000'000 + number);
    event.environment = "staging";
    event.ref = "refs/heads/main";
    event.revision = std::string(32, 'a') + std::to_string(10'000'000 + number);
    event.before = std::string(40, 'b');
    event.paths = {"platform/01.postgres/compose.yaml", "platform/02.redis/compose.yaml"};
    event.paths_complete = true;
    event.triggered_by = "mona-octocat";
    event.subject = "platform/postgres: raise the number of connections";
    return event;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    const long threads = std::strtol(argv[2], nullptr, 10);
    const std::chrono::duration<double> length(std::strtod(argv[3], nullptr));
    const bool alone = std::string_view(argv[4]) == "alone";
    const iac::SystemClock clock;
    iac::history::History history(argv[1], {}, clock);
    const iac::Plan plan{{{"platform/postgres", "platform/01.postgres/compose.yaml (rule)"},
                          {"platform/redis", "platform/02.redis/compose.yaml (rule)"}},
                         {}};
    std::mutex one_at_a_time;
    std::atomic<std::int64_t> offered{0}, kept{0};
    const auto commits_before = history.commits();
    const auto began = std::chrono::steady_clock::now();
    std::vector<std::thread> offering;
    for (long i = 0; i < threads; ++i)
        offering.emplace_back([&] {
            while (std::chrono::steady_clock::now() - began < length) {
                const auto event = push(++offered);
                std::unique_lock<std::mutex> lock(one_at_a_time, std::defer_lock);
                if (alone) lock.lock();
                history.admit(event, plan);
                ++kept;
            }
        });
    for (auto& one : offering) one.join();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    const auto pushes = static_cast<double>(kept.load());
    std::printf("%.1f %.2f\n", pushes / took.count(),
                pushes / static_cast<double>(history.commits() - commits_before));
    return 0;
}
