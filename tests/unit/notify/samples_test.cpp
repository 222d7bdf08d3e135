#include "notify/samples.hpp"

#include <set>

#include "world.hpp"

using namespace iac;
using Lines = std::vector<std::string>;
using test::World;

namespace {

struct Sent {
    bool all = false;
    std::vector<std::string> names, sentences;
    int delivered = 0;
};

Sent send(World& world) {
    Sent sent;
    sent.all = notify::sendSamples(world.settings, world.notifiers.at("scribe"),
                                   [&](const notify::SampleEnd& end) {
                                       sent.names.emplace_back(end.name);
                                       sent.sentences.push_back(end.sentence);
                                       sent.delivered += end.delivered ? 1 : 0;
                                   });
    return sent;
}

}  // namespace

TEST_CASE("a notifier is sent a sample of every state, marked as such", "[samples]") {
    World world;
    world.scribe("scribe").environments = {"production"};
    const auto sent = send(world);
    CHECK(sent.all);
    CHECK(sent.names == Lines{"queued", "started", "success", "failed", "cancelled", "recovered"});
    CHECK(sent.sentences.front() == "it was taken: deployment.queued");
    CHECK(world.events("scribe") ==
          Lines{"queued 1", "started 1", "finished 1", "finished 2", "finished 3", "recovered 4"});
    std::set<std::string> ids;
    std::string memories;
    for (const auto& one : world.told("scribe")) {
        CHECK(one->getValue<bool>("sample"));
        CHECK(one->getObject("deployment")->getValue<std::string>("environment") == "production");
        CHECK_FALSE(one->getObject("repository")->getValue<std::string>("web").empty());
        ids.insert(one->getValue<std::string>("notification"));
        memories += one->getValue<std::string>("memory") + ",";
    }
    CHECK(ids.size() == 6);
    CHECK(memories == ",m,mm,,,,");  // the moves of one deployment edit one message
    const auto failed = world.told("scribe").at(3);
    CHECK_FALSE(failed->getValue<std::string>("log_tail").empty());
    CHECK(failed->getObject("deployment")->getValue<std::string>("error_kind") == "port_in_use");
}

TEST_CASE("a sample that fails says why, and the others are sent all the same", "[samples]") {
    World world;
    world.scribe("scribe");
    world.setMood("scribe", "fail deployment.started");
    const auto sent = send(world);
    CHECK_FALSE(sent.all);
    CHECK(sent.delivered == 5);
    CHECK(sent.sentences.at(1) == "it does not like deployment.started");
}
