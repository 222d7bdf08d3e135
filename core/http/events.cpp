#include <Poco/JSON/Array.h>

#include "http/environment_filter.hpp"
#include "http/pages.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

history::EventQuery queryOf(const Site& site, const Request& request) {
    allowOnly(request,
              {"env", "trigger", "delivery", "triggered_by", "since", "until", "limit", "before"});
    history::EventQuery query;
    query.environment = environmentFilter(site, request);
    query.trigger = textOf(request, "trigger");
    query.delivery = textOf(request, "delivery");
    query.triggered_by = textOf(request, "triggered_by");
    query.since = timeOf(request, "since");
    query.until = timeOf(request, "until");
    query.limit = pageOf(request);
    query.before = beforeOf(request);
    return query;
}

Poco::JSON::Object::Ptr eventJson(const history::ReceivedEvent& received) {
    auto object = jsonObject();
    object->set("id", received.id);
    object->set("received_at", toText(received.received_at));
    object->set("verdict", received.deployment != 0 ? "accepted" : "ignored");
    if (received.deployment != 0) object->set("deployment_id", received.deployment);
    Poco::JSON::Array::Ptr deployments = new Poco::JSON::Array;
    for (const DeploymentId id : received.deployments) deployments->add(id);
    object->set("deployments", deployments);
    setText(object, "reason", received.reason);
    if (received.repeats != 0) object->set("repeats", received.repeats);
    // The paths of a push may be thousands: a list is read without them.
    const auto event = toJson(received.event);
    for (const auto& name : event->getNames())
        if (name != "paths" && name != "paths_complete") object->set(name, event->get(name));
    return object;
}

}  // namespace

Answer listEvents(const Site& site, Request& request) {
    auto query = queryOf(site, request);
    const std::size_t page = query.limit++;
    return pageAnswer("events", request, site.rooms.history->events(query), page, eventJson);
}

}  // namespace iac::http
