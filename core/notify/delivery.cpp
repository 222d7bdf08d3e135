#include "notify/delivery.hpp"

#include "notify/courier.hpp"

namespace iac::notify {

Delivery::Delivery(const config::Settings& settings, history::History& history,
                   const Notifiers& notifiers, Masker& masker, const Clock& clock)
    : history_(history),
      notifiers_(notifiers),
      masker_(masker),
      clock_(clock),
      surroundings_(surroundingsOf(settings)) {}

Delivery::~Delivery() {
    stop();
}

void Delivery::start() {
    const Desk desk{history_, clock_, masker_, surroundings_, stop_};
    const auto start = [&](const std::string& name, const NotifierInUse* notifier) {
        couriers_.push_back(std::make_unique<Courier>(desk, name, notifier));
        couriers_.back()->start();
    };
    for (const auto& [name, notifier] : notifiers_) start(name, &notifier);
    // What an earlier configuration left behind.
    for (const auto& [name, count] : history_.waitingMessages())
        if (!notifiers_.contains(name)) start(name, nullptr);
}

void Delivery::stop() {
    stop_.request();
    history_.messages().ring();
    for (const auto& courier : couriers_) courier->join();
}

}  // namespace iac::notify
