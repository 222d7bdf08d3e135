#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/guarded.hpp"
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

    Waiting(history::History& history, int places, int places_per_token)
        : history_(history), per_token_(places_per_token) {
        places_.lock()->free = places;
    }

    class Place {
    public:
        Place(Waiting& of, std::int64_t token) : waiting_(&of), token_(token) {}
        Place(Place&& other) noexcept
            : waiting_(std::exchange(other.waiting_, nullptr)), token_(other.token_) {}
        Place& operator=(Place&&) = delete;
        ~Place() {
            if (waiting_ != nullptr) waiting_->giveBack(token_);
        }

    private:
        Waiting* waiting_;
        std::int64_t token_;
    };
    /// A place for a caller with that token (0: with none, which is limited by all places alone).
    /// Empty: none is free.
    std::optional<Place> take(std::int64_t token);

    /// Waits until a deployment, or the one that took it over, is final: woken by the history.
    /// What it is then, or at the deadline, or when the caller is gone or the server stops. Empty:
    /// there is none of that id.
    std::optional<Deployment> follow(DeploymentId id, Steady::time_point deadline, Line& line);

    /// Everybody who waits is answered at once, from now on.
    void stop();
    bool stopped() const { return stopped_; }

private:
    struct Places {
        int free = 0;
        std::map<std::int64_t, int> by_token;  // taken
    };
    void giveBack(std::int64_t token);

    history::History& history_;
    const int per_token_;
    Guarded<Places> places_;
    std::atomic<bool> stopped_{false};
};

}  // namespace iac::http
