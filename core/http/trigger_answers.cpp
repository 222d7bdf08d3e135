#include "http/trigger_answers.hpp"

#include <Poco/JSON/Array.h>

#include <algorithm>

#include "base/utf8.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

using Object = Poco::JSON::Object::Ptr;
using Array = Poco::JSON::Array::Ptr;

Array emptyArray() {
    return new Poco::JSON::Array;
}

/// How an answer names services: short, unless one of them shares its short name with another
/// service; then all by their ids. A list never mixes the two.
class Names {
public:
    Names(const planning::Catalogue* catalogue, const std::vector<std::string>& ids)
        : full_(std::ranges::any_of(ids, [&](const std::string& id) {
              return catalogue != nullptr && id.find('/') != id.npos &&
                     catalogue->shownName(id) == id;
          })) {}
    std::string operator()(const std::string& id) const {
        return validUtf8(full_ ? id : id.substr(id.rfind('/') + 1));
    }
    Array list(const std::vector<std::string>& ids) const {
        Array array = emptyArray();
        for (const auto& id : ids) array->add((*this)(id));
        return array;
    }

private:
    bool full_;
};

std::vector<std::string> idsOf(const Plan& plan) {
    std::vector<std::string> ids;
    for (const auto& one : plan.services) ids.push_back(one.service);
    return ids;
}

void setId(Object object, DeploymentId id, const Beside& beside) {
    if (beside.text_ids)
        object->set("deployment_id", std::to_string(id));
    else
        object->set("deployment_id", id);
}

void setWarnings(Object object, const Beside& beside) {
    if (beside.warnings.empty()) return;
    Array warnings = emptyArray();
    for (const auto& warning : beside.warnings) warnings->add(validUtf8(warning));
    object->set("warnings", warnings);
}

/// Where the caller finds the deployment.
Answer located(int status, Object object, DeploymentId id) {
    object->set("status_url", deploymentUrl(id));
    Answer answer = jsonAnswer(status, object);
    if (status == 202) answer.headers.emplace_back("Location", deploymentUrl(id));
    return answer;
}

void setOrigin(Object object, DeploymentId retry_of, DeploymentId rollback_of) {
    if (retry_of != 0) object->set("retry_of", retry_of);
    if (rollback_of != 0) object->set("rollback_of", rollback_of);
}

void setSteps(Object object, const Deployment& deployment, const Names& names) {
    Array deployed = emptyArray(), synced = emptyArray(), unchanged = emptyArray(),
          failed = emptyArray(), failures = emptyArray();
    auto skipped = deployment.plan.skipped;
    for (const Step& step : deployment.steps) {
        const std::string name = names(step.service);
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
    if (as == As::in_progress) return "in_progress";
    if (as != As::status) return toText(deployment.state);
    if (!isFinal(deployment.state)) return "in_progress";
    return deployment.state == DeploymentState::success ? "success" : "failed";
}

int httpStatus(const Deployment& deployment, As as) {
    if (as == As::in_progress) return 202;
    if (as == As::duplicate || as == As::status || deployment.state == DeploymentState::success)
        return 200;
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

Answer ignoredAnswer(std::string_view reason, std::string_view event) {
    Object object = jsonObject();
    object->set("status", "ignored");
    object->set("reason", validUtf8(reason));
    setText(object, "event", std::string(event));
    return jsonAnswer(200, object);
}

Answer noChangesAnswer(const Plan& plan, const Beside& beside) {
    Object object = jsonObject();
    object->set("status", "no_changes");
    object->set("synced_services", emptyArray());
    object->set("skipped_services", toJson(plan.skipped));
    setWarnings(object, beside);
    return jsonAnswer(200, object);
}

Answer acceptedAnswer(const intake::Receipt& receipt, const planning::Catalogue* catalogue,
                      Time now, const Beside& beside) {
    const auto ids = idsOf(receipt.plan);
    Object object = jsonObject();
    object->set("status", "accepted");
    setId(object, receipt.deployment, beside);
    object->set("env", validUtf8(receipt.environment));
    object->set("environment", validUtf8(receipt.environment));
    setText(object, "tag", receipt.tag);
    setText(object, "ref", receipt.ref);
    setText(object, "revision", receipt.revision);
    setText(object, "commit", receipt.revision);
    setText(object, "triggered_by", receipt.triggered_by);
    object->set("services", plannedIds(receipt.plan));
    object->set("requested_services", Names(catalogue, ids).list(ids));
    object->set("synced_services", emptyArray());
    object->set("skipped_services", toJson(receipt.plan.skipped));
    setOrigin(object, beside.retry_of, beside.rollback_of);
    setWarnings(object, beside);
    object->set("timestamp", toText(now));
    return located(202, object, receipt.deployment);
}

Answer deploymentAnswer(const Deployment& deployment, const planning::Catalogue* catalogue, As as,
                        bool duplicate, const Beside& beside) {
    auto ids = idsOf(deployment.plan);
    for (const Step& step : deployment.steps) ids.push_back(step.service);
    ids.insert(ids.end(), deployment.services.begin(), deployment.services.end());
    const Names names(catalogue, ids);
    Object object = jsonObject();
    object->set("status", std::string(statusText(deployment, as)));
    setId(object, deployment.id, beside);
    if (duplicate) object->set("duplicate", true);
    if (deployment.dry_run) object->set("dry_run", true);
    object->set("env", validUtf8(deployment.environment));
    object->set("environment", validUtf8(deployment.environment));
    setText(object, "tag", deployment.tag);
    setText(object, "ref", deployment.ref);
    setText(object, "revision", deployment.revision);
    setText(object, "commit", deployment.revision);
    setText(object, "triggered_by", deployment.triggered_by);
    object->set("services", plannedIds(deployment.plan));
    object->set(
        "requested_services",
        names.list(deployment.services.empty() ? idsOf(deployment.plan) : deployment.services));
    setSteps(object, deployment, names);
    setText(object, "summary", deployment.diagnosis.summary);
    setText(object, "error_kind", deployment.diagnosis.error_kind);
    setText(object, "next_action", deployment.diagnosis.next_action);
    setOrigin(object, deployment.retry_of, deployment.rollback_of);
    setWarnings(object, beside);
    object->set("timestamp", toText(deployment.finished_at.value_or(deployment.created_at)));
    return located(httpStatus(deployment, as), object, deployment.id);
}

}  // namespace iac::http
