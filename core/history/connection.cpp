#include "history/connection.hpp"

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/URI.h>

#include "history/history.hpp"

namespace iac::history {
namespace {

/// How long a statement waits for another process that holds the database; a caller gets its 503
/// after at most twice that.
constexpr int kBusyMilliseconds = 2'000;

Poco::Data::Session openSession(const std::string& file, Connection::Access access) {
    static const bool registered = [] {
        Poco::Data::SQLite::Connector::registerConnector();
        return true;
    }();
    static_cast<void>(registered);
    std::string uri = "file:";
    Poco::URI::encode(file, "?#%", uri);
    uri += access == Connection::Access::write ? "?mode=rwc" : "?mode=ro";
    try {
        return Poco::Data::Session(Poco::Data::SQLite::Connector::KEY, uri);
    } catch (const Poco::Exception& e) {
        throw Unavailable("The history " + file + " cannot be opened (" + e.displayText() +
                          "). Check that its folder exists and that the runner may write there.");
    }
}

}  // namespace

Connection::Connection(const std::string& file, Access access)
    : file_(file),
      session_(openSession(file, access)),
      handle_(Poco::Data::SQLite::Utility::dbHandle(session_)) {
    sqlite3_busy_timeout(handle_, kBusyMilliseconds);
    runOnce("PRAGMA trusted_schema = OFF");
    runOnce("PRAGMA mmap_size = 0");  // an I/O error must be an error code, not a SIGBUS
    if (access == Access::read) {
        sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        runOnce("PRAGMA query_only = ON");
    } else {
        runOnce("PRAGMA foreign_keys = ON");
    }
}

Connection::~Connection() = default;

void Connection::runOnce(std::string_view sql) {
    try {
        Poco::Data::Statement statement(session_);
        statement << std::string(sql);
        statement.execute();
    } catch (const Poco::Exception&) {
        explain(sql);
    }
}

void Connection::explain(std::string_view sql) {
    const int code = sqlite3_extended_errcode(handle_);
    const std::string text = sqlite3_errmsg(handle_);
    // Poco takes a statement that failed for one that still runs.
    kept_.erase(sql.data());
    const std::string subject = "The history " + file_;
    switch (code & 0xff) {
        case SQLITE_FULL:
            throw Unavailable(subject + " has no space left on its disk; nothing was recorded.");
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            throw Unavailable(subject + " is locked by another process; nothing was recorded.");
        case SQLITE_INTERRUPT:
            throw Unavailable(subject + " took longer to answer than it may; ask for less.");
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_NOMEM:
            throw Unavailable(subject + " cannot be used now (" + text +
                              "); nothing was recorded.");
        case SQLITE_IOERR:
            // The shared-memory file could not grow: a full disk, before anything was written.
            if (code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_NOMEM)
                throw Unavailable(subject + " has no space left; nothing was recorded.");
            throw Broken(subject + " met an I/O error (" + text + ", code " + std::to_string(code) +
                         "): what is on disk is not known.");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            throw Broken(subject + " is damaged (" + text + ").");
        default:
            break;
    }
    try {
        throw;
    } catch (const Poco::Exception& e) {
        throw std::runtime_error(subject + " refused a statement (" + e.displayText() + ").");
    }
}

}  // namespace iac::history
