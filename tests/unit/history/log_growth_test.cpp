// The write-ahead log is bounded, whoever reads.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "history/readers.hpp"
#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;

TEST_CASE("questions without an end do not let the log grow without end", "[durability]") {
    // It begins with a row, so that it holds on to what the database was then.
    static constexpr std::string_view kWithoutEnd =
        "WITH RECURSIVE n(i) AS (SELECT COUNT(*) FROM events UNION ALL SELECT i + 1 FROM n) "
        "SELECT COUNT(*) FROM n";
    Place history;
    auto log = history.folder.database();
    log += "-wal";
    std::atomic<bool> enough{false};
    std::atomic<int> interrupted{0};
    std::uintmax_t longest = 0;
    {
        Readers readers(history.folder.database().string(), Duration(150));
        const auto askOn = [&] {
            while (!enough) {
                auto reader = readers.lend();
                try {
                    reader->askOne<std::int64_t>(kWithoutEnd);
                } catch (const Unavailable&) {
                    ++interrupted;
                }
            }
        };
        // Two: when one is interrupted the other still reads what is old.
        std::jthread one(askOn), other(askOn);
        for (int i = 0; i < 100; ++i) {
            Event event = request("v" + std::to_string(i));
            event.subject = std::string(1 << 20, 'x');
            history->admit(event, planOf({"a"}));
            longest = std::max(longest, std::filesystem::file_size(log));
        }
        enough = true;
    }
    CHECK(interrupted > 1);
    CAPTURE(longest);
    CHECK(longest > 8u << 20);  // they did hold it up
    // At 16,000 pages it is begun anew as soon as those questions have ended.
    CHECK(longest < 85u << 20);
}
