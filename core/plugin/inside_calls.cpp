#include "plugin/inside_calls.hpp"

#include <iac/plugin.h>

#include <algorithm>
#include <map>
#include <system_error>
#include <thread>

#include "base/log.hpp"
#include "plugin/crash.hpp"
#include "plugin/inside.hpp"

namespace iac::plugin {
namespace {

using SteadyClock = std::chrono::steady_clock;

// By plugin id and function. Never destroyed: a call may return while the process ends.
Guarded<std::map<std::pair<std::string, std::string>, std::size_t>>& stuck() {
    static auto* all = new Guarded<std::map<std::pair<std::string, std::string>, std::size_t>>();
    return *all;
}

std::size_t stuckOf(const std::string& id) {
    std::size_t count = 0;
    auto all = stuck().lock();
    for (const auto& [call, times] : *all)
        if (call.first == id) count += times;
    return count;
}

void markStuck(const std::string& id, const char* function, bool is) {
    auto all = stuck().lock();
    const auto entry = all->try_emplace({id, function}, 0).first;
    is ? ++entry->second : --entry->second;
    if (entry->second == 0) all->erase(entry);
}

std::string milliseconds(Duration duration) {
    return std::to_string(duration.count()) + "ms";
}

}  // namespace

std::vector<StuckCall> stuckCalls() {
    std::vector<StuckCall> result;
    auto all = stuck().lock();
    for (const auto& [call, times] : *all) result.push_back({call.first, call.second, times});
    return result;
}

InsideCalls::InsideCalls(const Plugin& plugin, Duration timeout)
    : shared_(std::make_shared<Shared>()) {
    shared_->id = plugin.id;
    shared_->name = plugin.id + " (" + plugin.file.string() + ")";
    shared_->concurrent = (plugin.functions->flags & IAC_CONCURRENT) != 0;
    shared_->timeout = timeout;
}

InsideCalls::End InsideCalls::run(const char* function, Work work) {
    return run(function, std::move(work), false);
}

bool InsideCalls::runLast(const char* function, Work work) noexcept try {
    run(function, std::move(work), true);
    return true;
} catch (const std::exception& error) {
    log::warning("plugin", error.what());
    return false;
}

void InsideCalls::stop() {
    {
        auto state = shared_->state.lock();
        state->stopping = true;
        for (const auto& call : state->calls) {
            call->cancel.request();
            call->changed.notify_all();
        }
    }
    shared_->turn.notify_all();
}

InsideCalls::End InsideCalls::run(const char* function, Work work, bool last) {
    const auto call = enter(function, last);
    std::thread thread;
    try {
        thread = std::thread([shared = shared_, call, function, work = std::move(work)]() mutable {
            try {
                const CurrentCall current(shared->name.c_str(), function);
                work(call->cancel);
            } catch (...) {
                call->thrown = std::current_exception();
            }
            work = {};  // what it owns goes before the call counts as ended
            leave(*shared, *call, function);
        });
    } catch (const std::exception& error) {
        leave(*shared_, *call, function);
        throw Unanswered(shared_->id, shared_->name + " was not called: " + error.what());
    }
    try {
        const End end = awaitEnd(*call, function);
        thread.join();
        if (call->thrown) std::rethrow_exception(call->thrown);
        return end;
    } catch (...) {
        if (thread.joinable()) thread.detach();
        throw;
    }
}

// destroy() makes no new one.
bool InsideCalls::isStuck(const State& state, bool last) const {
    if (!shared_->concurrent && state.stuck > 0) return true;
    return !last && stuckOf(shared_->id) >= kMostStuckCalls;
}

std::shared_ptr<InsideCalls::Call> InsideCalls::enter(const char* function, bool last) {
    auto call = std::make_shared<Call>();
    const std::size_t most = shared_->concurrent ? kMostCallsAtOnce : 1;
    auto state = shared_->state.lock();
    const bool in_time = state.waitUntil(
        shared_->turn, SteadyClock::now() + shared_->timeout,
        [&](const State& now) { return now.stopping || isStuck(now, last) || now.inside < most; });
    if (state->stopping && !last)
        throw Stopped(shared_->id, shared_->name + " was not called: the runner stops");
    if (isStuck(*state, last))
        throw Unanswered(shared_->id, shared_->name +
                                          " was not called: an earlier call has not returned; find "
                                          "out why, and restart the runner");
    if (!in_time || state->inside >= most)
        throw Unanswered(shared_->id, shared_->name + " was not called: other calls of " +
                                          function + "() kept it busy for " +
                                          milliseconds(shared_->timeout));
    ++state->inside;
    state->calls.push_back(call);
    return call;
}

// On the thread of the call.
void InsideCalls::leave(Shared& shared, Call& call, const char* function) {
    bool late = false;
    {
        auto state = shared.state.lock();
        --state->inside;
        std::erase_if(state->calls, [&](const auto& one) { return one.get() == &call; });
        late = call.given_up;
        if (late) --state->stuck;
        call.done = true;
        call.changed.notify_all();
    }
    shared.turn.notify_one();
    if (!late) return;
    log::warning("plugin", "a call that was given up has returned: plugin=" + shared.name +
                               " call=" + function);
    // Last: without a stuck call the process may end, and its log with it.
    markStuck(shared.id, function, false);
}

InsideCalls::End InsideCalls::awaitEnd(Call& call, const char* function) {
    bool stopped = false;
    {
        auto state = shared_->state.lock();
        state.waitUntil(call.changed, SteadyClock::now() + shared_->timeout,
                        [&](const State& now) { return call.done || now.stopping; });
        if (call.done && !state->stopping) return End::in_time;
        stopped = state->stopping;
        call.cancel.request();
        if (state.waitUntil(call.changed, SteadyClock::now() + kLastMoment,
                            [&](const State&) { return call.done; }))
            return stopped ? End::cancelled_by_stop : End::cancelled_late;
        call.given_up = true;
        ++state->stuck;
        markStuck(shared_->id, function, true);
    }
    shared_->turn.notify_all();
    log::error("plugin", "a call does not return, and is given up: plugin=" + shared_->name +
                             " call=" + function + " timeout=" + milliseconds(shared_->timeout) +
                             (stopped ? " because=stop" : ""));
    const std::string sentence = shared_->name + " did not return from " + function + "()";
    if (stopped) throw Stopped(shared_->id, sentence + ": the runner stops");
    throw Unanswered(shared_->id, sentence + " in " + milliseconds(shared_->timeout));
}

}  // namespace iac::plugin
