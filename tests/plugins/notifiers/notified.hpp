// A notifier, called as the outbox calls it: with what it remembered of the call before.
#pragma once

#include <Poco/JSON/Object.h>

#include <optional>
#include <string>
#include <vector>

#include "plugin/host.hpp"

namespace iac::test {

/// What a notifier is told; text() is the input.
struct Told {
    std::string event = "deployment.finished";
    std::string status = "success";
    std::vector<std::string> services = {"changed"};  ///< the status of each
    std::string subject = "Give postgres more memory";
    std::string environment = "production";
    std::string summary, next_action, log_tail;
    std::string service_summary = "two containers";
    std::string revision = "8f3c2a1d8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b";
    std::string previous = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d";
    std::string web = "https://github.com/octo/infra";
    std::string public_url = "https://deploy.example.com";
    std::string triggered_by = "octocat", ref = "refs/heads/main";
    bool sample = false, dry_run = false;
    std::string text(const std::string& memory) const;
};

/// How a call ended; its members are those that are emitted.
struct Notified {
    plugin::HostedResult::End end{};
    std::int32_t status = 0;
    std::string message, answer, memory, next_action;
    std::optional<double> retry_after;
    std::string all;  ///< everything that was said, logged or emitted: for what must not be in it
};

/// One notifier of the configuration, over the notifications of one deployment.
class NotifierInTest {
public:
    NotifierInTest(std::string id, std::string config)
        : id_(std::move(id)), config_(std::move(config)) {}
    Notified tell(const Told& told);
    /// Why the configuration is refused; empty when it is not.
    std::string refusal();
    const std::string& memory() const { return memory_; }
    void forget() { memory_.clear(); }
    void recall(const std::string& memory) { memory_ = memory; }

private:
    std::string id_, config_, memory_;
};

Poco::JSON::Object::Ptr parseObject(const std::string& json);

}  // namespace iac::test
