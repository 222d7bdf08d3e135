#include <sqlite3.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>

#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;
using Catch::Contains;

namespace {

void execute(const std::filesystem::path& file, const std::string& sql) {
    sqlite3* handle = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &handle) == SQLITE_OK);
    CHECK(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(handle);
}

}  // namespace

TEST_CASE("a second runner on one data folder is refused, a stale lock file is not", "[opening]") {
    Place history;
    const Limits limits;
    CHECK_THROWS_WITH(
        History(history.folder.database(), limits, history.clock),
        Contains("Another runner uses the data folder " + history.folder.path().string()));
    CHECK(history->healthy());
    history.history.reset();
    CHECK(std::filesystem::exists(history.folder.database() += ".lock"));
    CHECK_NOTHROW(history.open());
}

TEST_CASE("a history is there again after it was closed, and ids go on", "[opening]") {
    Place history;
    history->admit(request("v1"), planOf({"a"}));
    history.reopen();
    CHECK(history->admit(request("v2"), planOf({"a"})).deployment == 2);
    CHECK(history->deployments({}).size() == 2);
}

TEST_CASE("a history of a newer runner is refused with both versions", "[opening]") {
    Place history;
    history.history.reset();
    execute(history.folder.database(), "INSERT INTO schema_migrations VALUES (99, 'future', 0)");
    CHECK_THROWS_WITH(history.open(), Contains("newer runner") && Contains("99") &&
                                          Contains(history.folder.database().string()));
}

TEST_CASE("a history with an id that nobody can have counted to is refused", "[opening]") {
    constexpr std::array kPlaces =
        std::to_array<std::pair<const char*, const char*>>({{"deployments", "9223372036854775807"},
                                                            {"events", "9223372036854775807"},
                                                            {"steps", "9223372036854775806"},
                                                            {"deployments", "9007199254740993"}});
    const std::size_t place = GENERATE(0u, 1u, 2u, 3u);
    const std::string table = kPlaces.at(place).first, id = kPlaces.at(place).second;
    Place history;
    history->admit(request("v1"), planOf({"a"}));
    runningDeployment(*history, request("v2"), {"a"});
    history.history.reset();
    execute(history.folder.database(), "PRAGMA foreign_keys = OFF; UPDATE " + table + " SET id = " +
                                           id + " WHERE id = (SELECT MAX(id) FROM " + table + ")");
    CHECK_THROWS_WITH(history.open(), Contains("is damaged (the highest id of the table " + table +
                                               " is " + id + ")") &&
                                          Contains("Restore a backup"));
}

TEST_CASE("what ended is read past a gap of ids, one page after the other", "[opening]") {
    Place history;
    history->admit(request("v1"), planOf({"a"}));
    history->admit(request("v2"), planOf({"a"}));
    history.history.reset();
    execute(history.folder.database(),
            "PRAGMA foreign_keys = OFF; UPDATE deployments SET id = 4503599627370000 WHERE id = 2");
    history.open();
    const auto page = history->ended(0);
    CHECK(page.first_open == 1);
    CHECK(page.next == 4503599627370000);
    CHECK(history->ended(page.next).next == 0);
}

TEST_CASE("the database of another program is left alone", "[opening]") {
    Folder folder;
    execute(folder.database(), "CREATE TABLE songs (title TEXT)");
    HandClock clock;
    const Limits limits;
    CHECK_THROWS_WITH(History(folder.database(), limits, clock), Contains("another program"));
}

TEST_CASE("a damaged history is refused and left as it is", "[opening]") {
    Place history;
    for (int i = 0; i < 200; ++i)
        history->admit(request("v" + std::to_string(i)), planOf({"a", "b"}));
    history.history.reset();
    const auto file = history.folder.database();
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file));
    const std::streamoff at = GENERATE(0, 1);  // the header, or a page in the middle
    {
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(at == 0 ? 0 : size / 2 / 4096 * 4096);
        bytes << std::string(4096, '\x5a');
    }
    CHECK_THROWS_WITH(history.open(), Contains("is damaged") && Contains(".recover"));
    CHECK(static_cast<std::streamoff>(std::filesystem::file_size(file)) == size);
}

TEST_CASE("a folder that is not there is one clear sentence", "[opening]") {
    Folder folder;
    HandClock clock;
    const Limits limits;
    CHECK_THROWS_WITH(History(folder.path() / "none" / "history.db", limits, clock),
                      Contains("Check that its folder exists"));
}

TEST_CASE("a path may hold what a URI may not", "[opening]") {
    Folder folder;
    HandClock clock;
    const Limits limits;
    const auto file = folder.path() / "a b?c#d%20e.db";
    { CHECK(History(file, limits, clock).healthy()); }
    CHECK(std::filesystem::exists(file));
}

TEST_CASE("one unreadable row stops nobody", "[opening]") {
    Place history;
    history->admit(push("d1"), planOf({"a"}));
    history.history.reset();
    execute(history.folder.database(),
            "UPDATE deployments SET plan = '{', paths = 'x', state = 'odd', kind = 'odd'");
    history.open();
    const auto odd = history->deployment(1).value();
    CHECK(odd.plan == Plan{});
    CHECK(odd.paths.empty());
    CHECK(odd.state == DeploymentState::failed);
}

TEST_CASE("a history of an older runner is brought up to date, and loses nothing", "[opening]") {
    Folder folder;
    std::ifstream file(IAC_SOURCE_DIR "/tests/fixtures/history/version-1.sql");
    execute(folder.database(), {std::istreambuf_iterator<char>(file), {}});
    HandClock clock;
    const Limits limits;
    History history(folder.database(), limits, clock);
    CHECK(history.deployment(1)->steps.at(0).service == "a");
    CHECK(history.deployment(1)->steps.at(0).plugin == UsedPlugin{});
    CHECK(history.targets("staging").at(0).last_good_revision == "r1");
    const auto told = history.notifications(1);
    REQUIRE(told.size() == 2);
    CHECK(told[0].state == "waiting");
    CHECK(told[1].state == "given_up");
    CHECK(told[1].reason == "no such channel");
    CHECK(history.dueMessages("log", 1).at(0).attempts == 2);
    Event same = push("d1");
    same.body_digest = "digest";
    CHECK(history.admit(same, planOf({"a"})).duplicate);
}
