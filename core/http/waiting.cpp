#include "http/waiting.hpp"

#include <algorithm>
#include <thread>

namespace iac::http {
namespace {

/// Under a storm of commits everybody who waits looks this seldom, not after each of them.
constexpr std::chrono::milliseconds kBetweenLooks{25};
/// How soon the place of a caller who hung up is free again.
constexpr std::chrono::seconds kStillThere{2};

}  // namespace

std::optional<Waiting::Place> Waiting::take(std::int64_t token) {
    if (stopped_) return std::nullopt;
    auto places = places_.lock();
    if (places->free <= 0) return std::nullopt;
    if (token != 0) {
        int& taken = places->by_token[token];
        if (taken >= per_token_) return std::nullopt;
        ++taken;
    }
    --places->free;
    return Place(*this, token);
}

void Waiting::giveBack(std::int64_t token) {
    auto places = places_.lock();
    ++places->free;
    if (const auto of_token = places->by_token.find(token);
        of_token != places->by_token.end() && --of_token->second == 0)
        places->by_token.erase(of_token);
}

std::optional<Deployment> Waiting::follow(DeploymentId id, Steady::time_point deadline,
                                          Line& line) {
    Bell& changes = history_.changes();
    for (;;) {
        const auto seen = changes.count();
        const auto looked = Steady::now();
        auto deployment = history_.deployment(id);
        if (!deployment) return std::nullopt;
        if (deployment->state == DeploymentState::superseded && deployment->superseded_by != 0) {
            id = deployment->superseded_by;
            continue;
        }
        auto rung = seen;
        while (rung == seen) {
            if (isFinal(deployment->state) || stopped_ || Steady::now() >= deadline || line.gone())
                return deployment;
            rung = changes.waitUntil(seen, std::min(deadline, Steady::now() + kStillThere));
        }
        std::this_thread::sleep_until(std::min(deadline, looked + kBetweenLooks));
    }
}

void Waiting::stop() {
    stopped_ = true;
    history_.changes().ring();
}

}  // namespace iac::http
