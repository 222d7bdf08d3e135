#include "engine/step_result.hpp"

#include <iac/plugin.h>
#include <simdjson.h>

#include "engine/diagnosis.hpp"

namespace iac::engine {
namespace {

struct Said {
    std::string outcome, summary, config_hash, error_kind, next_action;
};

void take(const simdjson::dom::object& from, std::string_view name, std::string& to) {
    std::string_view text;
    if (from[name].get(text) == simdjson::SUCCESS && !text.empty()) to = text;
}

// The last one to say a member wins; what is not a JSON object of ours says nothing.
Said emittedBy(const plugin::HostedResult& hosted) {
    Said said;
    simdjson::dom::parser parser;
    for (const auto& text : hosted.emitted) {
        simdjson::dom::object object;
        if (parser.parse(text).get(object) != simdjson::SUCCESS) continue;
        take(object, "outcome", said.outcome);
        take(object, "summary", said.summary);
        take(object, "config_hash", said.config_hash);
        take(object, "error_kind", said.error_kind);
        take(object, "next_action", said.next_action);
    }
    return said;
}

void preferTask(Said& said, const TaskOutput& task) {
    if (!task.outcome.empty()) said.outcome = task.outcome;
    if (!task.summary.empty()) said.summary = task.summary;
    if (!task.config_hash.empty()) said.config_hash = task.config_hash;
}

Diagnosis explain(const plugin::HostedResult& hosted, const Said& said, const std::string& sentence,
                  std::string_view output, const std::vector<config::DiagnosisRule>& rules) {
    if (hosted.end == plugin::HostedResult::End::timed_out)
        return {"timeout", sentence,
                "Find out what it waited for in its log, or raise `timeout` of the executor."};
    if (hosted.end == plugin::HostedResult::End::crashed || hosted.status == IAC_INTERNAL) {
        // std::bad_alloc under the executor's own limit is no defect of its plugin.
        Diagnosis limit = diagnose({}, sentence, {});
        if (limit.error_kind == "out_of_memory" || limit.error_kind == "processor_time")
            return limit;
        return {"plugin_crashed", sentence,
                "This is a defect of the plugin: report it to its authors, with the log."};
    }
    Diagnosis found = diagnose(rules, sentence, output);
    if (!said.error_kind.empty()) found.error_kind = said.error_kind;
    if (!said.next_action.empty()) found.next_action = said.next_action;
    return found;
}

}  // namespace

StepResult stepResult(const plugin::HostedResult& hosted, const TaskOutput& task,
                      std::string_view output, const std::vector<config::DiagnosisRule>& rules,
                      const Masker& masker) {
    using End = plugin::HostedResult::End;
    StepResult result;
    result.attempt.exit_code = hosted.exit_code;
    if (hosted.end == End::cancelled) {
        result.interrupted = true;
        result.attempt.state = StepState::pending;
        result.attempt.message = "it was stopped before its end";
        return result;
    }

    Said said = emittedBy(hosted);
    preferTask(said, task);
    std::string failure;
    if (hosted.end != End::returned || hosted.status != IAC_OK) {
        failure = hosted.message;
    } else if (said.outcome == "failed") {
        failure = said.summary.empty() ? "the task says that it failed" : said.summary;
    } else if (said.outcome != "changed" && said.outcome != "unchanged" && !said.outcome.empty()) {
        failure =
            "the outcome \"" + said.outcome + "\" is none: it can be changed, unchanged or failed";
    }

    result.step.summary = masker.mask(failure.empty() ? said.summary : failure);
    result.step.config_hash = masker.mask(said.config_hash);
    if (failure.empty()) {
        result.step.state = said.outcome == "unchanged" ? StepState::unchanged : StepState::changed;
    } else {
        result.step.state = StepState::failed;
        result.step.diagnosis = explain(hosted, said, masker.mask(failure), output, rules);
        auto& diagnosis = result.step.diagnosis;
        diagnosis.next_action = masker.mask(diagnosis.next_action);
        diagnosis.error_kind = masker.mask(diagnosis.error_kind);
        result.retry = hosted.end == End::returned && hosted.status == IAC_RETRY;
    }
    result.attempt.state = result.step.state;
    result.attempt.message = result.step.summary;
    return result;
}

}  // namespace iac::engine
