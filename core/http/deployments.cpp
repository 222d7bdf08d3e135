#include <Poco/URI.h>

#include "base/utf8.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

/// One less than the history gives at most: one more than a page says whether there is a next one.
constexpr std::int64_t kLongestPage = 499;
constexpr std::int64_t kPage = 50;

std::string knownStates() {
    std::string names;
    for (const auto state :
         {DeploymentState::queued, DeploymentState::running, DeploymentState::success,
          DeploymentState::failed, DeploymentState::cancelled, DeploymentState::superseded})
        names += (names.empty() ? "" : ", ") + std::string(toText(state));
    return names;
}

history::DeploymentQuery queryOf(const Request& request) {
    allowOnly(request, {"env", "service", "status", "trigger", "triggered_by", "ref", "revision",
                        "since", "until", "limit", "before"});
    history::DeploymentQuery query;
    query.environment = textOf(request, "env");
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
    query.limit =
        static_cast<std::size_t>(numberOf(request, "limit", 1, kLongestPage).value_or(kPage));
    query.before =
        numberOf(request, "before", 1, std::numeric_limits<std::int64_t>::max()).value_or(0);
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

std::string nextPage(const Request& request, DeploymentId before) {
    std::string next = "/deployments?";
    for (const auto& [name, value] : request.query) {
        if (name == "before" || value.empty()) continue;
        std::string encoded;
        Poco::URI::encode(value, "&=+#?", encoded);
        next += name + "=" + encoded + "&";
    }
    return next + "before=" + std::to_string(before);
}

}  // namespace

Answer listDeployments(const Site& site, const Request& request) {
    auto query = queryOf(request);
    resolveService(query, site.rooms.catalogue);
    const std::size_t page = query.limit++;
    auto found = site.rooms.history->deployments(query);
    const bool more = found.size() > page;
    if (more) found.resize(page);
    Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
    for (const auto& deployment : found) list->add(toJson(deployment, Detail::list));
    auto object = jsonObject();
    object->set("deployments", list);
    if (more) object->set("next", nextPage(request, found.back().id));
    return jsonAnswer(200, object);
}

Answer showDeployment(const Site& site, const Request& request) {
    allowOnly(request, {});
    const DeploymentId id = idOf(request);
    const auto deployment = site.rooms.history->deployment(id);
    if (!deployment) throw Problem(404, "There is no deployment " + std::to_string(id) + ".");
    auto object = toJson(*deployment, Detail::full);
    if (const auto event = site.rooms.history->event(deployment->event))
        object->set("event", toJson(*event));
    return jsonAnswer(200, object);
}

}  // namespace iac::http
