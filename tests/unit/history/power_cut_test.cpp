// A power cut (K13, K19): of what was written since the last sync any part may be on disk, and
// behind it nothing, zeros, or what lay there before. Whatever it was: the history opens by itself,
// is whole, and holds the first of its events, up to the last one whose commit is there.
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <random>

#include "fixtures/database.hpp"
#include "fixtures/folder.hpp"
#include "unit/history/place.hpp"

using namespace iac;
using namespace iac::history;
using fixtures::ask;
using fixtures::readFile;
using fixtures::writeFile;

namespace {

constexpr std::size_t kLogHeader = 32, kFrameHeader = 24, kPage = 4'096, kSector = 512;
constexpr std::size_t kSalts = 16;  // of the log's header: what makes its frames its own

/// Another one each time; IAC_TEST_SEED repeats one that failed.
std::uint32_t seed() {
    const char* given = ::getenv("IAC_TEST_SEED");
    return given == nullptr ? std::random_device{}()
                            : static_cast<std::uint32_t>(std::stoul(given));
}

/// In memory where there is such a place: what is cut off here needs no disk.
class Trial {
public:
    Trial() {
        const bool memory = ::access("/dev/shm", W_OK | X_OK) == 0;
        path_ = (memory ? "/dev/shm" : std::filesystem::temp_directory_path()) / "cut.XXXXXX";
        std::string name = path_.string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        path_ = name;
    }
    ~Trial() { std::filesystem::remove_all(path_); }
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    std::filesystem::path database() const { return path_ / "history.db"; }
    std::filesystem::path log() const { return path_ / "history.db-wal"; }

private:
    std::filesystem::path path_;
};

/// What lies on the disk.
struct Disk {
    std::string database, log;
};

/// Copied by another process: to close a file of SQLite's within this one would drop its locks.
Disk diskOf(const Place& place) {
    const Trial copy;
    const std::string database = place.folder.database().string();
    REQUIRE(std::system(("cp " + database + " " + copy.database().string()).c_str()) == 0);
    REQUIRE(std::system(("cp " + database + "-wal " + copy.log().string()).c_str()) == 0);
    return {readFile(copy.database()), readFile(copy.log())};
}

/// Event number n, with a deployment of its own.
void admit(Place& place, int n, std::size_t size = 1) {
    Event event = request("v" + std::to_string(n));
    event.delivery = "d" + std::to_string(n);
    event.subject = std::string(size, 'x');
    place->admit(event, planOf({"a"}));
}

/// Where each frame of a log ends, and whether it ends a transaction. What an earlier log left
/// behind is none of it.
struct Frame {
    std::size_t end = 0;
    bool commits = false;
};
std::vector<Frame> framesOf(const std::string& log) {
    std::vector<Frame> frames;
    for (std::size_t at = kLogHeader; at + kFrameHeader + kPage <= log.size();
         at = frames.back().end) {
        if (log.compare(at + 8, 8, log, kSalts, 8) != 0) break;
        // The size of the database after a commit; zero in every other frame.
        const bool commits = log.compare(at + 4, 4, std::string(4, '\0')) != 0;
        frames.push_back({at + kFrameHeader + kPage, commits});
    }
    return frames;
}

int commitsWithin(const std::vector<Frame>& frames, std::size_t cut) {
    return static_cast<int>(std::ranges::count_if(
        frames, [&](const Frame& frame) { return frame.commits && frame.end <= cut; }));
}

/// The end of every frame of an event, places beside them and within the header, and more anywhere.
std::vector<std::size_t> cutsOf(const std::vector<Frame>& frames, std::size_t first_event,
                                std::mt19937& random) {
    std::vector<std::size_t> cuts{0, 1, kSalts, kLogHeader - 1, kLogHeader};
    for (const Frame& frame : frames)
        if (frame.end >= first_event) cuts.push_back(frame.end);
    const std::size_t end = frames.back().end;
    cuts.insert(cuts.end(), {end - kPage, end - 1});
    std::uniform_int_distribution<std::size_t> anywhere(0, end);
    for (int i = 0; i < 60; ++i) cuts.push_back(anywhere(random));
    return cuts;
}

/// It opens as at any start, and has the events 1 to `last`, each with its deployment.
void checkWhole(const Disk& disk, int last) {
    const Trial trial;
    writeFile(trial.database(), disk.database);
    if (!disk.log.empty()) writeFile(trial.log(), disk.log);
    const HandClock clock;
    const Limits limits;
    REQUIRE_NOTHROW(History(trial.database(), limits, clock));
    CHECK(ask(trial.database(), "PRAGMA integrity_check") == "ok");
    std::string expected;
    for (int n = 1; n <= last; ++n) expected += "d" + std::to_string(n) + " ";
    CHECK(ask(trial.database(),
              "SELECT e.delivery || ' ' FROM events e JOIN deployments d ON d.event = e.id "
              "ORDER BY e.id") == expected);
    CHECK(ask(trial.database(), "SELECT COUNT(*) FROM events") == std::to_string(last));
}

/// A history whose log was written back, and one that was not yet, with the same events.
struct WrittenBack {
    WrittenBack() {
        const auto grown = [&] { return std::filesystem::file_size(place.folder.database()); };
        for (const auto small = grown(); grown() == small;) {
            admit(place, ++events, 100'000);
            place.awaitBells();  // the writer is done with the log
        }
        after = diskOf(place);
    }

    Place place;
    Disk before = diskOf(place), after;
    int events = 0;
};

}  // namespace

TEST_CASE("cut anywhere, the log opens by itself and holds the first events", "[durability]") {
    const auto begin = seed();
    CAPTURE(begin);
    std::mt19937 random(begin);
    Place place;
    const std::size_t schema = framesOf(diskOf(place).log).back().end;
    constexpr int kEvents = 6;
    for (int n = 1; n <= kEvents; ++n) admit(place, n);
    const Disk whole = diskOf(place);
    const auto frames = framesOf(whole.log);
    const int first = commitsWithin(frames, schema);
    // Everything that was acknowledged is there when nothing is cut off.
    REQUIRE(commitsWithin(frames, whole.log.size()) == first + kEvents);
    std::uniform_int_distribution<int> byte(0, 255);
    for (int i = 0; const std::size_t cut : cutsOf(frames, schema, random)) {
        Disk disk{whole.database, whole.log.substr(0, cut)};
        const int behind = i++ % 3;  // nothing, zeros, garbage
        if (behind > 0) disk.log.resize(whole.log.size());
        if (behind > 1)
            std::generate(disk.log.begin() + static_cast<std::ptrdiff_t>(cut), disk.log.end(),
                          [&] { return static_cast<char>(byte(random)); });
        CAPTURE(cut, behind);
        checkWhole(disk, std::max(0, commitsWithin(frames, cut) - first));
    }
}

TEST_CASE("cut anywhere, a log that was begun anew holds what it has of its own", "[durability]") {
    const auto begin = seed();
    CAPTURE(begin);
    std::mt19937 random(begin);
    WrittenBack history;
    constexpr int kMore = 5;
    for (int n = 1; n <= kMore; ++n) admit(history.place, history.events + n);
    const Disk end = diskOf(history.place);
    const auto frames = framesOf(end.log);
    REQUIRE(end.database == history.after.database);
    REQUIRE(end.log.compare(kSalts, 8, history.after.log, kSalts, 8) != 0);
    REQUIRE(commitsWithin(frames, end.log.size()) == kMore);
    for (const std::size_t cut : cutsOf(frames, 0, random)) {
        CAPTURE(cut);
        checkWhole({end.database, end.log.substr(0, cut) + history.after.log.substr(cut)},
                   history.events + commitsWithin(frames, cut));
    }
}

TEST_CASE("cut while the log is written back, every event is there", "[durability]") {
    const auto begin = seed();
    CAPTURE(begin);
    std::mt19937 random(begin);
    const WrittenBack history;
    REQUIRE(history.before.database != history.after.database);
    for (int round = 0; round < 20; ++round) {
        CAPTURE(round);
        // Some sectors are written already: of all or of none in the first rounds.
        std::bernoulli_distribution written(round < 2 ? round : 0.5);
        std::string torn = history.before.database;
        torn.resize(history.after.database.size());
        for (std::size_t at = 0; at < torn.size(); at += kSector)
            if (written(random)) torn.replace(at, kSector, history.after.database, at, kSector);
        checkWhole({torn, history.after.log}, history.events);
    }
}
