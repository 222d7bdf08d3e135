#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/masker.hpp"
#include "model/event.hpp"
#include "plugin/registry.hpp"

namespace iac::plugin {

/// A plugin that runs inside failed at its work. what() names the plugin and says why.
class Failed : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// It did not answer in its time, or an earlier call has not returned: another try may succeed
/// later.
class Unanswered : public Failed {
public:
    Unanswered(std::string plugin, const std::string& sentence)
        : Failed(sentence), plugin_(std::move(plugin)) {}
    const std::string& plugin() const noexcept { return plugin_; }  ///< its id

private:
    std::string plugin_;
};

/// It was not asked, or did not answer, because the runner stops.
class Stopped : public Unanswered {
    using Unanswered::Unanswered;
};

/// Calls of one function that were given up, because they did not return, and still run.
struct StuckCall {
    std::string plugin;    ///< its id
    std::string function;  ///< "receive"
    std::size_t times = 0;
};
/// Of the whole process. Thread-safe.
std::vector<StuckCall> stuckCalls();

/// How a trigger or a mapper is called.
struct CallSettings {
    Duration timeout{10'000};  ///< of each call; then cancelled() turns true, and it is given up
    bool own_process = false;  ///< each call in the plugin host, with an instance of its own
    Masker* masker = nullptr;  ///< learns what the plugin asks to mask; nullptr: nothing is
};

struct Route {
    std::string method;  ///< "POST"
    std::string path;    ///< "/webhook"
};

/// An HTTP request for a trigger. Views: they have to live until receive() returns.
struct TriggerRequest {
    std::string_view method, path, body;
    std::string_view target;                                   ///< path and query as they were sent
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
    std::map<std::string, std::string> query;
    std::string_view branch;       ///< the configured branch
    std::string_view repository;   ///< the configured repository's address, without a login
    std::string_view environment;  ///< the trigger's own; empty: none
    std::string_view caller;  ///< who the runner knows already, by a token with the role deploy
};

/// What a trigger made of a request.
struct TriggerVerdict {
    enum class Kind {
        event,     ///< `event` happened
        ignored,   ///< understood, nothing to do: `reason`
        rejected,  ///< `status` (400 to 499) and `reason`
        answered,  ///< answered by the trigger itself with 200 and `body`
        asked,     ///< how `deployment` is now
    };
    Kind kind = Kind::rejected;
    Event event;  ///< without trigger and body_digest, which the caller knows
    std::optional<int> wait_seconds;
    int status = 400;
    std::string reason;
    std::string ignored_event;          ///< ignored: what the sender calls it; empty: no name
    std::string body;                   ///< JSON
    std::string deployment;             ///< an id as the sender wrote it: any text
    std::vector<std::string> warnings;  ///< event: what of the request was ignored
};

/// A trigger plugin with its configuration, inside this process or in the plugin host. [any-thread]
/// Calls are serialized, unless the plugin says it is concurrent.
class Trigger {
public:
    /// config: JSON text, complete by the plugin's schema. Throws Refused with the reason of
    /// create(), or when that does not return.
    Trigger(const Plugin& plugin, std::string_view config, const CallSettings& settings = {});
    ~Trigger();
    Trigger(Trigger&&) noexcept;
    Trigger& operator=(Trigger&&) noexcept;
    std::vector<Route> routes() const;
    /// Throws Failed when the plugin fails instead of answering, Unanswered when it does not answer
    /// in its time. IAC_INVALID is `rejected` with 400: the request makes no sense.
    TriggerVerdict receive(const TriggerRequest& request) const;
    /// cancelled() turns true, and no further call is made: receive() throws Stopped.
    void stop() const;

private:
    class Instance;
    std::unique_ptr<Instance> instance_;
};

/// One thing a mapper said about one path.
struct Mapped {
    std::string service;  ///< full id
    std::string path;
    bool skip = false;  ///< the service is not to be deployed, because of `why`
    std::string why;    ///< the rule that decided, or the reason to skip
    bool operator==(const Mapped&) const = default;
};

/// A mapper plugin with its configuration. [any-thread], as Trigger.
class Mapper {
public:
    Mapper(const Plugin& plugin, std::string_view config, const CallSettings& settings = {});
    ~Mapper();
    Mapper(Mapper&&) noexcept;
    Mapper& operator=(Mapper&&) noexcept;
    /// In the order the plugin said it. services: every known id, in deployment order. Throws
    /// Failed, as Trigger.
    std::vector<Mapped> map(const std::vector<std::string>& paths,
                            const std::vector<std::string>& services,
                            std::string_view environment) const;
    void stop() const;  ///< as Trigger

private:
    class Instance;
    std::unique_ptr<Instance> instance_;
};

}  // namespace iac::plugin
