#include <catch2/catch.hpp>

#include "repository/mirror.hpp"
#include "world.hpp"

namespace iac::http {
namespace {

engine::PlanAnswer echo(const engine::PlanQuestion& question) {
    engine::PlanAnswer answer;
    answer.revision = std::string(40, 'a');
    answer.note = "a note";
    const std::string asked = question.environment + "|" + question.ref + "|" + question.base +
                              "|" + question.head + "|" + std::to_string(question.files.size());
    answer.plan.services = {{"platform/postgres", asked}};
    answer.plan.skipped = {{"bootstrap/vault", "deployed by hand"}};
    return answer;
}

std::string asked(const Received& answer) {
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return answer.json()
        ->getObject("plan")
        ->getArray("services")
        ->getObject(0)
        ->getValue<std::string>("reason");
}

}  // namespace

TEST_CASE("a plan is asked for by ref, by what lies between two, or by files") {
    World world({}, {}, echo);
    CHECK(asked(world.send("POST", "/plan", R"({"env":"production","ref":"v1"})")) ==
          "production|v1|||0");
    CHECK(asked(world.send("POST", "/plan", R"({"base":"main","head":"topic"})")) ==
          "staging||main|topic|0");
    CHECK(asked(world.send("POST", "/plan", R"({"ref":"v1","files":["a"]})")) == "staging|v1|||1");
    const auto files = world.send("POST", "/plan", R"({"files":["a","b"]})");
    CHECK(files.text("note") == "a note");
    CHECK(asked(files) == "staging||||2");
    CHECK(files.text("revision") == std::string(40, 'a'));
    CHECK(files.json()->getObject("plan")->getArray("skipped")->size() == 1);
    CHECK(world.sendWith(world.makeToken("reader", "read"), "POST", "/plan", R"({"ref":"v1"})")
              .status == 200);
}

TEST_CASE("a question for a plan that is none, or that cannot be answered, says so") {
    World world({}, {}, [](const engine::PlanQuestion& question) -> engine::PlanAnswer {
        if (question.ref == "gone")
            throw engine::CannotDeploy({"ref_not_found", "there is no ref \"gone\"", "Push it."});
        throw repository::GitFailed("git_unreachable", "github.com does not answer");
    });
    for (const std::string body :
         {"{}", R"({"env":"staging"})", R"({"base":"a","head":"b","files":["b"]})",
          R"({"ref":"a","base":"a","head":"b"})", R"({"base":"a"})", R"({"files":[]})",
          R"({"files":[1]})", R"({"ref":""})", R"({"ref":null})"}) {
        INFO(body);
        CHECK(world.send("POST", "/plan", body).status == 400);
    }
    CHECK(world.send("POST", "/plan", R"({"env":"moon","ref":"v1"})").status == 422);
    const auto gone = world.send("POST", "/plan", R"({"ref":"gone"})");
    CHECK(gone.status == 422);
    CHECK(gone.text("error") == "there is no ref \"gone\". Push it.");
    const auto unreachable = world.send("POST", "/plan", R"({"ref":"v1"})");
    CHECK(unreachable.status == 503);
    CHECK(unreachable.headers.count("retry-after") == 1);
    World without;
    CHECK(without.send("POST", "/plan", R"({"ref":"v1"})").status == 503);
}

}  // namespace iac::http
