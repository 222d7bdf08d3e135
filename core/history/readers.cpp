#include "history/readers.hpp"

#include "base/log.hpp"
#include "history/history.hpp"

namespace iac::history {
namespace {

/// Queries at the same time; more wait for one of these.
constexpr std::size_t kReaders = 4;
/// How often a query looks at the time, in steps of SQLite's machine: about every 0.1 ms.
constexpr int kStepsPerLook = 1'000;

}  // namespace

struct Readers::Lent::Reader {
    explicit Reader(const std::string& file) : connection(file, Connection::Access::read) {
        sqlite3_progress_handler(
            connection.handle(), kStepsPerLook,
            [](void* until) {
                return std::chrono::steady_clock::now() > *static_cast<Deadline*>(until) ? 1 : 0;
            },
            &deadline);
    }

    Deadline deadline = Deadline::max();
    Connection connection;
};

Readers::Readers(const std::string& file, Duration deadline) : deadline_(deadline) {
    auto free = free_.lock();
    for (std::size_t i = 0; i < kReaders; ++i)
        free->push_back(std::make_unique<Lent::Reader>(file));
}

Readers::~Readers() = default;

Readers::Lent Readers::lend() {
    return lend(deadline_);
}

Readers::Lent Readers::lend(Duration deadline) {
    const Deadline until = std::chrono::steady_clock::now() + deadline;
    std::unique_ptr<Lent::Reader> reader;
    {
        auto free = free_.lock();
        if (!free.waitUntil(returned_, until, [](const auto& readers) { return !readers.empty(); }))
            throw Unavailable("The history is busy with other questions; ask again later.");
        reader = std::move(free->back());
        free->pop_back();
    }
    return {*this, std::move(reader), until};
}

Readers::Lent::Lent(Readers& from, std::unique_ptr<Reader>&& reader)
    : from_(from), reader_(std::move(reader)) {}

// Delegates, so that the reader is given back when BEGIN throws.
Readers::Lent::Lent(Readers& from, std::unique_ptr<Reader>&& reader, Deadline until)
    : Lent(from, std::move(reader)) {
    reader_->deadline = until;
    reader_->connection.runOnce("BEGIN");
}

Readers::Lent::~Lent() {
    // The end of a reading transaction is not to be interrupted.
    reader_->deadline = Deadline::max();
    try {
        if (sqlite3_get_autocommit(reader_->connection.handle()) == 0)
            reader_->connection.runOnce("COMMIT");
    } catch (const std::exception& e) {
        log::warning("history", e.what());
    }
    from_.free_.lock()->push_back(std::move(reader_));
    from_.returned_.notify_one();
}

Connection& Readers::Lent::connection() {
    return reader_->connection;
}

}  // namespace iac::history
