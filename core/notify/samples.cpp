#include "notify/samples.hpp"

#include <unistd.h>

#include <array>
#include <chrono>

#include "notify/answer.hpp"
#include "notify/input.hpp"

namespace iac::notify {
namespace {

using State = DeploymentState;

constexpr const char* kRevision = "0123456789abcdef0123456789abcdef01234567";
constexpr const char* kPreviousRevision = "fedcba9876543210fedcba9876543210fedcba98";
constexpr const char* kLog =
    "Pulling postgres ... done\nRecreating postgres_1 ... error\n"
    "Error: bind for 0.0.0.0:5432 failed: port is already allocated\n";

struct Sample {
    std::string_view name;
    std::string_view event;
    State state;
    DeploymentId deployment;  ///< the same: the next move of the one before
};
constexpr std::array kSamples{
    Sample{"queued", kQueued, State::queued, 1},
    Sample{"started", kStarted, State::running, 1},
    Sample{"success", kFinished, State::success, 1},
    Sample{"failed", kFinished, State::failed, 2},
    Sample{"cancelled", kFinished, State::cancelled, 3},
    Sample{"recovered", kRecovered, State::success, 4},
};

Step step(const std::string& service, StepState state, const std::string& summary) {
    Step one;
    one.service = service;
    one.executor = "invoke";
    one.reason = "a sample";
    one.state = state;
    one.summary = summary;
    return one;
}

std::vector<Step> stepsOf(State state) {
    const std::string postgres = "platform/postgres", redis = "platform/redis";
    switch (state) {
        case State::running:
            return {step(postgres, StepState::running, ""), step(redis, StepState::pending, "")};
        case State::success:
            return {step(postgres, StepState::changed, "1 container replaced"),
                    step(redis, StepState::unchanged, "nothing to do")};
        case State::failed: {
            auto failed = step(postgres, StepState::failed, "the port 5432 is taken");
            failed.diagnosis = {"port_in_use", failed.summary,
                                "Find out what listens there, then retry the deployment."};
            return {failed, step(redis, StepState::skipped, "because of platform/postgres")};
        }
        case State::cancelled:
            return {step(postgres, StepState::changed, "1 container replaced"),
                    step(redis, StepState::cancelled, "the deployment ended")};
        case State::queued:
        case State::superseded:
            break;
    }
    return {};
}

Deployment deploymentOf(const Sample& sample, const config::Settings& settings,
                        const config::NotifierUse& use) {
    constexpr Duration kWaited{2'000}, kTook{42'000};
    const auto now = SystemClock().now();
    Deployment one;
    one.id = sample.deployment;
    one.kind = EventKind::change;
    one.state = sample.state;
    one.environment = !use.environments.empty()       ? use.environments.front()
                      : settings.environments.empty() ? "staging"
                                                      : settings.environments.front().name;
    one.trigger = use.triggers.empty() ? "sample" : use.triggers.front();
    one.triggered_by = use.triggered_by.empty() ? "iac-runner" : use.triggered_by.front();
    one.subject = "A sample: this commit does not exist";
    one.ref = settings.repository.ref();
    one.revision = kRevision;
    one.plan.services = {{"platform/postgres", "a sample"}, {"platform/redis", "a sample"}};
    one.created_at = now - kTook - kWaited;
    one.steps = stepsOf(sample.state);
    if (sample.state != State::queued) one.started_at = now - kTook;
    if (isFinal(sample.state)) one.finished_at = now;
    if (sample.state == State::failed) one.diagnosis = one.steps.front().diagnosis;
    return one;
}

}  // namespace

bool sendSamples(const config::Settings& settings, const NotifierInUse& notifier,
                 const std::function<void(const SampleEnd&)>& ended) {
    const auto surroundings = surroundingsOf(settings);
    // Each call anew: a provider that knows a notification already would pass over it.
    const std::string run = "sample-" +
                            std::to_string(SystemClock().now().time_since_epoch().count()) + "-" +
                            std::to_string(::getpid()) + "-";
    bool all = true;
    std::string memory;
    DeploymentId shown = 0;
    for (const auto& sample : kSamples) {
        const auto deployment = deploymentOf(sample, settings, notifier.use);
        if (sample.deployment != shown) memory.clear();
        shown = sample.deployment;
        const auto input =
            inputOf({run + std::string(sample.name), std::string(sample.event), true, deployment,
                     kPreviousRevision, sample.state == State::failed ? kLog : "", memory},
                    surroundings);
        const auto answer = callNotifier(notifier.use.name, notifier, input, nullptr, nullptr);
        if (answer.memory) memory = *answer.memory;
        const bool delivered = answer.is == Answer::Is::delivered;
        all = all && delivered;
        ended({sample.name, delivered, answer.sentence});
    }
    return all;
}

}  // namespace iac::notify
