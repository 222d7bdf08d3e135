#include "notify/answer.hpp"

#include <iac/plugin.h>

#include <catch2/catch.hpp>

using namespace iac;
using notify::Answer;
using End = plugin::HostedResult::End;

namespace {

Answer answer(End end, std::int32_t status, const std::vector<std::string>& emitted = {}) {
    plugin::HostedResult result;
    result.end = end;
    result.status = status;
    result.message = status == IAC_OK ? "" : "it said no";
    result.emitted = emitted;
    return notify::answerOf(result);
}

}  // namespace

TEST_CASE("what a notifier returns decides whether it is told again", "[answer]") {
    struct Case {
        End end;
        std::int32_t status;
        Answer::Is is;
    };
    const auto one = GENERATE(Case{End::returned, IAC_OK, Answer::Is::delivered},
                              Case{End::returned, IAC_RETRY, Answer::Is::passing},
                              Case{End::timed_out, IAC_INTERNAL, Answer::Is::passing},
                              Case{End::returned, IAC_INTERNAL, Answer::Is::broken},
                              Case{End::crashed, IAC_INTERNAL, Answer::Is::broken},
                              Case{End::refused, IAC_INTERNAL, Answer::Is::broken},
                              Case{End::returned, IAC_FAILED, Answer::Is::final},
                              Case{End::returned, IAC_INVALID, Answer::Is::final},
                              Case{End::returned, IAC_CANCELLED, Answer::Is::final},
                              Case{End::cancelled, IAC_CANCELLED, Answer::Is::stopped});
    INFO(static_cast<int>(one.end) << " " << one.status);
    CHECK(answer(one.end, one.status).is == one.is);
}

TEST_CASE("the last one to say a member wins, and what is none of ours is passed over",
          "[answer]") {
    const auto said =
        answer(End::returned, IAC_OK,
               {R"({"memory": "first", "answer": "taken"})", R"({"memory": "second"})",
                R"({"memory": null, "answer": null, "retry_after": 5, "other": {}})"});
    CHECK(said.memory == "second");
    CHECK(said.sentence == "taken");
    CHECK_FALSE(said.retry_after);
    CHECK_FALSE(answer(End::returned, IAC_OK).memory);
    CHECK(answer(End::returned, IAC_OK, {R"({"memory": ""})"}).memory == "");
}

TEST_CASE("a result that cannot be read is a failed delivery with its reason", "[answer]") {
    const std::string large(notify::kLongestMemory + 1, 'x');
    const std::pair<std::string, std::string> cases[] = {
        {"{not json", "is not JSON"},
        {"[1]", "is not a JSON object"},
        {"\"text\"", "is not a JSON object"},
        {R"({"memory": 7})", "\"memory\" is not text"},
        {R"({"memory": ["a"]})", "\"memory\" is not text"},
        {R"({"answer": {}})", "\"answer\" is not text"},
        {R"({"retry_after": "30"})", "\"retry_after\" is not a number"},
        {R"({"memory": ")" + large + "\"}", "its memory has 4097 bytes"},
        {std::string("{\"memory\": \"\xff\"}"), "is not JSON in UTF-8"}};
    for (const auto& [emitted, why] : cases) {
        CAPTURE(emitted);
        for (const auto& all : {std::vector{emitted}, std::vector{emitted, std::string("{}")}}) {
            const auto said = answer(End::returned, IAC_OK, all);
            CHECK(said.is == Answer::Is::final);
            CHECK_THAT(said.sentence,
                       Catch::Contains("emitted an invalid result: ") && Catch::Contains(why));
        }
        // A call that failed keeps its own reason.
        CHECK(answer(End::returned, IAC_RETRY, {emitted}).is == Answer::Is::passing);
    }
}

TEST_CASE("a memory of up to 4 KiB is kept, also of a call that failed", "[answer]") {
    const auto remember = [](std::size_t size) {
        return answer(End::returned, IAC_RETRY,
                      {R"({"memory": ")" + std::string(size, 'x') + "\"}"});
    };
    CHECK(remember(notify::kLongestMemory).memory->size() == notify::kLongestMemory);
    CHECK_FALSE(remember(notify::kLongestMemory + 1).memory);
}

TEST_CASE("a pause that is asked for is bounded, and counts only with IAC_RETRY", "[answer]") {
    const auto pause = [](const std::string& seconds, std::int32_t status = IAC_RETRY) {
        return answer(End::returned, status, {R"({"retry_after": )" + seconds + "}"}).retry_after;
    };
    CHECK(pause("30") == Duration{30'000});
    CHECK(pause("0.25") == Duration{250});
    CHECK(pause("0") == Duration{0});
    CHECK(pause("-5") == Duration{0});
    CHECK(pause("1e300") == notify::kLongestRetryAfter);
    CHECK_FALSE(pause("\"30\""));
    CHECK_FALSE(pause("30", IAC_FAILED));
}

TEST_CASE("a failure says what to do", "[answer]") {
    CHECK(answer(End::returned, IAC_FAILED, {R"({"next_action": "Invite the bot."})"}).sentence ==
          "it said no. Invite the bot.");
    CHECK(answer(End::returned, IAC_FAILED, {R"({"answer": "nothing"})"}).sentence == "it said no");
}
