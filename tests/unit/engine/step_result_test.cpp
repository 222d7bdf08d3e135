#include "engine/step_result.hpp"

#include <iac/plugin.h>

#include <catch2/catch.hpp>

using namespace iac;
using engine::stepResult;
using plugin::HostedResult;

namespace {

HostedResult returned(std::int32_t status, std::string message = {},
                      std::vector<std::string> emitted = {}) {
    HostedResult result;
    result.end = HostedResult::End::returned;
    result.status = status;
    result.message = std::move(message);
    result.emitted = std::move(emitted);
    return result;
}

const Masker kMasker;

}  // namespace

TEST_CASE("an executor that returns well has changed something, unless it says otherwise",
          "[step_result]") {
    CHECK(stepResult(returned(IAC_OK), {}, "", {}, kMasker).step.state == StepState::changed);
    const auto said = stepResult(
        returned(IAC_OK, "",
                 {R"({"outcome":"unchanged","summary":"as it was","config_hash":"ab"})"}),
        {}, "", {}, kMasker);
    CHECK(said.step.state == StepState::unchanged);
    CHECK(said.step.summary == "as it was");
    CHECK(said.step.config_hash == "ab");
}

TEST_CASE("a result that cannot be read fails the step, with the plugin named", "[step_result]") {
    for (const std::string& broken :
         {std::string("{not json"), std::string("[1,2]"), std::string(R"({"outcome":7})"),
          std::string(R"({"outcome":"done"})"), std::string(R"({"summary":["x"]})"),
          std::string(R"({"outcome":"unchanged","summary":"M)") + "\xfc" + R"(ller"})",
          std::string(), std::string("\"unchanged\"")}) {
        INFO(broken);
        for (const auto& emitted :
             {std::vector{broken}, std::vector{broken, std::string(R"({"summary":"well"})")}}) {
            auto hosted = returned(IAC_OK, "", emitted);
            hosted.plugin = "acme.x (/plugins/x.so)";
            const auto result = stepResult(hosted, {}, "", {}, kMasker);
            CHECK(result.step.state == StepState::failed);
            CHECK(result.step.diagnosis.error_kind == "invalid_result");
            CHECK_THAT(result.step.summary,
                       Catch::StartsWith("acme.x (/plugins/x.so) emitted an invalid result: "));
            CHECK_FALSE(result.retry);
        }
    }
    engine::TaskOutput fifo;
    fifo.invalid = "is not a regular file";
    CHECK(stepResult(returned(IAC_OK), fifo, "", {}, kMasker).step.state == StepState::failed);
    auto cut = returned(IAC_OK, "", {R"({"outcome":"unchanged"})"});
    cut.emitted_cut = true;
    CHECK(stepResult(cut, {}, "", {}, kMasker).step.state == StepState::failed);
    // What failed by itself keeps its own reason.
    CHECK(stepResult(returned(IAC_FAILED, "no such release", {"{not json"}), {}, "", {}, kMasker)
              .step.summary == "no such release");
}

TEST_CASE("what the task wrote is nearer to the truth than what the executor said",
          "[step_result]") {
    const auto hosted = returned(IAC_OK, "", {R"({"outcome":"changed","summary":"done"})"});
    CHECK(stepResult(hosted, {"unchanged", "", ""}, "", {}, kMasker).step.state ==
          StepState::unchanged);
    CHECK(stepResult(hosted, {"failed", "the check says no", ""}, "", {}, kMasker).step.state ==
          StepState::failed);
    const auto odd = stepResult(hosted, {"maybe", "", ""}, "", {}, kMasker);
    CHECK(odd.step.state == StepState::failed);
    CHECK_THAT(odd.step.summary, Catch::Contains("maybe"));
}

TEST_CASE(
    "a failure keeps the executor's sentence, its diagnosis and whether trying again may help",
    "[step_result]") {
    const auto failed =
        stepResult(returned(IAC_FAILED, "no such release",
                            {R"({"error_kind":"no_release","next_action":"Make one."})"}),
                   {}, "", {}, kMasker);
    CHECK(failed.step.state == StepState::failed);
    CHECK(failed.step.diagnosis == Diagnosis{"no_release", "no such release", "Make one."});
    CHECK_FALSE(failed.retry);
    CHECK(stepResult(returned(IAC_RETRY, "busy"), {}, "", {}, kMasker).retry);
}

TEST_CASE("a crash and a timeout are failures with a kind of their own", "[step_result]") {
    HostedResult crashed;
    crashed.message = "acme.x crashed: Segmentation fault";
    CHECK(stepResult(crashed, {}, "", {}, kMasker).step.diagnosis.error_kind == "plugin_crashed");
    CHECK(stepResult(returned(IAC_INTERNAL, "acme.x (/x.so): a defect"), {}, "", {}, kMasker)
              .step.diagnosis.error_kind == "plugin_crashed");
    CHECK(stepResult(returned(IAC_INTERNAL, "acme.x (/x.so): std::bad_alloc"), {}, "", {}, kMasker)
              .step.diagnosis.error_kind == "out_of_memory");
    HostedResult late;
    late.end = HostedResult::End::timed_out;
    late.message = "it did not end in time";
    CHECK(stepResult(late, {}, "", {}, kMasker).step.diagnosis.error_kind == "timeout");
}

TEST_CASE("a step that was stopped on request is not decided", "[step_result]") {
    HostedResult stopped;
    stopped.end = HostedResult::End::cancelled;
    const auto result = stepResult(stopped, {}, "", {}, kMasker);
    CHECK(result.interrupted);
    CHECK(result.attempt.state == StepState::pending);
    CHECK(result.attempt.message == "it was stopped before its end");
    stopped.message = "acme.web was stopped; it said: the build goes on there";
    CHECK(stepResult(stopped, {}, "", {}, kMasker).attempt.message == stopped.message);
}

TEST_CASE("a plugin that says it was cancelled, and was not, has failed", "[step_result]") {
    const auto result = stepResult(returned(IAC_CANCELLED, "I was stopped"), {}, "", {}, kMasker);
    CHECK_FALSE(result.interrupted);
    CHECK(result.step.state == StepState::failed);
}

TEST_CASE("a secret in a sentence is masked", "[step_result]") {
    Masker masker;
    masker.learn({"hunter22"});
    const auto result =
        stepResult(returned(IAC_FAILED, "cannot log in with hunter22"), {}, "", {}, masker);
    CHECK(result.step.summary == "cannot log in with [secret]");
    CHECK(result.step.diagnosis.summary == "cannot log in with [secret]");
}

TEST_CASE("only a dry run may not know", "[step_result]") {
    const auto unknown = returned(IAC_OK, "", {R"({"outcome":"unknown","summary":"would run x"})"});
    const auto dry = stepResult(unknown, {}, "", {}, kMasker, true);
    CHECK(dry.step.state == StepState::unchanged);
    CHECK(dry.step.diagnosis.error_kind == engine::kDriftUnknown);
    CHECK(dry.step.summary == "would run x");
    const auto real = stepResult(unknown, {}, "", {}, kMasker, false);
    CHECK(real.step.state == StepState::failed);
    CHECK(real.step.diagnosis.error_kind == "invalid_result");
    // A program that can look decides.
    engine::TaskOutput looked;
    looked.outcome = "changed";
    const auto decided = stepResult(unknown, looked, "", {}, kMasker, true);
    CHECK(decided.step.state == StepState::changed);
    CHECK(decided.step.diagnosis.error_kind.empty());
}

TEST_CASE("the summary of a diagnosis is the summary of the step too", "[step_result]") {
    const std::vector<config::DiagnosisRule> rules{{{"role \"app\" does not exist"},
                                                    "database_refused",
                                                    "the database has no user app",
                                                    "Look."},
                                                   {{"known"}, "known", "", "Look."}};
    const auto hosted = returned(IAC_FAILED, "invoke postgres.sync ended with exit code 1");
    const auto explained =
        stepResult(hosted, {}, "FATAL: role \"app\" does not exist", rules, kMasker);
    CHECK(explained.step.summary == "the database has no user app");
    CHECK(explained.step.diagnosis.summary == explained.step.summary);
    // What the executor said stays with the attempt.
    CHECK(explained.attempt.message == "invoke postgres.sync ended with exit code 1");
    for (const char* output : {"known", "unknown"}) {
        const auto result = stepResult(hosted, {}, output, rules, kMasker);
        CHECK(result.step.summary == "invoke postgres.sync ended with exit code 1");
        CHECK(result.step.diagnosis.summary == result.step.summary);
    }
    const auto told = stepResult(returned(IAC_OK), {"failed", "role \"app\" does not exist", ""},
                                 "", rules, kMasker);
    CHECK(told.step.summary == "the database has no user app");
}

TEST_CASE("the summary of a diagnosis holds no secret", "[step_result]") {
    Masker masker;
    masker.learn({"hunter22-hunter22"});
    const auto result =
        stepResult(returned(IAC_FAILED, "failed"), {}, "refused",
                   {{{"refused"}, "refused", "hunter22-hunter22 was refused", "Look."}}, masker);
    CHECK_THAT(result.step.diagnosis.summary, !Catch::Contains("hunter22"));
    CHECK_THAT(result.step.summary, !Catch::Contains("hunter22"));
}
