#pragma once

#include <map>
#include <string>
#include <thread>

#include "base/cancellation.hpp"
#include "base/clock.hpp"
#include "base/masker.hpp"
#include "history/history.hpp"
#include "notify/answer.hpp"
#include "notify/input.hpp"
#include "notify/notifiers.hpp"
#include "notify/verdict.hpp"

namespace iac::notify {

/// What every courier works with. All of it outlives them.
struct Desk {
    history::History& history;
    const Clock& clock;
    Masker& masker;
    const Surroundings& surroundings;
    const Cancellation& stop;
};

/// The age of a message that is not tried again when it cannot be delivered.
inline constexpr Duration kGiveUpAfter{24LL * 3'600'000};
/// Attempts that even an older one gets: the runner may have been down meanwhile.
inline constexpr int kLeastAttempts = 5;
/// Calls for one message that crash or cannot be started: two minutes, with their pauses.
inline constexpr int kMostBreakdowns = 7;

/// Says in the log what changes about the deliveries of one notifier: the first that fails, each
/// new reason to give up, and that it works again. Not a line for each try.
class DeliveryLog {
public:
    explicit DeliveryLog(std::string notifier) : notifier_(std::move(notifier)) {}
    void delivered();
    void triedAgain(const history::OutboxMessage& message, const std::string& reason);
    void givenUp(const history::OutboxMessage& message, const std::string& reason);

private:
    std::string notifier_;
    bool failing_ = false;
    std::string given_up_because_;
};

/// Carries the messages of one notifier to it, on a thread of its own, in order for each
/// deployment: whatever becomes of it, no other notifier waits. Every message of a notifier that
/// the configuration does not have (nullptr) is given up.
class Courier {
public:
    Courier(const Desk& desk, const std::string& name, const NotifierInUse* notifier);
    void start();
    void join();  ///< after desk.stop was requested and the bell was rung

private:
    void work();
    bool carryDue();
    void waitForMore(std::uint64_t seen);
    void carry(const history::OutboxMessage& message);
    Circumstances circumstancesOf(const history::OutboxMessage& message,
                                  Deployment deployment) const;
    std::string newsOf(const Circumstances& circumstances, const Verdict& verdict) const;
    void take(const history::OutboxMessage& message, const Answer& answer);
    void giveUp(const history::OutboxMessage& message, const Answer& answer);
    bool isTriedAgain(const history::OutboxMessage& message, const Answer& answer);

    const Desk desk_;
    const std::string name_;
    const NotifierInUse* notifier_;
    DeliveryLog log_;
    Time paused_until_{};                 ///< nothing is delivered before it
    std::map<std::int64_t, int> broken_;  ///< calls that broke down, of messages that still wait
    std::thread thread_;
};

}  // namespace iac::notify
