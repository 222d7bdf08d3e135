#include <sqlite3.h>

#include <memory>
#include <system_error>

#include "history/history.hpp"

namespace iac::history {
namespace {

using Handle = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

Handle openForReading(const std::filesystem::path& file) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr);
    Handle owned(handle, sqlite3_close);
    if (code != SQLITE_OK)
        throw std::runtime_error("The history " + file.string() + " cannot be opened (" +
                                 sqlite3_errstr(code) + "). Name the data folder of a runner.");
    // Only the runner writes its log back into the file: two who do it at once can damage it.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return owned;
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
    const Handle copy = openForReading(file);
    std::string answer;
    sqlite3_exec(
        copy.get(), "PRAGMA integrity_check(1)",
        [](void* into, int, char** values, char**) {
            *static_cast<std::string*>(into) = values[0] != nullptr ? values[0] : "";
            return 0;
        },
        &answer, nullptr);
    if (answer != "ok")
        throw std::runtime_error("The copy " + file.string() + " is damaged (" + answer +
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
    // What is there under its name is whole.
    fs::path unfinished = copy;
    unfinished += ".unfinished";
    std::error_code absent;
    fs::remove(unfinished, absent);
    try {
        copyInto(openForReading(database).get(), unfinished);
        fs::permissions(unfinished, fs::perms::owner_read | fs::perms::owner_write);
        check(unfinished);
    } catch (const std::exception&) {
        fs::remove(unfinished, absent);
        throw;
    }
    fs::rename(unfinished, copy);
}

}  // namespace iac::history
