#include "engine/preview.hpp"

#include "base/utf8.hpp"
#include "http/json_body.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"
#include "intake/checks.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

constexpr std::size_t kMostFiles = 10'000;
constexpr std::size_t kLongestFile = 4'096;

engine::PlanQuestion questionOf(const Site& site, const Request& request) {
    const JsonBody body(request, {"env", "ref", "base", "head", "files"});
    engine::PlanQuestion question;
    question.environment = body.text("env");
    question.ref = body.text("ref", JsonBody::kLongestRef);
    question.base = body.text("base", JsonBody::kLongestRef);
    question.head = body.text("head", JsonBody::kLongestRef);
    question.files = body.texts("files", kMostFiles, kLongestFile);
    if (question.base.empty() != question.head.empty())
        throw Problem(400, "\"base\" and \"head\" are only of use together.");
    const int forms = int{!question.base.empty()} + int{!question.files.empty()};
    if (forms == 2 || (forms == 0 && question.ref.empty()) ||
        (!question.base.empty() && !question.ref.empty()))
        throw Problem(400,
                      "What to plan is one of \"ref\", \"base\" with \"head\", and \"files\" (with "
                      "\"ref\": by the services of that ref).");
    const auto& environments = site.rooms.settings->environments;
    if (question.environment.empty() && !environments.empty())
        question.environment = environments.front().name;
    intake::checkEnvironment(*site.rooms.settings, question.environment);
    return question;
}

}  // namespace

Answer showPlan(const Site& site, Request& request) {
    allowOnly(request, {});
    const auto question = questionOf(site, request);
    request.dropBody();
    if (!site.rooms.plan)
        throw Problem(503, "The repository cannot be asked now.", {{"Retry-After", "5"}});
    const auto answer = site.rooms.plan(question);
    auto object = jsonObject();
    object->set("environment", validUtf8(question.environment));
    setText(object, "revision", answer.revision);
    object->set("plan", toJson(answer.plan));
    setText(object, "note", answer.note);
    return jsonAnswer(200, object);
}

}  // namespace iac::http
