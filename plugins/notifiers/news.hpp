// What every notifier is told, as plain values.
#pragma once

#include <iac/plugin.hpp>
#include <optional>
#include <string>
#include <vector>

#include "template.hpp"

namespace iac::notifiers {

/// One service of a deployment, and how far it is. Texts are one line each.
struct Service {
    std::string id;  ///< "platform/postgres": its last part alone may be that of several services
    /// pending, running, changed, unchanged, failed, skipped or cancelled
    std::string status;
    std::string summary, next_action;  ///< may be empty
};

/// Addresses for people; each is empty where it is not known, and http or https otherwise.
struct Links {
    std::string deployment, log;
    std::string revision;  ///< the commit
    std::string changes;   ///< the comparison with what was good before
};

/// One notification. What the runner does not say is empty; texts are one line each, without
/// control characters, and bounded.
struct News {
    std::string notification;  ///< the same for every attempt to deliver it
    std::string event;         ///< "deployment.finished"
    bool sample = false;
    bool recovered = false;  ///< the end of a deployment that says that a failure is over
    std::string memory;      ///< what was remembered of the notification before

    std::string id;           ///< "1042", "?" when it is not said
    std::string status;       ///< queued, running, success, failed, cancelled or superseded
    std::string environment;  ///< "staging"
    std::string ref, tag, revision, subject, triggered_by, trigger;
    std::string summary, next_action;  ///< of the failure
    std::string superseded_by;         ///< id
    std::string created_at, started_at, finished_at;
    bool dry_run = false, retry = false, rollback = false;
    std::optional<double> seconds;  ///< how long it took

    std::vector<Service> services;  ///< the steps, or the planned services before there are any
    std::string log_tail;           ///< several lines
    std::string repository;         ///< "https://github.com/owner/name", may be empty
    Links links;

    bool ended() const;
    /// How many services have come to their end.
    std::size_t done() const;
    std::size_t count(std::string_view service_status) const;
};

News readNews(const Value& input);

/// "8f3c2a1", or what was asked for where the revision is not known.
std::string shortRevision(const News& news);

/// "12.3 s", "4 min 05 s", "1 h 20 min".
std::string durationText(double seconds);

/// "✅", "❌": tells the states apart at a glance.
std::string iconOf(const News& news);
std::string iconOf(const Service& service);

/// What a template may name.
const std::vector<std::string>& fieldNames();
Fields fieldsOf(const News& news);

/// What a deployment is called and how far it is, for the templates of notifiers:
/// "Deployment 1042 to production failed"
inline constexpr const char* kTitle = "{icon} {what} {id} to {environment} {outcome}";

}  // namespace iac::notifiers
