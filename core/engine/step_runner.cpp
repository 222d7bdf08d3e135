#include "engine/step_runner.hpp"

#include <iac/plugin.h>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <sstream>
#include <thread>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "base/pause.hpp"
#include "engine/step_folders.hpp"
#include "engine/step_result.hpp"
#include "engine/task_environment.hpp"
#include "history/persist.hpp"
#include "history/step_log.hpp"
#include "plugin/host.hpp"

namespace iac::engine {
namespace {

int slotCount(const config::Settings& settings) {
    if (settings.engine.steps_at_once > 0) return settings.engine.steps_at_once;
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::string executorInput(const Deployment& deployment, const planning::Service& service,
                          const std::filesystem::path& workTree, int attempt,
                          const Poco::JSON::Object::Ptr& with) {
    Poco::JSON::Object input;
    input.set("deployment", deployment.id);
    input.set("service", service.id);
    input.set("name", service.name);
    input.set("environment", deployment.environment);
    input.set("revision", deployment.revision);
    input.set("ref", deployment.tag.empty() ? deployment.ref : deployment.tag);
    input.set("triggered_by", deployment.triggered_by);
    input.set("directory", workTree.string());
    input.set("attempt", attempt);
    input.set("dry_run", deployment.dry_run);
    input.set("with", with);
    std::ostringstream out;
    input.stringify(out);
    return out.str();
}

Poco::JSON::Object::Ptr serviceSettings(const config::Settings& settings,
                                        const plugin::Plugin& plugin,
                                        const planning::Service& service) {
    Poco::JSON::Parser parser;
    const auto with = parser.parse(service.with).extract<Poco::JSON::Object::Ptr>();
    return config::completeService(settings, plugin.service_schema, with, service.place);
}

// One second, two, four, ... and up to half of that more, so that many do not come back at once.
// False: cancelled.
bool pauseBefore(int attempt, const Cancellation& cancel) {
    constexpr int kLongest = 60'000;
    static thread_local std::mt19937 random{std::random_device{}()};
    const int base = std::min(kLongest, 1'000 << std::min(attempt - 1, 10));
    const int pause = base + std::uniform_int_distribution<int>(0, base / 2)(random);
    return pauseFor(pause, cancel);
}

StepResult notStarted(Diagnosis diagnosis) {
    StepResult result;
    result.attempt = {StepState::failed, std::nullopt, diagnosis.summary};
    result.step.summary = diagnosis.summary;
    result.step.diagnosis = std::move(diagnosis);
    return result;
}

Diagnosis noSlotInTime() {
    return {"deadline",
            "the deployment had no time left while this step waited for others to end "
            "(engine.steps_at_once)",
            "Raise `engine.steps_at_once` or `engine.deadline`, then retry the deployment."};
}

// "[50%] half way", on a line of its own: a sentence of several lines becomes one.
std::string progressLine(double fraction, std::string_view sentence) {
    std::string line =
        "[" + std::to_string(std::lround(fraction * 100)) + "%] " + std::string(sentence);
    std::ranges::replace(line, '\n', ' ');
    return line + "\n";
}

// What is left of it, at least a moment: a step that may not run at all is not begun.
Duration leftUntil(StepRunner::Deadline deadline, Duration atMost) {
    const auto left = std::chrono::ceil<Duration>(deadline - std::chrono::steady_clock::now());
    return std::clamp(left, Duration{1}, atMost);
}

}  // namespace

// What one attempt needs, and the way through it.
class StepRunner::OneAttempt {
public:
    OneAttempt(StepRunner& runner, const Deployment& deployment, const Step& step,
               const ExecutorInUse& executor)
        : runner_(runner), deployment_(deployment), step_(step), executor_(executor) {}

    const plugin::Plugin& plugin() const { return *executor_.plugin; }

    StepResult run(const planning::Service& service, const std::filesystem::path& workTree,
                   int number, Deadline deadline, const Cancellation& cancel) {
        const auto& settings = runner_.settings_;
        const auto with = serviceSettings(settings, *executor_.plugin, service);
        const Account* user = executor_.runsAs();
        const Scratch scratch(settings.data, step_.id, number, user);
        history::StepLog log(history::stepLogFile(settings.data, deployment_.id, step_.id, number),
                             settings.server.limits.step_output);
        MaskedStream out(runner_.masker_.values()), err(runner_.masker_.values());

        plugin::HostedCall call;
        call.plugin = executor_.plugin;
        call.config = executor_.config;
        call.input = executorInput(deployment_, service, workTree, number, with);
        call.environment = taskEnvironment(settings, deployment_, service, scratch.folder(), user);
        call.secrets = service.secrets;
        call.directory = workTree;
        call.timeout = leftUntil(deadline, executor_.use.timeout);
        call.grace = executor_.use.grace;
        call.memory = executor_.use.memory;
        call.processor_time = executor_.use.processor_time;
        call.cancel = &cancel;
        call.user = user;
        call.cgroups = runner_.cgroups_;
        call.limits = executor_.use.limits;

        plugin::HostedEvents events;
        events.output = [&](int stream, std::string_view bytes) {
            log.write((stream == 2 ? err : out).next(bytes));
        };
        events.log = [&](int level, std::string_view sentence) {
            log::write(log::levelOf(level), executor_.use.name,
                       "deployment " + std::to_string(deployment_.id) + ", " + service.id + ": " +
                           std::string(sentence));
        };
        events.progress = [&](double fraction, std::string_view sentence) {
            log.write(out.next(progressLine(fraction, sentence)));
        };
        events.mask = [&](std::string_view secret) {
            runner_.masker_.learnFetched(secret);
            out.use(runner_.masker_.values());
            err.use(runner_.masker_.values());
        };
        const auto hosted = plugin::callInHost(call, events);
        scratch.takeBack();
        log.write(out.finish());
        log.write(err.finish());
        auto result =
            stepResult(hosted, readTaskOutput(taskOutputFile(scratch.folder())), log.tail(),
                       settings.diagnosis, runner_.masker_, deployment_.dry_run);
        if (result.step.state == StepState::failed && !result.interrupted)
            log.write(closingLine(log, result));
        return result;
    }

private:
    // The reason stands at the end of the log too, on a line of its own: people read logs from the
    // end.
    static std::string closingLine(const history::StepLog& log, const StepResult& result) {
        const bool open = !log.tail().empty() && log.tail().back() != '\n';
        return (open ? "\n" : "") + result.step.summary + "\n";
    }

    StepRunner& runner_;
    const Deployment& deployment_;
    const Step& step_;
    const ExecutorInUse& executor_;
};

StepRunner::StepRunner(const config::Settings& settings, history::History& history,
                       const Executors& executors, Masker& masker, const Cgroups* cgroups)
    : settings_(settings),
      history_(history),
      executors_(executors),
      masker_(masker),
      cgroups_(cgroups),
      slots_(slotCount(settings)) {}

const Account* StepRunner::userOf(const planning::Service& service) const {
    return executors_.find(service.executor)->second.runsAs();
}

StepRunner::End StepRunner::run(const Deployment& deployment, const Step& step,
                                const planning::Service& service,
                                const std::filesystem::path& workTree, Deadline deadline,
                                const Stops& stops) {
    const ExecutorInUse& executor = executors_.find(service.executor)->second;
    OneAttempt attempt(*this, deployment, step, executor);
    for (int tries = 1;; ++tries) {
        const auto result = runOnce(attempt, step, service, workTree, deadline, stops);
        if (!result || result->interrupted) return End::interrupted;
        if (result->retry && tries <= executor.use.retries) {
            log::info("engine", "deployment " + std::to_string(deployment.id) + ", " + service.id +
                                    ": attempt " + std::to_string(tries) +
                                    " failed and is tried again: " + result->step.summary);
            if (!pauseBefore(tries, stops.deployment)) return End::interrupted;
            continue;
        }
        history::persist(stops.runner, [&] { history_.finishStep(step.id, result->step); });
        failpoint("step.ended");
        return result->step.state == StepState::failed ? End::badly : End::well;
    }
}

std::optional<StepResult> StepRunner::runOnce(OneAttempt& attempt, const Step& step,
                                              const planning::Service& service,
                                              const std::filesystem::path& workTree,
                                              Deadline deadline, const Stops& stops) {
    const Slots::Taken slot(slots_, stops.deployment, deadline);
    if (!slot && stops.deployment.requested()) return std::nullopt;
    const auto& plugin = attempt.plugin();
    const int number = history::persist(stops.runner, [&] {
        return history_.startAttempt(step.id, {plugin.id, plugin.version, plugin.sha256});
    });
    failpoint("step.begun");
    StepResult result;
    try {
        result = slot ? attempt.run(service, workTree, number, deadline, stops.deployment)
                      : notStarted(noSlotInTime());
    } catch (const config::Invalid& e) {
        result = notStarted({"invalid_configuration", e.what(),
                             "Correct the settings of the service, and retry the deployment."});
    } catch (const std::exception& e) {
        result =
            notStarted({"cannot_start", "the step could not be started: " + masker_.mask(e.what()),
                        "Repair the cause on the runner's host, and retry the deployment."});
    }
    failpoint("step.returned");
    history::persist(stops.runner,
                     [&] { history_.finishAttempt(step.id, number, result.attempt); });
    failpoint("step.recorded");
    return result;
}

}  // namespace iac::engine
