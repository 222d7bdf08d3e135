// A trigger or a mapper in the plugin host.
#include <algorithm>

#include "plugin/check_host.hpp"
#include "plugin/host.hpp"
#include "plugin/instance.hpp"

namespace iac::plugin {
namespace {

using End = HostedResult::End;

constexpr std::size_t kBytesOfResult = 256;  // on average, of what a mapper says of one path

HostedEvents eventsFor(const Plugin& plugin, Masker* masker) {
    HostedEvents events;
    events.log = [&plugin](int level, std::string_view sentence) {
        logFor(plugin, level, sentence);
    };
    events.output = [&plugin](int, std::string_view bytes) { logFor(plugin, IAC_DEBUG, bytes); };
    if (masker != nullptr)
        events.mask = [masker](std::string_view secret) { masker->learnFetched(secret); };
    return events;
}

// The host names the plugin in a defect, and so does whoever reads the answer.
std::string withoutName(std::string message, const std::string& name) {
    if (message.starts_with(name + ": ")) message.erase(0, name.size() + 2);
    return message;
}

}  // namespace

HostedInstance::HostedInstance(const Plugin& plugin, std::string_view config,
                               const CallSettings& settings)
    : Instance(plugin), config_(config), timeout_(settings.timeout), masker_(settings.masker) {
    std::string reason;
    if (Document::parse(config_, reason) == nullptr)
        throw Refused(plugin.id + ": its configuration cannot be read: " + reason);
    HostedCall call;
    call.plugin = &this->plugin();
    call.config = config_;
    call.input = "{}";
    call.timeout = timeout_;
    call.grace = kLastMoment;
    call.check = kMade;
    const auto result = callInHost(call, eventsFor(this->plugin(), masker_));
    if (result.end == End::returned && result.status == IAC_OK) return;
    throw Refused(result.end == End::returned
                      ? plugin.id + ": create() failed: " + withoutName(result.message, name())
                      : result.message);
}

void HostedInstance::stop() const {
    places_.lock()->stopping = true;
    stop_.request();
    left_.notify_all();
}

void HostedInstance::takePlace() const {
    auto places = places_.lock();
    const bool in_time =
        places.waitUntil(left_, std::chrono::steady_clock::now() + timeout_,
                         [](const Places& now) { return now.stopping || now.taken < kMostAtOnce; });
    if (places->stopping) throw Stopped(plugin().id, name() + " was not called: the runner stops");
    if (!in_time)
        throw Unanswered(plugin().id, name() + " was not called: " + std::to_string(kMostAtOnce) +
                                          " other calls kept it busy for " +
                                          std::to_string(timeout_.count()) + "ms");
    ++places->taken;
}

Instance::Answer HostedInstance::call(const char* function, std::shared_ptr<const CallInput> input,
                                      std::size_t most) const {
    takePlace();
    struct Leave {
        ~Leave() {
            --of.places_.lock()->taken;
            of.left_.notify_one();
        }
        const HostedInstance& of;
    } const leave{*this};
    HostedCall call;
    call.plugin = &plugin();
    call.config = config_;
    call.input = input->document.json(input->bodiless);
    call.body = input->body;
    call.timeout = timeout_;
    call.grace = kLastMoment;
    call.most_emitted = most;
    call.most_emitted_bytes = std::max(call.most_emitted_bytes, most * kBytesOfResult);
    call.cancel = &stop_;
    auto result = callInHost(call, eventsFor(plugin(), masker_));
    if (result.end == End::cancelled) throw Stopped(plugin().id, result.message);
    // What could not be started may be later.
    if (result.end == End::refused) throw Unanswered(plugin().id, result.message);
    if (result.end == End::timed_out)
        throw Unanswered(plugin().id,
                         name() + " did not return from " + function + "(): " + result.message);
    if (result.end == End::crashed) throw Failed(result.message);
    if (result.emitted_cut)
        throw Failed(name() + ": it emitted more than " + std::to_string(most) + " results");
    return {result.status, withoutName(std::move(result.message), name()),
            std::move(result.emitted)};
}

}  // namespace iac::plugin
