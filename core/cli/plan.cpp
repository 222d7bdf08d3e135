#include "cli/plan.hpp"

#include <iostream>
#include <memory>

#include "cli/answers.hpp"
#include "cli/client.hpp"
#include "cli/request.hpp"
#include "cli/terminal.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

struct Question {
    std::string environment, ref, base, head;
    std::vector<std::string> files;
    bool drift = false, json = false;
};

void checkOneQuestion(const Question& question) {
    // A ref beside --files says whose services judge them.
    const bool by_ref = !question.ref.empty() && question.files.empty();
    const int asked = int{by_ref} + int{!question.base.empty()} + int{!question.files.empty()} +
                      int{question.drift};
    if (asked != 1)
        throw Refused(
            "say what to plan: ENV REF, or [ENV [REF]] --files FILE..., or --base A --head B, or "
            "--drift ENV");
    if (question.drift && question.environment.empty())
        throw Refused("say of which environment: plan --drift ENV");
}

Object bodyOf(const Question& question) {
    auto body = jsonObject();
    if (!question.environment.empty()) body->set("env", question.environment);
    if (!question.ref.empty()) body->set("ref", question.ref);
    if (!question.base.empty()) body->set("base", question.base);
    if (!question.head.empty()) body->set("head", question.head);
    if (!question.files.empty()) body->set("files", listOf(question.files));
    return body;
}

void print(const Object& answer) {
    const auto plan = objectOf(answer, "plan");
    std::vector<std::vector<std::string>> rows{{"SERVICE", "PLAN", "WHY"}};
    for (const Object& one : objectsOf(plan, "services"))
        rows.push_back({textOf(one, "service"), "deploy", textOf(one, "reason")});
    for (const Object& one : objectsOf(plan, "skipped"))
        rows.push_back({textOf(one, "service"), one->optValue("held", false) ? "held" : "skip",
                        textOf(one, "reason")});
    std::cerr << "To " << textOf(answer, "environment");
    if (answer->has("revision")) std::cerr << " at " << shownRevision(answer);
    std::cerr << (rows.size() == 1 ? ": nothing would be deployed.\n" : ":\n");
    if (rows.size() > 1) printTable(rows, 1);
    if (answer->has("note")) std::cerr << textOf(answer, "note") << '\n';
}

int plan(const Options& options, const Question& question) {
    checkOneQuestion(question);
    if (question.drift) return showDrift(options, question.environment, question.json);
    const Object answer = Client(findEndpoint(options)).send("POST", "/plan", bodyOf(question));
    question.json ? printJson(answer) : print(answer);
    return kDone;
}

}  // namespace

void addPlan(CLI::App& app, const Options& options, Run& run) {
    auto* command =
        app.add_subcommand("plan", "What would be deployed, and why; nothing is deployed");
    auto question = std::make_shared<Question>();
    command->add_option("ENV", question->environment,
                        "Where to (default: the first environment of the configuration)");
    command->add_option("REF", question->ref, "What: a branch, tag or full SHA");
    command
        ->add_option(
            "--files", question->files,
            "What a change of these paths would deploy, by the services of REF (default: the "
            "branch's head)")
        ->type_name("FILE");
    auto* base = command
                     ->add_option("--base", question->base,
                                  "The older of two commits: what lies between them")
                     ->type_name("REF");
    auto* head = command->add_option("--head", question->head, "The newer one")
                     ->type_name("REF")
                     ->needs(base);
    base->needs(head);
    command->add_flag("--drift", question->drift,
                      "Ask each executor, with a dry run at the last good revision, what is not as "
                      "it was deployed");
    command->add_flag("--json", question->json, "As JSON");
    command->footer(
        "Exit codes: 0 done, 1 a dry run of --drift failed, 2 wrong usage, or the daemon refuses "
        "it,\n3 the daemon cannot be reached.");
    command->callback([&options, &run, question] {
        run = [&options, question] { return plan(options, *question); };
    });
}

}  // namespace iac::cli
