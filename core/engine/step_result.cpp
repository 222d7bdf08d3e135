#include "engine/step_result.hpp"

#include <iac/plugin.h>
#include <simdjson.h>

#include "engine/diagnosis.hpp"

namespace iac::engine {
namespace {

constexpr std::string_view kUnknown = "unknown";

struct Said {
    std::string outcome, summary, config_hash, error_kind, next_action;
    std::string invalid;  ///< why what was emitted is no result; empty: it is one, or nothing was
};

void take(const simdjson::dom::object& from, std::string_view name, std::string& to,
          std::string& invalid) {
    simdjson::dom::element value;
    if (from[name].get(value) != simdjson::SUCCESS) return;
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) {
        invalid = "its member \"" + std::string(name) + "\" is not text";
    } else if (!text.empty()) {
        to = text;
    }
}

// The last one to say a member wins. A result that cannot be read may have said "failed": it is
// never passed over. No result at all means "changed".
Said emittedBy(const plugin::HostedResult& hosted, bool dry_run) {
    Said said;
    simdjson::dom::parser parser;
    if (hosted.emitted_cut) said.invalid = "it is larger than the limit, and was cut";
    for (const auto& text : hosted.emitted) {
        simdjson::dom::element parsed;
        simdjson::dom::object object;
        if (parser.parse(text).get(parsed) != simdjson::SUCCESS) {
            said.invalid = "it is not JSON in UTF-8";
        } else if (parsed.get(object) != simdjson::SUCCESS) {
            said.invalid = "it is not a JSON object";
        } else {
            take(object, "outcome", said.outcome, said.invalid);
            take(object, "summary", said.summary, said.invalid);
            take(object, "config_hash", said.config_hash, said.invalid);
            take(object, "error_kind", said.error_kind, said.invalid);
            take(object, "next_action", said.next_action, said.invalid);
        }
    }
    const std::string& outcome = said.outcome;
    const bool unknown = dry_run && outcome == kUnknown;
    if (!outcome.empty() && outcome != "changed" && outcome != "unchanged" && outcome != "failed" &&
        !unknown)
        said.invalid =
            "its outcome is \"" + outcome + "\", and can be changed, unchanged or failed";
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

Diagnosis invalidResult(const std::string& sentence) {
    return {"invalid_result", sentence,
            "What the step did is not known: look at the service. This is a defect of the plugin: "
            "report it to its authors, with the log."};
}

}  // namespace

StepResult stepResult(const plugin::HostedResult& hosted, const TaskOutput& task,
                      std::string_view output, const std::vector<config::DiagnosisRule>& rules,
                      const Masker& masker, bool dry_run) {
    using End = plugin::HostedResult::End;
    StepResult result;
    result.attempt.exit_code = hosted.exit_code;
    if (hosted.end == End::cancelled) {
        result.interrupted = true;
        result.attempt.state = StepState::pending;
        // What it leaves behind, where it says so.
        result.attempt.message =
            hosted.message.empty() ? "it was stopped before its end" : masker.mask(hosted.message);
        return result;
    }

    Said said = emittedBy(hosted, dry_run);
    preferTask(said, task);
    std::string failure;
    bool invalid = false;
    if (hosted.end != End::returned || hosted.status != IAC_OK) {
        failure = hosted.message;
    } else if (!task.invalid.empty()) {
        failure = "the file at IAC_OUTPUT " + task.invalid + ", so the outcome is not known";
    } else if (!said.invalid.empty()) {
        invalid = true;
        failure = hosted.plugin + " emitted an invalid result: " + said.invalid;
    } else if (said.outcome == "failed") {
        failure = said.summary.empty() ? "the task says that it failed" : said.summary;
    } else if (said.outcome != "changed" && said.outcome != "unchanged" &&
               !(dry_run && said.outcome == kUnknown) && !said.outcome.empty()) {
        failure = "unknown outcome \"" + said.outcome +
                  "\" in IAC_OUTPUT: expected changed, unchanged or failed";
    }

    result.step.summary = masker.mask(failure.empty() ? said.summary : failure);
    result.step.config_hash = masker.mask(said.config_hash);
    result.attempt.message = result.step.summary;
    if (failure.empty()) {
        const bool unknown = said.outcome == kUnknown;
        result.step.state =
            unknown || said.outcome == "unchanged" ? StepState::unchanged : StepState::changed;
        if (unknown) result.step.diagnosis.error_kind = kDriftUnknown;
    } else {
        result.step.state = StepState::failed;
        result.step.diagnosis = invalid
                                    ? invalidResult(failure)
                                    : explain(hosted, said, masker.mask(failure), output, rules);
        auto& diagnosis = result.step.diagnosis;
        diagnosis.next_action = masker.mask(diagnosis.next_action);
        diagnosis.error_kind = masker.mask(diagnosis.error_kind);
        diagnosis.summary = masker.mask(diagnosis.summary);
        // A rule may know better than the executor; what that said stays with the attempt.
        result.step.summary = diagnosis.summary;
        result.retry = hosted.end == End::returned && hosted.status == IAC_RETRY;
    }
    result.attempt.state = result.step.state;
    return result;
}

}  // namespace iac::engine
