// What would be deployed, asked before anything is.
#include "engine/preview.hpp"

#include "world.hpp"

using namespace iac;
using namespace iac::tests;
using Catch::Contains;

namespace {

struct Asked : World {
    engine::Preview preview{settings, preparation, mirror, newest, planner};
    engine::PlanAnswer ask(const engine::PlanQuestion& question) {
        return preview.answer(question, cancel);
    }
    engine::PlanAnswer askRef(const std::string& ref) {
        engine::PlanQuestion question;
        question.environment = "staging";
        question.ref = ref;
        return ask(question);
    }
};

std::string ids(const Plan& plan) {
    std::string all;
    for (const auto& one : plan.services) all += one.service + " ";
    return all;
}

}  // namespace

TEST_CASE("a plan of files is judged by the services of the ref that is given", "[preview]") {
    Asked world;
    world.remote.git({"tag", "before"});
    world.remote.git({"mv", "platform/02.redis", "platform/03.valkey"});
    const auto head = world.remote.commit({});
    world.preparation.refresh(world.cancel);
    engine::PlanQuestion question;
    question.environment = "staging";
    question.files = {"platform/02.redis/deploy.py", "platform/03.valkey/deploy.py"};
    CHECK(ids(world.ask(question).plan) == "platform/valkey ");
    CHECK(world.ask(question).revision == head);
    question.ref = "before";
    CHECK(ids(world.ask(question).plan) == "platform/redis ");
    CHECK(world.ask(question).revision == world.first);
    question.ref = "nowhere";
    CHECK_THROWS_AS(world.ask(question), engine::CannotDeploy);
}

TEST_CASE("a plan says what was never deployed and what a first deployment is", "[preview]") {
    Asked world;
    CHECK(world.askRef("main").plan.services.empty());
    CHECK(world.askRef("main").note ==
          "nothing has been deployed to staging yet: a push deploys the services that it touches; "
          "\"iac-runner deploy staging main\" deploys all of them");
    world.planned(world.push("", world.first, {"platform/01.postgres/deploy.py"}));
    CHECK(world.askRef("main").note ==
          "never deployed to staging: platform/redis; a push that touches one deploys it, and so "
          "does \"iac-runner deploy staging main --service platform/redis\"");
    const auto second = world.remote.commit({{"libs/common.py", "2"}});
    world.planned(world.push(world.first, second, {"libs/common.py"}));
    CHECK(world.askRef("main").note.empty());
}
