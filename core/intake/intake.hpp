#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "history/history.hpp"
#include "model/event.hpp"
#include "planning/catalogue.hpp"
#include "planning/planner.hpp"

namespace iac::intake {

/// An event that is understood and cannot be answered with a deployment: unknown environment,
/// unknown service, a ref that does not exist. Nothing was written. `status` is the HTTP status,
/// what() the sentence.
class Refused : public std::runtime_error {
public:
    Refused(int status, const std::string& sentence)
        : std::runtime_error(sentence), status_(status) {}
    int status() const noexcept { return status_; }

private:
    int status_;
};

/// What became of an event. When this is returned, it is on disk.
struct Receipt {
    EventId event = 0;
    DeploymentId deployment = 0;  ///< 0: nothing is to be deployed
    bool duplicate = false;       ///< that deployment existed already
    std::string environment;
    std::string revision;  ///< full SHA where known already
    Plan plan;             ///< the first answer
};

/// What intake asks of the repository before it accepts a request. Each may be empty.
struct Lookups {
    /// Whether a ref exists. Empty answer: it cannot be known now.
    std::function<std::optional<bool>(std::string_view ref)> ref_exists;
    /// The services at a ref, fetched now: asked when a request names one that the newest catalogue
    /// does not have. Null: it cannot be known now.
    std::function<std::shared_ptr<const planning::Catalogue>(std::string_view ref)> catalogue_at;
};

/// An event becomes a plan and a queued deployment, durable before the answer. Knows nothing of who
/// will carry it out. [any-thread]
class Intake {
public:
    Intake(const config::Settings& settings, history::History& history,
           planning::CatalogueView& catalogue, const planning::Planner& planner, Lookups lookups);

    /// Throws Refused; history::QueueFull and history::Unavailable (503); plugin::Failed (500).
    Receipt receive(Event event);
    /// Writes down an event that starts nothing, and why.
    void ignored(const Event& event, std::string_view reason);

private:
    Receipt change(const Event& event);
    Receipt request(Event& event);
    /// Short names become ids. Refused: one that is not there. The catalogue that knows them; null:
    /// none does.
    std::shared_ptr<const planning::Catalogue> resolveServices(Event& event);
    /// Whether a service of the environment did not end well the last time: the next push deploys
    /// it again.
    bool isBehind(std::string_view environment, const planning::Catalogue& catalogue);

    const config::Settings& settings_;
    history::History& history_;
    planning::CatalogueView& catalogue_;
    const planning::Planner& planner_;
    Lookups lookups_;
};

}  // namespace iac::intake
