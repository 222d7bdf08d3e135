#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.hpp"
#include "base/mutex.hpp"

namespace iac::http {

using Steady = std::chrono::steady_clock;

/// What a connection is doing: decides what happens when its time is up.
enum class Phase : std::uint8_t {
    idle,     ///< between two requests: closed when its time is up
    reading,  ///< a request comes in: its reading ends, the caller is told
    working,  ///< the request is being answered: left alone
    waiting,  ///< the caller waits on purpose: no deadline, and counted by another limit
    writing,  ///< the answer goes out: cut
};

/// What a connection does, and until when. One word: a phase is never seen with the deadline of
/// another one.
class PhaseUntil {
public:
    PhaseUntil(Phase phase, Steady::time_point deadline)
        : word_((static_cast<std::uint64_t>(deadline.time_since_epoch().count()) & ~kPhaseBits) |
                static_cast<std::uint64_t>(phase)) {}
    Phase phase() const { return static_cast<Phase>(word_ & kPhaseBits); }
    bool hasDeadline() const { return (word_ & ~kPhaseBits) != 0; }
    /// Whether its deadline, if there is one, has passed.
    bool isLate(Steady::time_point now) const {
        const auto deadline = static_cast<Steady::rep>(word_ & ~kPhaseBits);
        return deadline != 0 && deadline <= now.time_since_epoch().count();
    }

private:
    static constexpr std::uint64_t kPhaseBits = 7;  // eight nanoseconds do not matter
    std::uint64_t word_;
};

/// One open connection, seen by its own thread and by the reaper. Times are atomic, because a lock
/// for each request costs a fast server a tenth of what it can do; only closing and cutting lock.
class Slot {
public:
    /// [the connection's thread] A deadline of zero: there is none.
    void enter(Phase phase, Steady::time_point deadline);
    /// Only the deadline. [the connection's thread]
    void extend(Steady::time_point deadline);
    /// A piece of an answer is written from now on. [the connection's thread]
    void beginPiece(Steady::time_point deadline);
    PhaseUntil state() const { return state_; }
    /// Whether its reading was ended: because it was late, or to make room.
    bool cut() const { return cut_; }
    const std::string& address() const { return address_; }
    /// Whether it came when all connections were taken: it may ask for the health of the runner, or
    /// bring a webhook.
    bool reserved() const { return reserved_; }

private:
    friend class Connections;
    Mutex closing_;  // held while the socket is shut down, and while it is given back
    std::size_t index_ = 0;
    int socket_ IAC_GUARDED_BY(closing_) = -1;  // -1: the slot is free
    std::string address_;                       // changed by its own thread while it holds closing_
    std::atomic<PhaseUntil> state_{PhaseUntil(Phase::idle, {})};
    std::atomic<Steady::rep> since_{0};  // of the phase, or of the piece that is being written
    std::atomic<bool> cut_{false};
    bool reserved_ = false;
};

struct ConnectionLimits {
    int connections = 512;
    int per_address = 64;
    int waiting = 64;  ///< connections that may wait beside them
};

/// All open connections, and the thread that ends the late ones. When one more comes than may be
/// open, the one that has kept the server waiting for the longest makes room: by not sending its
/// request, or by not reading its answer. When all are at work, the new one comes into the reserve,
/// and when that is taken it is refused. [any-thread]
class Connections {
public:
    /// Connections beside the limits: for those that come while others are being made to go, and
    /// for the health of the runner and webhooks while all others are at work.
    static constexpr int kReserve = 16;
    /// The same beside the limit of one address, so that one address cannot have all of it.
    static constexpr int kReservePerAddress = 4;
    /// How long a piece of an answer may be written before the one that does not read it may be
    /// made to go for another.
    static constexpr std::chrono::milliseconds kSlowReader{1'000};
    /// How long one that is late may take to hear about it.
    static constexpr std::chrono::milliseconds kLastWords{500};

    explicit Connections(const ConnectionLimits& limits);
    ~Connections();
    Connections(const Connections&) = delete;
    Connections& operator=(const Connections&) = delete;

    int threads() const { return static_cast<int>(slots_.size()); }

    /// Counts a connection that was accepted. False: there is no room, close it. Not `limited`: it
    /// comes from a proxy, and the limit of one address is that of its callers.
    bool admit(int socket, const std::string& address, bool limited = true);
    /// The caller of a connection from a proxy is known: from now on it is counted by that address.
    /// False: that one has too many. [the connection's thread]
    bool identify(Slot& slot, const std::string& address);
    /// A slot for a connection that was admitted. Its thread gives it back with close().
    Slot& open(int socket);
    /// Before the socket is closed.
    void close(Slot& slot);

    /// A connection that waits on purpose is counted by the limit of waiting callers instead.
    void beginWait(Slot& slot);
    void endWait(Slot& slot, Steady::time_point deadline);

    /// Connections that are open now.
    std::size_t open() const { return open_; }
    /// Ends those that carry no request.
    void cutIdle();
    void cutAll();
    /// False when some are still open at the deadline.
    bool waitUntilNone(Steady::time_point deadline);

private:
    struct Counts {
        int all = 0;
        std::map<std::string, int> by_address;
        // Asked once: the address of a connection that broke cannot be asked again.
        struct Admitted {
            std::string address;
            bool reserved = false;
        };
        std::map<int, Admitted> admitted;  // by socket, until it is opened
        std::vector<std::size_t> free;     // slots
        bool stopping = false;
    };
    void reap();
    void count(const std::string& address, int by);
    bool makeRoom(const std::string* address);
    static bool endReading(Slot& slot, PhaseUntil seen) IAC_REQUIRES(slot.closing_);
    static void end(Slot& slot) IAC_REQUIRES(slot.closing_);

    ConnectionLimits limits_;
    std::vector<std::unique_ptr<Slot>> slots_;
    Guarded<Counts> counts_;
    std::condition_variable changed_;
    std::atomic<std::size_t> open_{0};
    std::thread reaper_;  // last: it uses all of the above
};

}  // namespace iac::http
