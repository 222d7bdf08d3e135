#pragma once

#include <atomic>
#include <optional>
#include <utility>

#include "history/history.hpp"
#include "http/connections.hpp"
#include "http/request.hpp"

namespace iac::http {

/// The places for callers that wait on purpose: for the end of a deployment, or for its log. A
/// bounded number, so that they cannot take the server from the others. [any-thread]
class Waiting {
public:
    /// The longest wait that is granted.
    static constexpr std::chrono::seconds kLongest{3600};

    Waiting(history::History& history, int places) : history_(history), free_(places) {}

    class Place {
    public:
        explicit Place(Waiting& of) : waiting_(&of) {}
        Place(Place&& other) noexcept : waiting_(std::exchange(other.waiting_, nullptr)) {}
        Place& operator=(Place&&) = delete;
        ~Place() {
            if (waiting_ != nullptr) ++waiting_->free_;
        }

    private:
        Waiting* waiting_;
    };
    /// Empty: none is free.
    std::optional<Place> take();

    /// Waits until a deployment, or the one that took it over, is final: woken by the history.
    /// What it is then, or at the deadline, or when the caller is gone or the server stops. Empty:
    /// there is none of that id.
    std::optional<Deployment> follow(DeploymentId id, Steady::time_point deadline, Line& line);

    /// Everybody who waits is answered at once, from now on.
    void stop();
    bool stopped() const { return stopped_; }

private:
    history::History& history_;
    std::atomic<int> free_;
    std::atomic<bool> stopped_{false};
};

}  // namespace iac::http
