// The tests of `plugins check` that need the plugin itself: each runs in a host of its own, unless
// a debugger is wanted.
#include "plugin/check_host.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "base/guarded.hpp"
#include "plugin/check_call.hpp"
#include "plugin/check_case.hpp"
#include "plugin/check_elf.hpp"
#include "plugin/check_result.hpp"

namespace iac::plugin {
namespace {

using Is = CheckFinding::Is;
using Answer = CheckedInstance::Answer;

CheckFinding notMade(const CheckedInstance& instance) {
    if (instance.reason().empty())
        return {Is::failed, "create() gave no instance, and no reason in iac_error"};
    return {Is::not_made, instance.reason()};
}

CheckFinding checkExports(const CheckSubject& subject) {
    std::string others;
    for (const auto& name : factsOf(&subject.plugin).exports)
        if (name != "iac_plugin_module") (others += others.empty() ? "" : ", ") += name;
    if (others.empty()) return {};
    constexpr std::size_t kShown = 300;
    if (others.size() > kShown) others.replace(kShown, others.npos, "...");
    return {Is::failed,
            "it exports more than iac_plugin_module, and may clash with other plugins: " + others +
                "; build it with iac_add_plugin()"};
}

CheckFinding checkLibraries(const CheckSubject& subject) {
    for (const auto& name : factsOf(&subject.plugin).needs)
        if (name.starts_with("libPoco") || name.starts_with("libboost"))
            return {Is::failed, "it needs " + name +
                                    ", and would get the runner's own version of it; use exec(), "
                                    "http() and parse() of the SDK, or link a static copy"};
    return {};
}

CheckFinding checkOpening(const CheckSubject& subject) {
    constexpr Duration kQuick{100};
    if (subject.opening <= kQuick) return {};
    return {Is::warning, "opening it took " + std::to_string(subject.opening.count()) +
                             " ms of processor time, and every step pays for it; more than " +
                             std::to_string(kQuick.count()) + " ms is slow"};
}

std::size_t entriesOf(const char* folder) {
    const std::filesystem::directory_iterator entries(folder);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

// A thread that was joined may still be listed for a moment.
std::size_t threadsThatStay(std::size_t expected) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    std::size_t now = entriesOf("/proc/self/task");
    while (now > expected && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        now = entriesOf("/proc/self/task");
    }
    return now;
}

CheckFinding checkCreate(const CheckSubject& subject) {
    const auto once = [&] {
        // Two at once: a configuration may use a plugin twice.
        const CheckedInstance one(subject.plugin, subject.config),
            other(subject.plugin, subject.config);
        return one.isMade() && other.isMade() ? CheckFinding{}
                                              : notMade(one.isMade() ? other : one);
    };
    // What is made once for all of them (a library's own, a descriptor kept) is no leak.
    if (auto finding = once(); finding.is != Is::ok) return finding;
    const std::size_t threads = entriesOf("/proc/self/task"),
                      descriptors = entriesOf("/proc/self/fd");
    constexpr int kTimes = 100;
    for (int i = 0; i < kTimes; ++i)
        if (auto finding = once(); finding.is != Is::ok) return finding;
    if (const auto now = threadsThatStay(threads); now > threads)
        return {Is::failed, "create() and destroy(), " + std::to_string(kTimes) + " times, left " +
                                std::to_string(now - threads) +
                                " threads behind; destroy() has to join what it started"};
    if (const auto now = entriesOf("/proc/self/fd"); now > descriptors)
        return {Is::failed, "create() and destroy(), " + std::to_string(kTimes) + " times, left " +
                                std::to_string(now - descriptors) + " file descriptors open"};
    return {};
}

// What the configuration of the runner asks of each notifier: whether it can be made at all.
CheckFinding checkMade(const CheckSubject& subject) {
    const CheckedInstance instance(subject.plugin, subject.config);
    return instance.isMade() ? CheckFinding{} : notMade(instance);
}

// The runner never lets such a configuration through; a plugin that crashes of it would also crash
// of a member it only believes to be required.
CheckFinding checkRequired(const CheckSubject& subject) {
    for (std::uint32_t i = 0; i < subject.config.count; ++i) {
        const CheckedInstance instance(subject.plugin, subject.config.items[i]);
        if (!instance.isMade() && instance.reason().empty()) return notMade(instance);
    }
    return {};
}

CheckFinding checkCall(const CheckSubject& subject) {
    const CheckedInstance instance(subject.plugin, subject.config);
    if (!instance.isMade()) return notMade(instance);
    const Answer answer = instance.call(subject.input, nullptr);
    if (auto fault = answer.fault(); !fault.empty()) return {Is::failed, fault};
    const std::string_view kind = subject.plugin.kind;
    if (answer.status != IAC_OK && kind == "executor/1")
        return {Is::warning,
                "the dry run could not be done, where exec() and http() only pretend: " +
                    answer.text() +
                    "; give settings and input that fit with --example, or run it for "
                    "real with --run"};
    if (answer.status != IAC_OK)
        return {Is::warning, "the example input was answered with " + answer.text() +
                                 "; give one that fits with --example"};
    if (kind == "trigger/1" && answer.emitted.size() != 1)
        return {Is::failed, "a trigger gives one verdict about a request; this one gave " +
                                std::to_string(answer.emitted.size())};
    return {};
}

// The result has to be one that the runner can read: what it cannot read fails the step.
CheckFinding checkResult(const CheckSubject& subject) {
    const CheckedInstance instance(subject.plugin, subject.config);
    if (!instance.isMade()) return notMade(instance);
    const Answer answer = instance.call(subject.input, nullptr);
    if (answer.status != IAC_OK)
        return {Is::skipped, "the example input was answered with " + answer.text()};
    const auto* dry = find(&subject.input, "/dry_run");
    const auto fault = resultFault(subject.plugin.kind, answer.emitted,
                                   dry != nullptr && dry->type == IAC_BOOL && dry->boolean);
    if (fault.empty()) return {};
    return {Is::failed, "the runner cannot read its result: " + fault};
}

using Members = std::vector<Document::Member>;

Members membersOf(const iac_value& object) {
    Members members;
    for (std::uint32_t i = 0; i < object.count; ++i)
        members.emplace_back(view(object.keys[i]), object.items[i]);
    return members;
}

CheckFinding checkMissing(const CheckSubject& subject) {
    const CheckedInstance instance(subject.plugin, subject.config);
    if (!instance.isMade()) return notMade(instance);
    const Members all = membersOf(subject.input);
    for (const auto& member : all) {
        const std::string_view name = member.first;
        Members fewer = all;
        std::erase_if(fewer, [name](const auto& one) { return one.first == name; });
        Document input;
        input.setRoot(input.object(fewer));
        const Answer answer = instance.call(*input.root(), nullptr);
        if (auto fault = answer.fault(); !fault.empty())
            return {Is::failed,
                    "without the input's member \"" + std::string(name) + "\", " + fault};
    }
    return {};
}

// A newer runner may say more than this plugin knows of.
CheckFinding checkUnknown(const CheckSubject& subject) {
    const CheckedInstance instance(subject.plugin, subject.config);
    if (!instance.isMade()) return notMade(instance);
    Members more = membersOf(subject.input);
    Document input;
    more.emplace_back("member_of_a_newer_runner", input.text("unknown"));
    input.setRoot(input.object(more));
    const Answer plain = instance.call(subject.input, nullptr),
                 extended = instance.call(*input.root(), nullptr);
    if (plain.status == extended.status) return {};
    return {Is::failed, "a member that it does not know changes its answer from " + plain.text() +
                            " to " + extended.text() + "; it has to be ignored"};
}

CheckFinding checkCancel(const CheckSubject& subject) {
    constexpr Duration kSoon{2'000};
    const CheckedInstance instance(subject.plugin, subject.config);
    if (!instance.isMade()) return notMade(instance);
    Cancellation cancel;
    cancel.request();
    const Answer answer = instance.call(subject.input, &cancel);
    if (auto fault = answer.fault(); !fault.empty()) return {Is::failed, fault};
    if (answer.took <= kSoon) return {};
    return {Is::failed, "cancelled before it began, call() still took " +
                            std::to_string(answer.took.count()) + " ms; " +
                            std::to_string(kSoon.count()) +
                            " ms is the most: ask cancelled() in every loop"};
}

CheckFinding checkConcurrent(const CheckSubject& subject) {
    if ((subject.plugin.flags & IAC_CONCURRENT) == 0)
        return {Is::skipped, "it does not say that it is concurrent: its calls never overlap"};
    const CheckedInstance instance(subject.plugin, subject.config);
    if (!instance.isMade()) return notMade(instance);
    constexpr int kThreads = 8, kCalls = 25;
    Guarded<std::string> first;
    {
        std::vector<std::jthread> threads;
        threads.reserve(kThreads);
        for (int i = 0; i < kThreads; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < kCalls; ++n)
                    if (auto fault = instance.call(subject.input, nullptr).fault(); !fault.empty())
                        *first.lock() = fault;
            });
    }
    if (const auto fault = *first.lock(); !fault.empty())
        return {Is::failed, "called by " + std::to_string(kThreads) + " threads at once, " + fault};
    return {};
}

CheckFinding checkForReal(const CheckSubject& subject) {
    const CheckedInstance instance(subject.plugin, subject.config);
    if (!instance.isMade()) return notMade(instance);
    const Answer answer = instance.callForReal(subject.input, *subject.real);
    if (auto fault = answer.fault(); !fault.empty()) return {Is::failed, fault};
    if (answer.status != IAC_OK) return {Is::failed, "it ended with " + answer.text()};
    std::string all;
    for (const auto& json : answer.emitted) (all += all.empty() ? "it said " : " ") += json;
    return {Is::ok, all};
}

struct Test {
    const char* name;
    CheckFinding (*run)(const CheckSubject&);
};
constexpr std::array kTests{
    Test{"exports", checkExports},
    Test{"libraries", checkLibraries},
    Test{"opening", checkOpening},
    Test{"create", checkCreate},
    Test{kMade, checkMade},
    Test{"required", checkRequired},
    Test{"call", checkCall},
    Test{"result", checkResult},
    Test{"missing-input", checkMissing},
    Test{"unknown-input", checkUnknown},
    Test{"cancel", checkCancel},
    Test{"concurrent", checkConcurrent},
    Test{kCase, checkCase},
    Test{kRealCall, checkForReal},
};

}  // namespace

CheckFinding check(const std::string& name, const CheckSubject& subject) {
    const auto* test = std::find_if(kTests.begin(), kTests.end(),
                                    [&](const Test& one) { return one.name == name; });
    if (test == kTests.end()) throw std::runtime_error("there is no test \"" + name + "\"");
    return test->run(subject);
}

}  // namespace iac::plugin
