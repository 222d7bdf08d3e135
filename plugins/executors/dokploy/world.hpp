#pragma once

#include <iac/plugin.hpp>

namespace iac::dokploy {

/// Where the executor meets the world: HTTP and time. Everything else in this folder is arithmetic
/// on what comes from here, so that a test can replay ten thousand deployments in a moment.
class World {
public:
    virtual ~World() = default;
    /// As iac::Call::http: any status is an answer; none is an iac::Error (IAC_RETRY).
    virtual Reply http(const Request& request) = 0;
    /// Seconds, of a clock that never goes back.
    virtual double now() = 0;
    /// Waits. iac::Error (IAC_CANCELLED) as soon as the step is cancelled.
    virtual void pause(double seconds) = 0;
};

/// The world as the runner lends it.
class LentWorld final : public World {
public:
    explicit LentWorld(const Call& call) : call_(call) {}
    Reply http(const Request& request) override;
    double now() override;
    void pause(double seconds) override;

private:
    const Call& call_;
};

}  // namespace iac::dokploy
