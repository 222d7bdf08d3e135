#include "generation.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/log.hpp"
#include "notify/routing.hpp"

namespace iac {
namespace {

constexpr Duration kLookupTimeout{
    5'000};  // to ask the remote whether a ref exists, before a request is accepted

template <class Work>
void attempt(Work work) {
    try {
        work();
    } catch (const std::exception& e) {
        log::warning("runner", e.what());
    }
}

}  // namespace

Generation::Generation(std::unique_ptr<const PluginsInUse> plugins, const Ground& ground)
    : plugins_(std::move(plugins)),
      settings_(plugins_->settings()),
      ground_(ground),
      planner_(plugins_->mappers()),
      intake_(settings_, ground.history, newest_, planner_,
              {[this](std::string_view ref) { return refExists(ref); },
               [this](std::string_view ref) { return revisionOf(ref); },
               [this](std::string_view ref) { return catalogueAt(ref); }},
              ground.masker, ground.clock),
      engine_(settings_, ground.history, ground.mirror, newest_, planner_, plugins_->executors(),
              ground.masker, ground.clock, ground.lane_claims, &ground.cgroups),
      preview_(settings_, engine_.preparation(), ground.mirror, newest_, planner_),
      upkeep_(settings_, ground.history, intake_, preview_, ground.clock),
      delivery_(settings_, ground.history, plugins_->notifiers(), ground.masker, ground.clock) {}

void Generation::showServices() try {
    engine_.preparation().showServices();
} catch (const repository::GitFailed& e) {
    log::warning("repository", e.what());
}

void Generation::start() {
    ground_.history.announceTo(notify::subscribers(plugins_->notifiers()));
    upkeep_.placeFreezes();
    engine_.start();
    upkeep_.start();
    delivery_.start();
}

// What cannot be done because the database does not answer does not keep it from working.
void Generation::succeed() {
    ground_.history.announceTo(notify::subscribers(plugins_->notifiers()));
    attempt([&] { upkeep_.placeFreezes(); });
    failUnknownEnvironments();
    engine_.succeed();
    upkeep_.start();
    attempt([&] { delivery_.start(); });
}

void Generation::failUnknownEnvironments() {
    attempt([&] { engine_.failUnknownEnvironments(); });
}

void Generation::retire() {
    engine_.retire();
    upkeep_.stop();
    delivery_.stop();
}

std::optional<int> Generation::waitsFor() const {
    if (const auto lane = engine_.waitsFor()) return lane;
    if (!left_->requested()) return left_->descriptor();
    return std::nullopt;
}

void Generation::interrupt() {
    engine_.interrupt();
    plugins_->stopTriggers();
    plugins_->stopMappers();
}

// A lane that takes no more hands back what a stopped mapper kept it from planning.
void Generation::stop(std::chrono::steady_clock::time_point deadline) {
    upkeep_.stop();
    engine_.retire();
    plugins_->stopMappers();
    engine_.stop(deadline);
    delivery_.stop();
}

// None of these fetches: they are asked while a caller waits. What the mirror has not seen yet is
// asked of the remote, for a short time, and what cannot be known now is for the engine to find
// out.
std::optional<bool> Generation::refExists(std::string_view ref) {
    if (ground_.mirror.healthy() && ground_.mirror.resolve(ref)) return true;
    const auto now = ground_.mirror.remoteRevision(ref, kLookupTimeout, &ground_.stopping);
    if (!now) return std::nullopt;
    return !now->empty();
}

std::optional<std::string> Generation::revisionOf(std::string_view ref) {
    auto& mirror = ground_.mirror;
    try {
        // A tag does not move, and where a branch moves the engine looks again.
        if (auto known = mirror.healthy() ? mirror.resolve(ref) : std::nullopt) return known;
        auto now = mirror.remoteRevision(ref, kLookupTimeout, &ground_.stopping);
        return now && now->empty() ? std::nullopt : now;
    } catch (const repository::AmbiguousRef&) {
        throw;
    } catch (const std::runtime_error& e) {
        log::warning("intake", std::string("a ref cannot be looked up: ") + e.what());
        return std::nullopt;
    }
}

std::shared_ptr<const planning::Catalogue> Generation::catalogueAt(std::string_view ref) {
    auto& mirror = ground_.mirror;
    try {
        if (!mirror.healthy()) return nullptr;
        auto revision = isFullSha(ref)
                            ? std::optional(std::string(ref))
                            : mirror.remoteRevision(ref, kLookupTimeout, &ground_.stopping);
        if (!revision || !mirror.has(*revision)) return nullptr;
        return std::make_shared<const planning::Catalogue>(settings_.services,
                                                           mirror.paths(*revision));
    } catch (const repository::AmbiguousRef&) {
        throw;
    } catch (const std::runtime_error& e) {
        log::warning("intake",
                     std::string("the services of a ref cannot be looked up: ") + e.what());
        return nullptr;
    }
}

http::Rooms Generation::rooms() {
    http::Rooms rooms;
    rooms.lease = std::shared_ptr<void>(nullptr, [left = left_](void*) { left->request(); });
    rooms.settings = &settings_;
    rooms.history = &ground_.history;
    rooms.intake = &intake_;
    rooms.catalogue = &newest_;
    rooms.registry = &plugins_->registry();
    rooms.plan = [this](const engine::PlanQuestion& question) {
        return preview_.answer(question, ground_.stopping);
    };
    rooms.masker = &ground_.masker;
    rooms.clock = &ground_.clock;
    rooms.reloads = &ground_.reloads;
    rooms.cgroup = ground_.cgroups.describe();
    for (const auto& one : plugins_->triggers())
        rooms.triggers.push_back({one->use.name, one->use.environment, &one->trigger});
    rooms.checks = {
        {"database", [this] { return ground_.history.healthy(); }},
        {"repository", [this] { return ground_.mirror.healthy(); }},
        {"plugins", [this] { return plugins_->areThere() && plugin::stuckCalls().empty(); }},
        {"secrets", [this] {
             return std::ranges::all_of(settings_.secret_files, [](const auto& file) {
                 return ::access(file.c_str(), R_OK) == 0;
             });
         }}};
    return rooms;
}

}  // namespace iac
