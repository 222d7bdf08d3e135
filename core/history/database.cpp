#include "history/database.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "history/migrations.hpp"
#include "history/statements.hpp"

namespace iac::history {
namespace {

constexpr std::string_view kQuickCheck = "PRAGMA quick_check(1)";
constexpr std::string_view kWriteAheadLog = "PRAGMA journal_mode = WAL";

[[noreturn]] void refuseDamaged(const std::string& file, const std::string& finding) {
    throw std::runtime_error("The history " + file + " is damaged (" + finding +
                             "): it is left as it is. Restore a backup, or save what can be read: "
                             "sqlite3 " +
                             file + " .recover | sqlite3 repaired.db");
}

void setUp(Connection& connection) {
    const auto mode = connection.askOne<std::string>(kWriteAheadLog);
    if (!mode || std::get<0>(*mode) != "wal")
        throw std::runtime_error("The history " + connection.file() +
                                 " cannot keep a write-ahead log. Choose a data folder on a local "
                                 "disk.");
    connection.runOnce("PRAGMA synchronous = FULL");
    connection.runOnce("PRAGMA cell_size_check = ON");
    // The writer checkpoints itself: SQLite's own checkpoint hides a failed fsync.
    connection.runOnce("PRAGMA wal_autocheckpoint = 0");
    connection.runOnce("PRAGMA journal_size_limit = 67108864");
}

// The ids count up from the highest: one that nobody can have counted to was written by something
// else, or is damaged. Up to here they are whole numbers in every JSON reader, with room left.
constexpr std::int64_t kHighestId = std::int64_t{1} << 52;

void checkIds(Connection& connection) {
    constexpr std::array kLast = std::to_array<std::pair<const char*, std::string_view>>(
        {{"events", sql::kLastEvent},
         {"deployments", sql::kLastDeployment},
         {"steps", sql::kLastStep},
         {"messages", sql::kLastMessage},
         {"holds", sql::kLastHold},
         {"tokens", sql::kLastToken}});
    for (const auto& [table, statement] : kLast)
        if (const auto id = std::get<0>(connection.askOne<std::int64_t>(statement).value());
            id > kHighestId)
            refuseDamaged(connection.file(), std::string("the highest id of the table ") + table +
                                                 " is " + std::to_string(id));
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& file)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0)
        throw std::runtime_error("The lock file " + file.string() + " cannot be made (" +
                                 std::strerror(errno) +
                                 "). Check that its folder exists and that the runner may write "
                                 "there.");
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
    const int error = errno;
    ::close(descriptor_);
    if (error != EWOULDBLOCK)
        throw std::runtime_error("The file " + file.string() + " cannot be locked (" +
                                 std::strerror(error) + ").");
    throw std::runtime_error("Another runner uses the data folder " + file.parent_path().string() +
                             " already. Stop it, or choose another data folder.");
}

FolderLock::~FolderLock() {
    ::close(descriptor_);
}

std::unique_ptr<Connection> openForWriting(const std::filesystem::path& file, const Clock& clock) {
    // Readable by nobody else from its first byte: SQLite would make it by the umask. Its log gets
    // the same mode. Not where it exists: to close a file takes SQLite's locks of it away.
    if (const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        made >= 0)
        ::close(made);
    try {
        auto connection = std::make_unique<Connection>(file.string(), Connection::Access::write);
        setUp(*connection);
        const auto finding = connection->askOne<std::string>(kQuickCheck);
        if (!finding || std::get<0>(*finding) != "ok")
            refuseDamaged(file.string(),
                          finding ? std::get<0>(*finding) : "quick_check says nothing");
        migrate(*connection, clock);
        checkIds(*connection);
        connection->runOnce("PRAGMA optimize");
        return connection;
    } catch (const Broken& e) {
        refuseDamaged(file.string(), e.what());
    }
}

}  // namespace iac::history
