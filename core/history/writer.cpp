#include "history/writer.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "history/statements.hpp"

namespace iac::history {
namespace {

/// How much one transaction gathers at most: enough for one piece of every connection, and few
/// enough that the first of them does not wait long.
constexpr std::size_t kPiecesPerCommit = 256;
/// The write-ahead log is written back when it is this long, in pages of 4 KiB ...
constexpr int kCheckpointPages = 1'000;
/// ... and readers are waited for when it could not be begun anew for this long.
constexpr int kRestartPages = 16'000;
constexpr int kRestartBusyMilliseconds = 200;
constexpr int kBusyMilliseconds = 2'000;

/// How long the writer waits for work before it tries for itself whether it can write again.
constexpr std::chrono::seconds kTryAgain{1};
/// No nonce of a request: those have no spaces.
constexpr std::string_view kTrialNonce = "the writer tries";

constexpr std::string_view kBegin = "BEGIN IMMEDIATE";
constexpr std::string_view kCommit = "COMMIT";
constexpr std::string_view kBeginPiece = "SAVEPOINT piece";
constexpr std::string_view kEndPiece = "RELEASE piece";
constexpr std::string_view kUndoPiece = "ROLLBACK TO piece";

std::int64_t number(Connection& connection, std::string_view sql) {
    return std::get<0>(connection.askOne<std::int64_t>(sql).value());
}

// Changes a row, so that something has to be written: an older trial makes room for it.
void tryToWrite(Transaction& transaction) {
    transaction.sql.run(sql::kPruneNonces, transaction.now);
    transaction.sql.run(sql::kInsertNonce, kTrialNonce, transaction.now);
}

}  // namespace

void endProcess(std::string_view sentence) {
    log::error("history", std::string(sentence) +
                              " The runner stops here, because it cannot know what is on disk; "
                              "what was accepted is in the history and goes on after a restart.");
    std::terminate();
}

Writer::Writer(Connection& connection, const Limits& limits, const Clock& clock, Bells& bells,
               EndProcess end)
    : connection_(connection), limits_(limits), clock_(clock), bells_(bells), end_(std::move(end)) {
    counters_.event = number(connection_, sql::kLastEvent);
    counters_.deployment = number(connection_, sql::kLastDeployment);
    counters_.step = number(connection_, sql::kLastStep);
    counters_.message = number(connection_, sql::kLastMessage);
    counters_.hold = number(connection_, sql::kLastHold);
    counters_.token = number(connection_, sql::kLastToken);
    counters_.waiting = number(connection_, sql::kWaiting);
    announceTo([](std::string_view, std::string_view) { return std::vector<std::string>{}; });
    sqlite3_wal_hook(
        connection_.handle(),
        [](void* pages, sqlite3*, const char*, int count) {
            *static_cast<int*>(pages) = count;
            return SQLITE_OK;
        },
        &log_pages_);
    thread_ = std::thread([this] { writeUntilClosed(); });
}

Writer::~Writer() {
    queue_.lock()->closed = true;
    arrived_.notify_one();
    thread_.join();
}

void Writer::submit(Work work, std::function<void()> effect) {
    Piece piece{std::move(work), std::move(effect), {}, {}};
    auto done = piece.done.get_future();
    {
        auto queue = queue_.lock();
        if (queue->closed) throw Unavailable("The history is being closed; nothing was recorded.");
        queue->pieces.push_back(std::move(piece));
    }
    arrived_.notify_one();
    done.get();
}

void Writer::writeUntilClosed() {
    const auto role = writer_thread_.assume();
    for (auto pieces = nextPieces(); !pieces.empty(); pieces = nextPieces()) {
        commitTogether(pieces);
        checkpointWhenDue();
    }
}

std::vector<Writer::Piece> Writer::nextPieces() {
    std::vector<Piece> pieces;
    auto queue = queue_.lock();
    const auto ready = [](const Queue& q) { return q.closed || !q.pieces.empty(); };
    if (!failing_ || broken_) {
        queue.wait(arrived_, ready);
    } else if (!queue.waitUntil(arrived_, std::chrono::steady_clock::now() + kTryAgain, ready)) {
        pieces.push_back({tryToWrite, [] {}, {}, {}});
        return pieces;
    }
    const std::size_t count = std::min(queue->pieces.size(), kPiecesPerCommit);
    const auto end = queue->pieces.begin() + static_cast<std::ptrdiff_t>(count);
    std::move(queue->pieces.begin(), end, std::back_inserter(pieces));
    queue->pieces.erase(queue->pieces.begin(), end);
    return pieces;
}

void Writer::commitTogether(std::vector<Piece>& pieces) {
    const Counters before = counters_;
    told_ = *subscribers_.lock();
    int rows = 0;
    try {
        if (broken_) throw Unavailable("The history is broken; nothing was recorded.");
        connection_.run(kBegin);
        const int rows_before = sqlite3_total_changes(connection_.handle());
        if (doAll(pieces)) {
            rows = sqlite3_total_changes(connection_.handle()) - rows_before;
        } else {
            rollBack();
            counters_ = before;
            connection_.run(kBegin);
            for (Piece& piece : pieces) rows += doPiece(piece);
        }
        if (rows > 0) {
            failpoint("history.written");
            connection_.run(kCommit);
            failpoint("history.committed");
        } else {
            rollBack();
        }
    } catch (const Broken& e) {
        breakDown(e.what());
        fail(pieces, std::make_exception_ptr(Unavailable(e.what())));
        return;
    } catch (const std::exception& e) {
        rollBack();
        counters_ = before;
        if (!failing_) log::warning("history", e.what());
        failing_ = true;
        // Those that came meanwhile have waited too: none of them waits for the same thing again.
        auto waited = std::move(queue_.lock()->pieces);
        std::move(waited.begin(), waited.end(), std::back_inserter(pieces));
        fail(pieces, std::current_exception());
        return;
    }
    if (rows > 0) {  // who wrote nothing does not know whether it is possible
        if (failing_) log::info("history", "The history can be written again.");
        failing_ = false;
        ++commits_;
    }
    for (Piece& piece : pieces)
        if (!piece.error) piece.effect();
    for (Piece& piece : pieces) {
        if (piece.error) {
            piece.done.set_exception(piece.error);
        } else {
            piece.done.set_value();
        }
    }
    ring(before, rows);
}

// A transaction that found nothing to do tells nobody: who waits for a change and then looks with
// a transaction of its own would wake itself, for ever.
void Writer::ring(const Counters& before, int rows) {
    if (rows > 0) bells_.changes.ring();
    if (counters_.queued != before.queued) bells_.queued.ring();
    if (counters_.message != before.message) bells_.messages.ring();
    if (counters_.cancellations != before.cancellations) bells_.cancellations.ring();
    if (counters_.holds != before.holds) bells_.holds.ring();
}

// All of it without savepoints, because they cost a copy of every page that a piece touches. False:
// one of the pieces threw, so that what is there cannot be told apart.
bool Writer::doAll(std::vector<Piece>& pieces) {
    try {
        for (Piece& piece : pieces) {
            Transaction transaction{connection_, counters_, limits_, *told_, clock_.now()};
            piece.work(transaction);
        }
    } catch (const Unavailable&) {
        throw;  // the database itself: nobody's work can be kept
    } catch (const Broken&) {
        throw;
    } catch (...) {
        return false;
    }
    return true;
}

// The rows that it changed.
int Writer::doPiece(Piece& piece) {
    const Counters before = counters_;
    const int rows_before = sqlite3_total_changes(connection_.handle());
    connection_.run(kBeginPiece);
    try {
        Transaction transaction{connection_, counters_, limits_, *told_, clock_.now()};
        piece.work(transaction);
        connection_.run(kEndPiece);
        return sqlite3_total_changes(connection_.handle()) - rows_before;
    } catch (const Unavailable&) {
        throw;
    } catch (const Broken&) {
        throw;
    } catch (...) {
        connection_.run(kUndoPiece);
        connection_.run(kEndPiece);
        counters_ = before;
        piece.error = std::current_exception();
        return 0;
    }
}

void Writer::rollBack() {
    if (sqlite3_get_autocommit(connection_.handle()) != 0) return;  // SQLite did it itself
    try {
        connection_.runOnce("ROLLBACK");
    } catch (const std::exception& e) {
        breakDown(e.what());
    }
}

void Writer::fail(std::vector<Piece>& pieces, const std::exception_ptr& error) {
    for (Piece& piece : pieces) piece.done.set_exception(error);
}

void Writer::checkpointWhenDue() {
    if (broken_ || log_pages_ < kCheckpointPages) return;
    const bool restart = log_pages_ >= kRestartPages;
    if (restart) sqlite3_busy_timeout(connection_.handle(), kRestartBusyMilliseconds);
    const int code = sqlite3_wal_checkpoint_v2(
        connection_.handle(), nullptr,
        restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (restart) sqlite3_busy_timeout(connection_.handle(), kBusyMilliseconds);
    failpoint("history.checkpointed");
    log_pages_ = 0;  // the next commit says how long it is
    if ((code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CORRUPT)
        breakDown("The history " + connection_.file() +
                  " could not be written back from its log (" + sqlite3_errstr(code) + ").");
}

void Writer::breakDown(std::string_view sentence) {
    broken_ = true;
    failing_ = true;
    end_(sentence);
}

}  // namespace iac::history
