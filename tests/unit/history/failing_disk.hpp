#pragma once

#include <sqlite3.h>

#include <atomic>

namespace iac::history {

/// A disk that fails when it is told to: while one lives, SQLite opens its files through it.
class FailingDisk {
public:
    FailingDisk() {
        ordinary() = sqlite3_vfs_find(nullptr);
        failing_ = *ordinary();
        failing_.zName = "failing";
        failing_.xOpen = open;
        sqlite3_vfs_register(&failing_, 1);
        fail(Failure::none);
    }
    ~FailingDisk() {
        sqlite3_vfs_unregister(&failing_);
        sqlite3_vfs_register(ordinary(), 1);
    }
    FailingDisk(const FailingDisk&) = delete;
    FailingDisk& operator=(const FailingDisk&) = delete;

    enum class Failure {
        none,
        full,       ///< nothing can be written
        sync,       ///< no file can be synced
        main_sync,  ///< the database itself cannot be synced: only when the log is written back
    };
    void fail(Failure failure) { failure_ = failure; }

private:
    struct Methods {
        sqlite3_io_methods failing{};
        const sqlite3_io_methods* ordinary = nullptr;
    };
    static sqlite3_vfs*& ordinary() {
        static sqlite3_vfs* vfs = nullptr;
        return vfs;
    }
    template <bool kMain>
    static Methods& methods() {
        static Methods methods;
        return methods;
    }
    template <bool kMain>
    static void wrap(sqlite3_file* file) {
        if (methods<kMain>().ordinary == nullptr) {
            methods<kMain>().ordinary = file->pMethods;
            methods<kMain>().failing = *file->pMethods;
            methods<kMain>().failing.xSync = sync<kMain>;
            methods<kMain>().failing.xWrite = write<kMain>;
        }
        file->pMethods = &methods<kMain>().failing;
    }
    static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
        const int code = ordinary()->xOpen(ordinary(), name, file, flags, out);
        if (code != SQLITE_OK || file->pMethods == nullptr) return code;
        if ((flags & SQLITE_OPEN_MAIN_DB) != 0) wrap<true>(file);
        if ((flags & SQLITE_OPEN_WAL) != 0) wrap<false>(file);
        return code;
    }
    template <bool kMain>
    static int sync(sqlite3_file* file, int flags) {
        if (failure_ == Failure::sync || (kMain && failure_ == Failure::main_sync))
            return SQLITE_IOERR_FSYNC;
        return methods<kMain>().ordinary->xSync(file, flags);
    }
    template <bool kMain>
    static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
        if (failure_ == Failure::full) return SQLITE_FULL;
        return methods<kMain>().ordinary->xWrite(file, bytes, count, at);
    }

    static inline std::atomic<Failure> failure_{Failure::none};
    sqlite3_vfs failing_;
};

}  // namespace iac::history
