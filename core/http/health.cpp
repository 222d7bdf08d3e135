#include "http/health.hpp"

#include <algorithm>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"
#include "model/json.hpp"
#include "plugin/inside.hpp"

namespace iac::http {
namespace {

bool passes(const std::string& name, const std::function<bool()>& check) {
    try {
        return check();
    } catch (const std::exception& error) {
        log::warning("http", "the health check \"" + name + "\" failed: " + error.what());
        return false;
    }
}

}  // namespace

Health::Health() : worker_([this] { work(); }) {}

Health::~Health() {
    state_.lock()->stopping = true;
    changed_.notify_all();
    worker_.join();
}

void Health::work() {
    for (;;) {
        std::size_t round = 0;
        std::shared_ptr<const Checks> checks;
        {
            auto state = state_.lock();
            state.wait(changed_,
                       [](const State& now) { return now.stopping || now.asked != now.done; });
            if (state->stopping) return;
            round = state->asked;
            checks = state->checks;
            state->results.clear();
        }
        failpoint("health.checking");
        for (const auto& [name, check] : *checks) {
            const bool well = passes(name, check);
            state_.lock()->results[name] = well;
        }
        {
            auto state = state_.lock();
            state->done = round;
            state->at = Steady::now();
        }
        changed_.notify_all();
    }
}

void Health::use(std::shared_ptr<const Checks> checks) {
    auto state = state_.lock();
    state->checks = std::move(checks);
    state->at = {};
}

std::map<std::string, bool> Health::ask() {
    auto state = state_.lock();
    if (state->asked == state->done && Steady::now() - state->at > kFresh) {
        ++state->asked;
        changed_.notify_all();
    }
    state.waitUntil(changed_, Steady::now() + kPatience,
                    [](const State& now) { return now.asked == now.done; });
    auto results = state->results;
    for (const auto& [name, check] : *state->checks) results.try_emplace(name, false);
    return results;
}

std::chrono::seconds Health::uptime() const {
    return std::chrono::duration_cast<std::chrono::seconds>(Steady::now() - began_);
}

Answer showHealth(const Site& site, Request&) {
    const auto results = site.health.ask();
    const auto stuck = plugin::stuckCalls();
    const bool well =
        stuck.empty() && std::ranges::all_of(results, [](const auto& one) { return one.second; });
    auto checks = jsonObject();
    for (const auto& [name, passed] : results) checks->set(name, passed);
    auto object = jsonObject();
    object->set("status", well ? "healthy" : "degraded");
    object->set("version", IAC_VERSION);
    object->set("uptime", static_cast<std::int64_t>(site.health.uptime().count()));
    object->set("checks", checks);
    object->set("cgroup", site.rooms.cgroup);
    if (!stuck.empty()) {
        Poco::JSON::Array::Ptr array = new Poco::JSON::Array;
        for (const auto& one : stuck) {
            auto call = jsonObject();
            call->set("plugin", one.plugin);
            call->set("call", one.function);
            call->set("times", one.times);
            array->add(call);
        }
        object->set("stuck_plugins", array);
    }
    return jsonAnswer(well ? 200 : 503, object);
}

}  // namespace iac::http
