#include "base/log.hpp"
#include "http/json_body.hpp"
#include "http/query_values.hpp"
#include "http/receipts.hpp"
#include "http/site.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

constexpr std::size_t kMostServices = 1'000;

/// The state it has then.
DeploymentState cancel(const Site& site, DeploymentId id, const std::string& by) {
    try {
        return site.rooms.history->cancel(id, by);
    } catch (const history::WrongState&) {
        deploymentOf(site, id);  // or it is not there
        throw Problem(409, "Deployment " + std::to_string(id) +
                               " has ended already: there is nothing to cancel.");
    }
}

}  // namespace

Answer cancelDeployment(const Site& site, Request& request) {
    allowOnly(request, {});
    const DeploymentId id = idOf(request);
    const JsonBody body(request, {"by"});
    const std::string by = actorOf(request, body, "by");
    const DeploymentState state = cancel(site, id, by);
    log::info("api", "deployment " + std::to_string(id) + " is cancelled by " + by);
    auto object = jsonObject();
    // One that runs ends when its steps have.
    object->set("status", state == DeploymentState::running ? "cancelling" : "cancelled");
    object->set("deployment_id", id);
    object->set("status_url", deploymentUrl(id));
    return jsonAnswer(202, object);
}

Answer retryDeployment(const Site& site, Request& request) {
    allowOnly(request, {"wait"});
    const DeploymentId id = idOf(request);
    const JsonBody body(request, {"triggered_by", "wait"});
    const auto wish = wishedWait(request, body.wait());
    const auto receipt = site.rooms.intake->retry(id, actorOf(request, body, "triggered_by"));
    return answerReceipt(site, receipt, wish, request, {id, 0});
}

Answer rollBack(const Site& site, Request& request) {
    allowOnly(request, {"wait"});
    const JsonBody body(request, {"env", "services", "to", "reason", "triggered_by", "wait"});
    const auto wish = wishedWait(request, body.wait());
    intake::Rollback rollback;
    rollback.environment = body.required("env");
    rollback.services = body.texts("services", kMostServices);
    rollback.to = body.text("to", JsonBody::kLongestRef);
    rollback.reason = body.required("reason", JsonBody::kLongestReason);
    rollback.by = actorOf(request, body, "triggered_by");
    const auto receipt = site.rooms.intake->rollback(rollback);
    Beside beside;
    if (const auto stored = site.rooms.history->deployment(receipt.deployment))
        beside.rollback_of = stored->rollback_of;
    return answerReceipt(site, receipt, wish, request, beside);
}

}  // namespace iac::http
