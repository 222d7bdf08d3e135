#pragma once

#include <thread>

#include "base/cancellation.hpp"
#include "config/settings.hpp"
#include "engine/preview.hpp"
#include "history/history.hpp"
#include "intake/intake.hpp"

namespace iac::upkeep {

/// What happens by the clock and not because somebody asks: freezes begin, holds end, what was
/// missed is caught up, what is old goes. Each of two threads sleeps until its next is due: holds
/// do not wait for a repository that does not answer. Everything that is started goes through
/// intake, like everybody's.
class Upkeep {
public:
    Upkeep(const config::Settings& settings, history::History& history, intake::Intake& intake,
           engine::Preview& preview, const Clock& clock);
    ~Upkeep();  ///< stop()
    Upkeep(const Upkeep&) = delete;
    Upkeep& operator=(const Upkeep&) = delete;

    /// The freezes that are on already: before anything is deployed.
    void placeFreezes();
    void start();
    void stop();

private:
    void watchHolds();
    void doChores();
    void reconcile();
    Time nextHoldTime(Time now);

    const config::Settings& settings_;
    history::History& history_;
    intake::Intake& intake_;
    engine::Preview& preview_;
    const Clock& clock_;
    Cancellation stop_;
    std::thread holds_, chores_;
};

}  // namespace iac::upkeep
