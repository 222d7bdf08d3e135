#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/bell.hpp"
#include "base/guarded.hpp"
#include "base/mutex.hpp"
#include "history/connection.hpp"
#include "history/history.hpp"

namespace iac::history {

/// What only the writer knows: the ids given out last, how many deployments wait, and how often a
/// bell has a reason to ring.
struct Counters {
    EventId event = 0;
    DeploymentId deployment = 0;
    StepId step = 0;
    std::int64_t message = 0;
    HoldId hold = 0;
    std::int64_t token = 0;
    std::int64_t waiting = 0;
    std::int64_t queued = 0;
    std::int64_t cancellations = 0;
    std::int64_t holds = 0;
};

/// Who is told of a commit: each only of what it waits for, so that a burst of pushes does not wake
/// everybody at every commit.
struct Bells {
    Bell changes;        ///< rows changed
    Bell queued;         ///< a deployment was put into the queue
    Bell messages;       ///< a message was put into the outbox
    Bell cancellations;  ///< somebody asked to cancel what runs
    Bell holds;          ///< a hold was placed or ended
};

/// What a piece of work may use while it changes the history. Whatever it did is undone when it
/// throws.
struct Transaction {
    Connection& sql;
    Counters& counters;
    const Limits& limits;
    const Subscribers& subscribers;
    Time now;
};

/// Ends the process after a sentence in the log. Only tests put something else in its place.
using EndProcess = std::function<void(std::string_view sentence)>;
void endProcess(std::string_view sentence);

/// The one thread that changes the history: it gathers what waits into one transaction, so that a
/// burst costs one fsync, and checkpoints.
class Writer {
public:
    Writer(Connection& connection, const Limits& limits, const Clock& clock, Bells& bells,
           EndProcess end);
    ~Writer();  ///< Finishes what was handed in.
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Does `work` in a transaction and returns its result when that is on disk. What `work`
    /// throws is thrown here, and undoes nothing but its own changes. Throws Unavailable when the
    /// transaction was not possible. `work` is done again, after all of it was undone, when other
    /// work in the same transaction threw. [any-thread]
    template <class F>
    std::invoke_result_t<F&, Transaction&> write(F work) {
        return write(std::move(work), [](const auto&...) {});
    }
    /// The same, and `effect`, called with the result, changes what stands in memory: after the
    /// commit, in the order of the commits, and before anybody is told of them. It must not throw,
    /// nor wait. [writer-thread]
    template <class F, class Effect>
    std::invoke_result_t<F&, Transaction&> write(F work, Effect effect) {
        if constexpr (std::is_void_v<std::invoke_result_t<F&, Transaction&>>) {
            submit(std::ref(work), [&] { effect(); });
        } else {
            std::optional<std::invoke_result_t<F&, Transaction&>> result;
            submit([&](Transaction& transaction) { result = work(transaction); },
                   [&] { effect(*result); });
            return std::move(*result);
        }
    }
    /// From the next transaction on. [any-thread]
    void announceTo(Subscribers subscribers) {
        *subscribers_.lock() = std::make_shared<const Subscribers>(std::move(subscribers));
    }
    /// Transactions committed so far. [any-thread]
    std::uint64_t commits() const { return commits_; }
    /// The last transaction that had something to write was not possible. [any-thread]
    bool failing() const { return failing_; }

private:
    using Work = std::function<void(Transaction&)>;
    struct Piece {
        Work work;
        std::function<void()> effect;
        std::promise<void> done;
        std::exception_ptr error;
    };
    /// Bounded by the threads that call: each waits for its piece.
    struct Queue {
        std::vector<Piece> pieces;
        bool closed = false;
    };

    void submit(Work work, std::function<void()> effect);
    void writeUntilClosed();
    std::vector<Piece> nextPieces() IAC_REQUIRES(writer_thread_);
    void commitTogether(std::vector<Piece>& pieces) IAC_REQUIRES(writer_thread_);
    bool doAll(std::vector<Piece>& pieces) IAC_REQUIRES(writer_thread_);
    int doPiece(Piece& piece) IAC_REQUIRES(writer_thread_);
    void ring(const Counters& before, int rows) IAC_REQUIRES(writer_thread_);
    void rollBack() IAC_REQUIRES(writer_thread_);
    void fail(std::vector<Piece>& pieces, const std::exception_ptr& error);
    void checkpointWhenDue() IAC_REQUIRES(writer_thread_);
    void breakDown(std::string_view sentence) IAC_REQUIRES(writer_thread_);

    Connection& connection_;
    const Limits& limits_;
    const Clock& clock_;
    Bells& bells_;
    EndProcess end_;
    Guarded<std::shared_ptr<const Subscribers>> subscribers_;
    ThreadRole writer_thread_;
    std::shared_ptr<const Subscribers> told_ IAC_GUARDED_BY(writer_thread_);  // by this transaction
    Counters counters_ IAC_GUARDED_BY(writer_thread_);
    int log_pages_ IAC_GUARDED_BY(writer_thread_) = 0;    // length of the write-ahead log
    bool broken_ IAC_GUARDED_BY(writer_thread_) = false;  // nothing is written any more
    std::atomic<bool> failing_{false};
    std::atomic<std::uint64_t> commits_{0};
    Guarded<Queue> queue_;
    std::condition_variable arrived_;
    std::thread thread_;
};

}  // namespace iac::history
