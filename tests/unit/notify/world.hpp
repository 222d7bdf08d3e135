// A history, a clock that is moved by hand, and scribes: notifiers that write down what they are
// told, in their child processes.
#pragma once

#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>

#include "base/masker.hpp"
#include "fixtures/folder.hpp"
#include "notify/delivery.hpp"
#include "notify/routing.hpp"
#include "unit/history/place.hpp"

namespace iac::test {

struct World {
    fixtures::Folder folder;
    history::HandClock clock;
    history::History history{folder / "history.db", {}, clock};
    Masker masker;
    config::Settings settings;
    std::unique_ptr<plugin::Registry> registry;
    notify::Notifiers notifiers;

    World() {
        const auto plugins = folder / "plugins";
        std::filesystem::create_directory(plugins);
        std::filesystem::copy(std::filesystem::path(IAC_BUILD_DIR) / "tests/plugins/scribe.so",
                              plugins);
        registry = std::make_unique<plugin::Registry>(std::vector{plugins});
        settings.data = folder.path();
        settings.repository.url = "https://user:password@git.example.com/team/infrastructure.git";
        settings.server.public_url = "https://deploy.example.com";
    }
    /// A notifier of that name, told of every move unless its events are set.
    config::NotifierUse& scribe(const std::string& name) {
        auto& notifier = notifiers[name];
        notifier.use.name = name;
        notifier.plugin = &registry->find("notifier", "test.scribe");
        notifier.config = R"({"file":")" + (folder / (name + ".told")).string() + R"(","tries":")" +
                          (folder / (name + ".tries")).string() + R"(","mood":")" +
                          (folder / (name + ".mood")).string() + R"("})";
        return notifier.use;
    }
    /// Once every scribe is there, and before the first deployment.
    void announce() { history.announceTo(notify::subscribers(notifiers)); }
    std::unique_ptr<notify::Delivery> deliver() {
        auto delivery =
            std::make_unique<notify::Delivery>(settings, history, notifiers, masker, clock);
        delivery->start();
        return delivery;
    }
    /// "" is well again. Never half written: a scribe may read it at any time.
    void setMood(const std::string& name, const std::string& mood) {
        fixtures::writeFile(folder / "mood.new", mood + "\n");
        std::filesystem::rename(folder / "mood.new", folder / (name + ".mood"));
    }

    DeploymentId queue(const std::string& revision = std::string(40, 'a')) {
        Event event;
        event.trigger = "manual";
        event.environment = "staging";
        event.ref = "refs/heads/main";
        event.revision = revision;
        event.delivery = std::to_string(++deliveries_);
        event.body_digest = event.delivery;
        event.triggered_by = "ada";
        return history.admit(event, Plan{{{"platform/postgres", "asked for"}}, {}}).deployment;
    }
    /// Takes it from the queue and carries its one step out, which ends like that.
    void begin(DeploymentId id, StepState end, const std::string& error_kind = "",
               const std::string& revision = std::string(40, 'a')) {
        REQUIRE(history.takeNext("staging")->id == id);
        const Plan plan{{{"platform/postgres", "asked for"}}, {}};
        const auto steps = history.setPlan(id, revision, plan, {"invoke"});
        const int attempt = history.startAttempt(steps[0].id);
        history.finishAttempt(steps[0].id, attempt, {end, 0, ""});
        history.finishStep(steps[0].id, {end, "it ended", {error_kind, "", ""}, ""});
    }
    void carryOut(DeploymentId id, StepState end, const std::string& error_kind = "",
                  const std::string& revision = std::string(40, 'a')) {
        begin(id, end, error_kind, revision);
        const bool well = end != StepState::failed;
        history.finish(
            id, {well ? DeploymentState::success : DeploymentState::failed, {error_kind, "", ""}});
    }
    DeploymentId deploy(StepState end = StepState::changed, const std::string& error_kind = "",
                        const std::string& revision = std::string(40, 'a')) {
        const auto id = queue(revision);
        carryOut(id, end, error_kind, revision);
        return id;
    }

    /// Waits until something is so; looks again after every commit.
    template <class Condition>
    void await(Condition condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        for (auto seen = history.changes().count(); !condition();
             seen = history.changes().waitUntil(seen, deadline))
            REQUIRE(std::chrono::steady_clock::now() < deadline);
    }
    std::vector<history::Notification> notifications(DeploymentId id, const std::string& notifier) {
        auto all = history.notifications(id);
        std::erase_if(all, [&](const auto& one) { return one.notifier != notifier; });
        return all;
    }
    /// Waits until nothing of a deployment waits for a notifier.
    void awaitEnd(DeploymentId id, const std::string& notifier) {
        await([&] {
            const auto all = notifications(id, notifier);
            return std::ranges::none_of(all,
                                        [](const auto& one) { return one.state == "waiting"; });
        });
    }
    /// Waits until its first waiting message was tried that often.
    void awaitTries(DeploymentId id, const std::string& notifier, int tries) {
        await([&] {
            const auto all = notifications(id, notifier);
            return std::ranges::any_of(all, [&](const auto& one) { return one.attempts >= tries; });
        });
    }
    /// Lets time pass for the couriers.
    void pass(Duration time) {
        clock.pass(time);
        history.messages().ring();
    }
    std::vector<std::string> lines(const std::string& file) {
        std::vector<std::string> all;
        std::istringstream in(fixtures::readFile(folder / file));
        for (std::string line; std::getline(in, line);) all.push_back(line);
        return all;
    }
    std::vector<Poco::JSON::Object::Ptr> told(const std::string& name) {
        std::vector<Poco::JSON::Object::Ptr> all;
        for (const auto& line : lines(name + ".told"))
            all.push_back(Poco::JSON::Parser().parse(line).extract<Poco::JSON::Object::Ptr>());
        return all;
    }
    /// "queued 1" for each message, in the order in which they came.
    std::vector<std::string> events(const std::string& name) {
        std::vector<std::string> all;
        for (const auto& one : told(name))
            all.push_back(one->getValue<std::string>("event").substr(11) + " " +
                          one->getObject("deployment")->getValue<std::string>("id"));
        return all;
    }

private:
    int deliveries_ = 0;
};

}  // namespace iac::test
