#include "plugin/check_place.hpp"

#include <algorithm>
#include <stdexcept>

#include "plugin/check_host.hpp"
#include "plugin/host.hpp"

namespace iac::plugin {
namespace {

using Is = CheckResult::Is;

constexpr Duration kTestTime{20'000};
constexpr Duration kRealTime{600'000};  // of a call for real: as long as a step has by default
constexpr Duration kTestGrace{500};

Finding findingOf(const CheckFinding& found, bool given) {
    using Host = CheckFinding::Is;
    switch (found.is) {
        case Host::ok:
            return {Is::ok, found.sentence};
        case Host::warning:
            return {Is::warning, found.sentence};
        case Host::skipped:
            return {Is::skipped, found.sentence};
        case Host::not_made:
            if (given) return {Is::failed, "create() failed: " + found.sentence};
            return {Is::skipped, "create() does not take the settings that were made up (" +
                                     found.sentence + "); give some with --example"};
        case Host::failed:
            break;
    }
    return {Is::failed, found.sentence};
}

std::unique_ptr<const Document> parse(const std::string& json) {
    std::string reason;
    auto document = Document::parse(json, reason);
    if (document == nullptr) throw std::runtime_error("what it is asked is not JSON: " + reason);
    return document;
}

/// What a plugin does in this process, for who is watching: its output; the rest is for a runner.
class Shown final : public CallEvents {
public:
    explicit Shown(const CheckTask& task) : task_(task) {}
    void log(int, std::string_view sentence) override { output(2, std::string(sentence) + "\n"); }
    void output(int stream, std::string_view bytes) override {
        if (task_.output) task_.output(stream, bytes);
    }
    void progress(double, std::string_view) override {}
    void emit(std::string_view) override {}
    void exited(int) override {}
    void mask(std::string_view) override {}

private:
    const CheckTask& task_;
};

}  // namespace

Finding carryOutInHost(const CheckTask& task) {
    std::string printed;
    HostedEvents events;
    events.output = [&](int stream, std::string_view bytes) {
        constexpr std::size_t kShown = 200;
        printed += bytes.substr(0, kShown - std::min(kShown, printed.size()));
        if (task.output) task.output(stream, bytes);
    };
    HostedCall call;
    call.plugin = task.plugin;
    call.config = task.config;
    call.input = task.input;
    call.check = task.test;
    call.environment = task.environment;
    call.directory = task.directory;
    call.timeout = task.test == kRealCall ? kRealTime : kTestTime;
    call.grace = kTestGrace;
    const HostedResult result = callInHost(call, events);
    if (result.end == HostedResult::End::crashed)
        return {Is::crashed, result.message + (printed.empty() ? "" : "; it printed: " + printed)};
    if (result.end != HostedResult::End::returned) return {Is::failed, result.message};
    return findingOf({static_cast<CheckFinding::Is>(result.status), result.message}, task.given);
}

Finding carryOutHere(const CheckTask& task) try {
    const auto config = parse(task.config), input = parse(task.input);
    Shown shown(task);
    const ExecRoom room{task.environment, task.directory, kTestGrace, {}};
    const RealServices real{shown, room, nullptr};
    return findingOf(check(task.test, {*task.plugin->functions, *config->root(), *input->root(),
                                       task.opening, &real}),
                     task.given);
} catch (const std::exception& error) {
    return {Is::failed, error.what()};
}

}  // namespace iac::plugin
