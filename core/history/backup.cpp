#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/descriptor.hpp"
#include "base/failpoint.hpp"
#include "history/connection.hpp"
#include "history/history.hpp"

namespace iac::history {
namespace {

constexpr std::string_view kIntegrityCheck = "PRAGMA integrity_check(1)";

// Readable by nobody else from its first byte; SQLite fills a file that is there and empty.
Descriptor make(const std::filesystem::path& file) {
    Descriptor made(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made)
        throw std::runtime_error("The file " + file.string() + " cannot be made (" +
                                 std::strerror(errno) + ").");
    return made;
}

void sync(const Descriptor& what, const std::filesystem::path& named) {
    if (!what || ::fsync(what.get()) != 0)
        throw std::runtime_error(named.string() + " could not be brought to its disk (" +
                                 std::strerror(errno) + ").");
}

void copyInto(sqlite3* from, const std::filesystem::path& file) {
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(from, "VACUUM INTO ?1", -1, &statement, nullptr);
    if (code == SQLITE_OK) code = sqlite3_bind_text(statement, 1, file.c_str(), -1, nullptr);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE)
        throw std::runtime_error("The history could not be copied to " + file.string() + " (" +
                                 sqlite3_errmsg(from) + "). Is there room, and may it be written?");
}

// One row "ok" is what a whole database answers.
void check(const std::filesystem::path& file) {
    const auto answer =
        Connection(file.string(), Connection::Access::read).askOne<std::string>(kIntegrityCheck);
    if (!answer || std::get<0>(*answer) != "ok")
        throw std::runtime_error("The copy " + file.string() + " is damaged (" +
                                 (answer ? std::get<0>(*answer) : "it says nothing") +
                                 "), and so may be the history itself.");
}

}  // namespace

void backup(const std::filesystem::path& database, const std::filesystem::path& copy) {
    namespace fs = std::filesystem;
    if (!fs::exists(database))
        throw std::runtime_error("There is no history at " + database.string() +
                                 ": nothing was ever deployed with this configuration.");
    if (fs::exists(copy))
        throw std::runtime_error(copy.string() + " exists already: a backup replaces nothing.");
    // What is there under its name is whole, and on disk.
    fs::path unfinished = copy;
    unfinished += ".unfinished";
    std::error_code absent;
    fs::remove(unfinished, absent);
    try {
        const Descriptor file = make(unfinished);
        Connection source(database.string(), Connection::Access::read);
        source.runOnce("PRAGMA query_only = OFF");  // a copy counts as writing, although elsewhere
        copyInto(source.handle(), unfinished);
        failpoint("backup.copied");
        check(unfinished);
        sync(file, unfinished);
        // Unlike a rename this replaces nothing, also not what has come meanwhile.
        fs::create_hard_link(unfinished, copy);
        failpoint("backup.named");
        fs::remove(unfinished);
        const fs::path folder = fs::absolute(copy).parent_path();
        sync(Descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), folder);
    } catch (const std::exception&) {
        fs::remove(unfinished, absent);
        throw;
    }
}

}  // namespace iac::history
