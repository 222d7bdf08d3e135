#pragma once

#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "history/history.hpp"

namespace iac::history {

/// A clock that stands until it is told to move. [any-thread]
class HandClock final : public Clock {
public:
    Time now() const override { return Time(Duration(now_.load())); }
    void pass(Duration time) { now_ += time.count(); }

private:
    std::atomic<std::int64_t> now_{1'700'000'000'000};
};

/// A folder of its own for a test, gone afterwards.
class Folder {
public:
    Folder() {
        std::string path = (std::filesystem::temp_directory_path() / "history.XXXXXX").string();
        if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        path_ = path;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path database() const { return path_ / "history.db"; }

private:
    std::filesystem::path path_;
};

/// A history in a folder of its own; it can be closed and opened again.
struct Place {
    explicit Place(Limits with = {}) : limits(with) { open(); }
    void open() { history.emplace(folder.database(), limits, clock); }
    void reopen() {
        history.reset();
        open();
    }
    /// The bells of what was written so far have rung: the answer to a later move comes after them.
    void awaitBells() { history->takeNext("nowhere"); }
    History& operator*() { return *history; }
    History* operator->() { return &*history; }

    Limits limits;
    Folder folder;
    HandClock clock;
    std::optional<History> history;
};

inline Plan planOf(const std::vector<std::string>& services) {
    Plan plan;
    for (const auto& service : services) plan.services.push_back({service, "because"});
    return plan;
}

inline std::vector<std::string> servicesOf(const Plan& plan) {
    std::vector<std::string> services;
    for (const auto& planned : plan.services) services.push_back(planned.service);
    return services;
}

inline Event push(std::string delivery, std::vector<std::string> paths = {"a"}) {
    Event event;
    event.trigger = "github";
    event.kind = EventKind::change;
    event.body_digest = "digest of " + delivery;
    event.revision = "revision of " + delivery;
    event.before = "before " + delivery;
    event.delivery = std::move(delivery);
    event.environment = "staging";
    event.ref = "refs/heads/main";
    event.paths = std::move(paths);
    event.paths_complete = true;
    event.triggered_by = "octocat";
    event.subject = "a \"subject\"";
    return event;
}

inline Event request(std::string ref, std::vector<std::string> services = {}) {
    Event event;
    event.trigger = "manual";
    event.environment = "staging";
    event.ref = std::move(ref);
    event.services = std::move(services);
    event.triggered_by = "ann";
    return event;
}

/// A deployment that runs, with a pending step for each service.
inline std::pair<DeploymentId, std::vector<Step>> runningDeployment(
    History& history, const Event& event, const std::vector<std::string>& services) {
    history.admit(event, planOf(services));
    const auto id = history.takeNext(event.environment).value().id;
    return {id, history.setPlan(id, "sha-" + event.ref, planOf(services),
                                std::vector<std::string>(services.size(), "invoke"))};
}

}  // namespace iac::history
