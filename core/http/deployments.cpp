#include "base/utf8.hpp"
#include "http/environment_filter.hpp"
#include "http/pages.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

std::string knownStates() {
    std::string names;
    for (const auto state :
         {DeploymentState::queued, DeploymentState::running, DeploymentState::success,
          DeploymentState::failed, DeploymentState::cancelled, DeploymentState::superseded})
        names += (names.empty() ? "" : ", ") + std::string(toText(state));
    return names;
}

history::DeploymentQuery queryOf(const Site& site, const Request& request) {
    allowOnly(request, {"env", "service", "status", "trigger", "triggered_by", "ref", "revision",
                        "since", "until", "limit", "before"});
    history::DeploymentQuery query;
    query.environment = environmentFilter(site, request);
    query.service = textOf(request, "service");
    query.trigger = textOf(request, "trigger");
    query.triggered_by = textOf(request, "triggered_by");
    query.ref = textOf(request, "ref");
    query.revision = textOf(request, "revision");
    query.since = timeOf(request, "since");
    query.until = timeOf(request, "until");
    if (const auto status = textOf(request, "status"); !status.empty()) {
        query.state = deploymentState(status);
        if (!query.state)
            throw Problem(
                400, "There is no status \"" + status + "\" (there are: " + knownStates() + ").");
    }
    query.limit = pageOf(request);
    query.before = beforeOf(request);
    return query;
}

/// The full id where the short name is not ambiguous; what is not known is looked for as it is.
void resolveService(history::DeploymentQuery& query, planning::CatalogueView* view) {
    const auto catalogue = view == nullptr ? nullptr : view->latest();
    if (!catalogue || query.service.empty() || catalogue->find(query.service) != nullptr) return;
    const planning::Service* found = nullptr;
    for (const auto& service : catalogue->services()) {
        if (service.name != query.service) continue;
        if (found != nullptr) return;
        found = &service;
    }
    if (found != nullptr) query.service = found->id;
}

Poco::JSON::Array::Ptr notificationsJson(const std::vector<history::Notification>& all) {
    Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
    for (const auto& one : all) {
        auto object = jsonObject();
        object->set("notifier", validUtf8(one.notifier));
        object->set("event", one.event);
        object->set("state", one.state);
        object->set("attempts", one.attempts);
        if (one.delivered_at) object->set("delivered_at", toText(*one.delivered_at));
        setText(object, "reason", one.reason);
        list->add(object);
    }
    return list;
}

}  // namespace

Answer listDeployments(const Site& site, Request& request) {
    auto query = queryOf(site, request);
    resolveService(query, site.rooms.catalogue);
    const std::size_t page = query.limit++;
    return pageAnswer("deployments", request, site.rooms.history->deployments(query), page,
                      [](const Deployment& one) { return toJson(one, Detail::list); });
}

Deployment deploymentOf(const Site& site, DeploymentId id) {
    auto found = site.rooms.history->deployment(id);
    if (!found) throw Problem(404, "There is no deployment " + std::to_string(id) + ".");
    return *std::move(found);
}

Answer showDeployment(const Site& site, Request& request) {
    allowOnly(request, {});
    const DeploymentId id = idOf(request);
    const auto deployment = deploymentOf(site, id);
    auto object = toJson(deployment, Detail::full);
    if (const auto event = site.rooms.history->event(deployment.event))
        object->set("event", toJson(*event));
    object->set("notifications", notificationsJson(site.rooms.history->notifications(id)));
    return jsonAnswer(200, object);
}

}  // namespace iac::http
