#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/masker.hpp"
#include "config/settings.hpp"
#include "engine/preview.hpp"
#include "history/history.hpp"
#include "http/routes.hpp"
#include "intake/intake.hpp"
#include "planning/catalogue.hpp"
#include "plugin/inside.hpp"
#include "plugin/registry.hpp"

namespace iac::http {

/// A trigger in use, with the routes it answers.
struct MountedTrigger {
    std::string name;         ///< in the configuration
    std::string environment;  ///< of its events that name none
    const plugin::Trigger* trigger = nullptr;
};

/// How taking over another configuration went, for GET /metrics. [any-thread]
struct Reloads {
    std::atomic<bool> last_succeeded{true};
    std::atomic<Duration::rep> succeeded_at{0};  ///< ms since 1970; the start counts
};

/// What the server answers from. The history, the masker, the clock and the reloads have to outlive
/// the server, and everything else the last copy of the lease.
struct Rooms {
    std::shared_ptr<void> lease;
    const config::Settings* settings = nullptr;
    history::History* history = nullptr;
    intake::Intake* intake = nullptr;
    planning::CatalogueView* catalogue = nullptr;
    const plugin::Registry* registry = nullptr;
    std::vector<MountedTrigger> triggers;
    /// What would be deployed, for POST /plan; empty: it cannot be asked.
    std::function<engine::PlanAnswer(const engine::PlanQuestion&)> plan;
    const Masker* masker = nullptr;
    const Clock* clock = nullptr;
    std::string cgroup;                ///< of GET /health: whether steps have cgroups, and why not
    const Reloads* reloads = nullptr;  ///< null: there are none
    std::map<std::string, std::function<bool()>>
        checks;  ///< of GET /health: name -> whether all is well
};

/// The HTTP server: reads within limits and deadlines, asks the routes table, answers. Its threads
/// never wait for a deployment, but for callers that asked to, on a bounded number of slots.
class Server {
public:
    /// Listens; throws std::runtime_error with a sentence when it cannot, or when two triggers
    /// claim one route.
    explicit Server(Rooms rooms);
    ~Server();  ///< stop()
    /// Answers from these from now on: requests that have begun end with what they began with.
    /// Where it listens and the limits stay as they were. Throws std::runtime_error when two
    /// triggers claim one route; then nothing has changed. [any-thread]
    void answerFrom(Rooms rooms);
    /// The port that was taken (settings may say 0).
    std::uint16_t port() const;
    /// What is answered now.
    std::shared_ptr<const Routes> routes() const;
    /// No new requests (503), those that run finish within `grace`, waiting callers are answered at
    /// once.
    void stop(Duration grace);

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace iac::http
