#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "unit/history/failing_disk.hpp"
#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;

namespace {

constexpr const char* kFolderOfChild = "IAC_TEST_HISTORY";
constexpr const char* kChild = "child: admits requests until it is killed";

// What the child says of every deployment that admit() returned to it.
struct Said {
    DeploymentId deployment;
    std::int64_t number;
};

// This program again, admitting requests in `folder`; returns its pid and the end to read from.
std::pair<pid_t, int> startChild(const std::filesystem::path& folder) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        ::setenv(kFolderOfChild, folder.c_str(), 1);
        ::execl("/proc/self/exe", "unit_history", kChild, nullptr);
        ::_exit(127);
    }
    REQUIRE(pid > 0);
    ::close(ends[1]);
    return {pid, ends[0]};
}

}  // namespace

TEST_CASE("child: admits requests until it is killed", "[.]") {
    const char* folder = ::getenv(kFolderOfChild);
    if (folder == nullptr) return;
    SystemClock clock;
    const Limits limits;
    History history(std::filesystem::path(folder) / "history.db", limits, clock);
    std::atomic<std::int64_t> next{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (;;) {
                const std::int64_t number = ++next;
                Event event =
                    request("ref " + std::to_string(number) + " of " + std::to_string(::getpid()));
                event.subject = std::to_string(number);
                const Said said{history.admit(event, planOf({"a"})).deployment, number};
                if (::write(STDOUT_FILENO, &said, sizeof said) != sizeof said) return;
            }
        });
    }
}

TEST_CASE("kill -9 loses nothing that admit() returned", "[durability]") {
    Place history;
    std::vector<Said> all;
    for (const std::size_t round : {1U, 40U, 90U}) {
        history.history.reset();
        const auto [pid, from] = startChild(history.folder.path());
        std::vector<Said> said;
        for (Said one{}; ::read(from, &one, sizeof one) == sizeof one;) {
            said.push_back(one);
            if (said.size() == round) ::kill(pid, SIGKILL);
        }
        ::close(from);
        int status = 0;
        ::waitpid(pid, &status, 0);
        REQUIRE(WIFSIGNALED(status));
        REQUIRE(said.size() >= round);
        history.open();
        all.insert(all.end(), said.begin(), said.end());
        for (const Said& one : all) {
            const auto found = history->deployment(one.deployment);
            REQUIRE(found);
            CHECK(found->subject == std::to_string(one.number));
            CHECK(history->event(found->event));
        }
    }
}

TEST_CASE("concurrent calls share commits, and each gets its own answer", "[durability]") {
    Limits limits;
    limits.waiting = 500;
    Place history(limits);
    const auto before = history->commits();
    std::mutex mutex;
    std::vector<DeploymentId> ids;
    int refused = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 32; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 16; ++i) {
                    const Event event =
                        request("ref " + std::to_string(t) + "/" + std::to_string(i));
                    try {
                        const auto id = history->admit(event, planOf({"a"})).deployment;
                        const std::lock_guard lock(mutex);
                        ids.push_back(id);
                    } catch (const QueueFull&) {
                        const std::lock_guard lock(mutex);
                        ++refused;
                    }
                }
            });
        }
    }
    CHECK(ids.size() == 500);
    CHECK(refused == 12);
    std::sort(ids.begin(), ids.end());
    CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
    CHECK(ids.back() == 500);  // what was refused was undone, and used up no id
    for (const auto id : ids) CHECK(history->deployment(id));
    CHECK(history->commits() - before < 512);
}

TEST_CASE("a database locked by another process is unavailable, and recovers", "[durability]") {
    Place history;
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(history.folder.database().c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);

    const auto begun = std::chrono::steady_clock::now();
    CHECK_THROWS_AS(history->admit(push("d1"), planOf({"a"})), Unavailable);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
    CHECK_FALSE(history->healthy());
    CHECK(history->deployments({}).empty());

    REQUIRE(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(other);
    CHECK(history->admit(push("d1"), planOf({"a"})).deployment == 1);
    CHECK(history->healthy());
}

TEST_CASE("a full disk is unavailable, records nothing, and recovers", "[durability]") {
    FailingDisk disk;
    Place history;
    history->admit(request("v1"), planOf({"a"}));
    disk.fail(FailingDisk::Failure::full);
    CHECK_THROWS_AS(history->admit(request("v2"), planOf({"a"})), Unavailable);
    CHECK_THROWS_AS(history->takeNext("staging"), Unavailable);
    CHECK(history->deployments({}).size() == 1);
    CHECK_FALSE(history->healthy());
    const auto commits = history->commits();
    CHECK_FALSE(history->takeNext("nowhere"));  // nothing to write proves nothing
    CHECK(history->commits() == commits);
    CHECK_FALSE(history->healthy());
    disk.fail(FailingDisk::Failure::none);
    CHECK(history->takeNext("staging").value().id == 1);
    CHECK(history->healthy());
    CHECK(history->admit(request("v2"), planOf({"a"})).deployment == 2);
}

TEST_CASE("a runner that nobody asks to write finds out that it can again", "[durability]") {
    FailingDisk disk;
    Place history;
    for (int times = 0; times < 2; ++times) {
        disk.fail(FailingDisk::Failure::full);
        CHECK_THROWS_AS(history->admit(request("v1"), planOf({"a"})), Unavailable);
        CHECK_FALSE(history->healthy());
        const auto seen = history->changes().count();
        disk.fail(FailingDisk::Failure::none);
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        CHECK(history->changes().waitUntil(seen, until) != seen);
        CHECK(history->healthy());
    }
}

TEST_CASE("a failed fsync ends the process", "[durability]") {
    FailingDisk disk;
    Folder folder;
    HandClock clock;
    const Limits limits;
    std::mutex mutex;
    std::vector<std::string> sentences;
    {
        History history(folder.database(), limits, clock, [&](std::string_view sentence) {
            const std::lock_guard lock(mutex);
            sentences.emplace_back(sentence);
        });
        SECTION("of a commit, whose caller gets no answer that says yes") {
            disk.fail(FailingDisk::Failure::sync);
            CHECK_THROWS_AS(history.admit(push("d1"), planOf({"a"})), Unavailable);
        }
        SECTION("of the database, when the log is written back") {
            disk.fail(FailingDisk::Failure::main_sync);
            bool refused = false;
            for (int i = 0; i < 1'000 && !refused; ++i) {
                Event event = request("v" + std::to_string(i));
                event.subject = std::string(100'000, 'x');
                try {
                    history.admit(event, planOf({"a"}));
                } catch (const Unavailable&) {
                    refused = true;
                }
            }
            CHECK(refused);
        }
        disk.fail(FailingDisk::Failure::none);
        CHECK_THROWS_AS(history.admit(push("d2"), planOf({"a"})), Unavailable);
    }
    REQUIRE(sentences.size() == 1);
    CHECK_THAT(sentences[0], Catch::Contains("history.db"));
    CHECK_NOTHROW(History(folder.database(), limits, clock));
}
