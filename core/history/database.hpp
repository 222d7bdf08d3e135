#pragma once

#include <filesystem>
#include <memory>

#include "base/clock.hpp"
#include "history/connection.hpp"

namespace iac::history {

/// A lock that says "this data folder is mine" for as long as the process lives. It is the lock
/// that counts, not the file: one that a dead runner left behind never blocks.
class FolderLock {
public:
    /// Throws std::runtime_error with a sentence when another process holds it.
    explicit FolderLock(const std::filesystem::path& file);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int descriptor_;
};

/// The one connection that writes and checkpoints: checked (quick_check), set up for durability,
/// its schema up to date. Throws std::runtime_error with a sentence that says what to do.
std::unique_ptr<Connection> openForWriting(const std::filesystem::path& file, const Clock& clock);

}  // namespace iac::history
