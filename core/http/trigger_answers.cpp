#include "http/trigger_answers.hpp"

#include <Poco/JSON/Array.h>

#include "base/utf8.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

using Object = Poco::JSON::Object::Ptr;
using Array = Poco::JSON::Array::Ptr;

Array emptyArray() {
    return new Poco::JSON::Array;
}

/// "postgres" for "platform/postgres", where nothing else is called so.
std::string shown(const std::string& service, const planning::Catalogue* catalogue) {
    return validUtf8(catalogue != nullptr ? catalogue->shownName(service)
                                          : service.substr(service.rfind('/') + 1));
}

/// Where the caller finds the deployment.
Answer located(int status, Object object, DeploymentId id) {
    object->set("status_url", deploymentUrl(id));
    Answer answer = jsonAnswer(status, object);
    if (status == 202) answer.headers.emplace_back("Location", deploymentUrl(id));
    return answer;
}

void setOrigin(Object object, const Origin& origin) {
    if (origin.retry_of != 0) object->set("retry_of", origin.retry_of);
    if (origin.rollback_of != 0) object->set("rollback_of", origin.rollback_of);
}

void setSteps(Object object, const Deployment& deployment, const planning::Catalogue* catalogue) {
    Array deployed = emptyArray(), synced = emptyArray(), unchanged = emptyArray(),
          failed = emptyArray(), failures = emptyArray();
    auto skipped = deployment.plan.skipped;
    for (const Step& step : deployment.steps) {
        const std::string name = shown(step.service, catalogue);
        if (endedWell(step.state)) {
            deployed->add(name);
            synced->add(name);
        }
        if (step.state == StepState::unchanged) unchanged->add(name);
        if (step.state == StepState::skipped || step.state == StepState::cancelled)
            skipped.push_back({step.service, step.summary});
        if (step.state != StepState::failed) continue;
        failed->add(name);
        Object failure = jsonObject();
        failure->set("service", validUtf8(step.service));
        setText(failure, "error_kind", step.diagnosis.error_kind);
        setText(failure, "summary",
                step.diagnosis.summary.empty() ? step.summary : step.diagnosis.summary);
        setText(failure, "next_action", step.diagnosis.next_action);
        failures->add(failure);
    }
    object->set("deployed_services", deployed);
    object->set("synced_services", synced);
    object->set("unchanged_services", unchanged);
    object->set("skipped_services", toJson(skipped));
    object->set("failed_services", failed);
    object->set("failures", failures);
}

std::string_view statusText(const Deployment& deployment, As as) {
    return as == As::in_progress ? "in_progress" : toText(deployment.state);
}

int httpStatus(const Deployment& deployment, As as) {
    if (as == As::in_progress) return 202;
    if (as == As::duplicate || deployment.state == DeploymentState::success) return 200;
    return 500;
}

}  // namespace

std::string deploymentUrl(DeploymentId id) {
    return "/deployments/" + std::to_string(id);
}

Array plannedIds(const Plan& plan) {
    Array array = emptyArray();
    for (const auto& one : plan.services) array->add(validUtf8(one.service));
    return array;
}

Answer ignoredAnswer(std::string_view reason) {
    Object object = jsonObject();
    object->set("status", "ignored");
    object->set("reason", validUtf8(reason));
    return jsonAnswer(200, object);
}

Answer noChangesAnswer(const Plan& plan) {
    Object object = jsonObject();
    object->set("status", "no_changes");
    object->set("synced_services", emptyArray());
    object->set("skipped_services", toJson(plan.skipped));
    return jsonAnswer(200, object);
}

Answer acceptedAnswer(const intake::Receipt& receipt, const Origin& origin) {
    Object object = jsonObject();
    object->set("status", "accepted");
    object->set("deployment_id", receipt.deployment);
    object->set("environment", validUtf8(receipt.environment));
    setText(object, "revision", receipt.revision);
    object->set("services", plannedIds(receipt.plan));
    object->set("synced_services", emptyArray());
    object->set("skipped_services", toJson(receipt.plan.skipped));
    setOrigin(object, origin);
    return located(202, object, receipt.deployment);
}

Answer deploymentAnswer(const Deployment& deployment, const planning::Catalogue* catalogue, As as,
                        bool duplicate) {
    Object object = jsonObject();
    object->set("status", std::string(statusText(deployment, as)));
    object->set("deployment_id", deployment.id);
    if (duplicate) object->set("duplicate", true);
    if (deployment.dry_run) object->set("dry_run", true);
    object->set("env", validUtf8(deployment.environment));
    object->set("environment", validUtf8(deployment.environment));
    setText(object, "tag", deployment.tag);
    setText(object, "ref", deployment.ref);
    setText(object, "revision", deployment.revision);
    setText(object, "triggered_by", deployment.triggered_by);
    object->set("services", plannedIds(deployment.plan));
    setSteps(object, deployment, catalogue);
    setText(object, "summary", deployment.diagnosis.summary);
    setText(object, "error_kind", deployment.diagnosis.error_kind);
    setText(object, "next_action", deployment.diagnosis.next_action);
    setOrigin(object, {deployment.retry_of, deployment.rollback_of});
    if (deployment.finished_at) object->set("timestamp", toText(*deployment.finished_at));
    return located(httpStatus(deployment, as), object, deployment.id);
}

}  // namespace iac::http
