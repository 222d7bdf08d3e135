#include "model/json.hpp"

#include <optional>
#include <sstream>

#include "base/utf8.hpp"

namespace iac {
namespace {

using Object = Poco::JSON::Object::Ptr;
using Array = Poco::JSON::Array::Ptr;

void setTime(Object object, const std::string& key, const std::optional<Time>& time) {
    if (time) object->set(key, toText(*time));
}

void setId(Object object, const std::string& key, std::int64_t id) {
    if (id != 0) object->set(key, id);
}

void setDiagnosis(const Object& object, const Diagnosis& diagnosis) {
    setText(object, "error_kind", diagnosis.error_kind);
    setText(object, "next_action", diagnosis.next_action);
}

Array texts(const std::vector<std::string>& values) {
    Array array = new Poco::JSON::Array;
    for (const std::string& one : values) array->add(validUtf8(one));
    return array;
}

template <class Service>
Array reasons(const std::vector<Service>& services) {
    Array array = new Poco::JSON::Array;
    for (const auto& one : services) {
        Object entry = jsonObject();
        entry->set("service", validUtf8(one.service));
        entry->set("reason", validUtf8(one.reason));
        if constexpr (std::is_same_v<Service, SkippedService>)
            if (one.held) entry->set("held", true);
        array->add(entry);
    }
    return array;
}

Object attemptJson(const Attempt& attempt) {
    Object object = jsonObject();
    object->set("number", attempt.number);
    // A pending attempt is one that a crash or a stop cut off.
    object->set("status", attempt.state == StepState::pending ? "interrupted"
                                                              : std::string(toText(attempt.state)));
    if (attempt.exit_code) object->set("exit_code", *attempt.exit_code);
    setTime(object, "started_at", attempt.started_at);
    setTime(object, "finished_at", attempt.finished_at);
    setText(object, "message", attempt.message);
    return object;
}

Object stepJson(const Step& step) {
    Object object = jsonObject();
    object->set("service", validUtf8(step.service));
    setText(object, "executor", step.executor);
    object->set("status", std::string(toText(step.state)));
    setText(object, "reason", step.reason);
    // A failed step says why it failed; every other one what its executor said.
    setText(object, "summary", step.summary.empty() ? step.diagnosis.summary : step.summary);
    setDiagnosis(object, step.diagnosis);
    setTime(object, "started_at", step.started_at);
    setTime(object, "finished_at", step.finished_at);
    setText(object, "config_hash", step.config_hash);
    if (!step.plugin.id.empty()) {
        Object plugin = jsonObject();
        plugin->set("id", validUtf8(step.plugin.id));
        setText(plugin, "version", step.plugin.version);
        setText(plugin, "sha256", step.plugin.sha256);
        object->set("plugin", plugin);
    }
    Array attempts = new Poco::JSON::Array;
    for (const Attempt& attempt : step.attempts) attempts->add(attemptJson(attempt));
    object->set("attempts", attempts);
    return object;
}

}  // namespace

Object jsonObject() {
    return new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
}

std::string jsonText(Object object) {
    std::ostringstream text;
    object->stringify(text);
    return std::move(text).str();
}

void setText(Object object, const std::string& key, std::string_view text) {
    if (!text.empty()) object->set(key, validUtf8(text));
}

Array toJson(const std::vector<SkippedService>& skipped) {
    return reasons(skipped);
}

Object toJson(const Plan& plan) {
    Object object = jsonObject();
    object->set("services", reasons(plan.services));
    object->set("skipped", reasons(plan.skipped));
    return object;
}

Object toJson(const Deployment& deployment, Detail detail) {
    Object object = jsonObject();
    object->set("id", deployment.id);
    object->set("status", std::string(toText(deployment.state)));
    object->set("environment", validUtf8(deployment.environment));
    setText(object, "trigger", deployment.trigger);
    object->set("kind", deployment.kind == EventKind::change ? "change" : "request");
    setText(object, "ref", deployment.ref);
    setText(object, "tag", deployment.tag);
    setText(object, "revision", deployment.revision);
    setText(object, "triggered_by", deployment.triggered_by);
    setText(object, "subject", deployment.subject);
    if (deployment.dry_run) object->set("dry_run", true);
    object->set("created_at", toText(deployment.created_at));
    setTime(object, "started_at", deployment.started_at);
    setTime(object, "finished_at", deployment.finished_at);
    if (deployment.started_at && deployment.finished_at)
        object->set(
            "duration_seconds",
            static_cast<double>((*deployment.finished_at - *deployment.started_at).count()) /
                1000.0);
    object->set("plan", toJson(deployment.plan));
    if (detail == Detail::full) {
        Array steps = new Poco::JSON::Array;
        for (const Step& step : deployment.steps) steps->add(stepJson(step));
        object->set("steps", steps);
    }
    setText(object, "summary", deployment.diagnosis.summary);
    setDiagnosis(object, deployment.diagnosis);
    setId(object, "superseded_by", deployment.superseded_by);
    setId(object, "retry_of", deployment.retry_of);
    setId(object, "rollback_of", deployment.rollback_of);
    setText(object, "cancel_requested_by", deployment.cancel_requested_by);
    setId(object, "event_id", deployment.event);
    object->set("log_url", "/deployments/" + std::to_string(deployment.id) + "/log");
    return object;
}

Object toJson(const Event& event) {
    Object object = jsonObject();
    setText(object, "trigger", event.trigger);
    object->set("kind", event.kind == EventKind::change ? "change" : "request");
    setText(object, "delivery", event.delivery);
    setText(object, "body_digest", event.body_digest);
    setText(object, "environment", event.environment);
    setText(object, "ref", event.ref);
    setText(object, "tag", event.tag);
    setText(object, "revision", event.revision);
    setText(object, "before", event.before);
    if (event.kind == EventKind::change) {
        object->set("paths", texts(event.paths));
        object->set("paths_complete", event.paths_complete);
    } else {
        object->set("services", texts(event.services));
    }
    setText(object, "triggered_by", event.triggered_by);
    setText(object, "subject", event.subject);
    if (event.dry_run) object->set("dry_run", true);
    return object;
}

std::string deploymentJson(const Deployment& deployment) {
    return jsonText(toJson(deployment, Detail::full));
}

}  // namespace iac
