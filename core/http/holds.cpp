#include "http/holds.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/utf8.hpp"
#include "http/environment_filter.hpp"
#include "http/json_body.hpp"
#include "http/pages.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"
#include "http/trigger_answers.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

std::string urlOf(HoldId id) {
    return "/holds/" + std::to_string(id);
}

std::vector<Hold> openHolds(const Site& site, const std::string& environment, std::size_t page) {
    const auto all = site.rooms.history->holds();
    const Time now = site.rooms.clock->now();
    std::vector<Hold> open;
    std::ranges::copy_if(*all, std::back_inserter(open), [&](const Hold& hold) {
        return hold.isOpen(now) && (environment.empty() || hold.environment == environment);
    });
    std::ranges::sort(open, std::greater(), &Hold::id);
    if (open.size() > page) open.resize(page);
    return open;
}

std::optional<Time> endOf(const JsonBody& body, Time now) {
    auto until = body.time("until");
    const auto lasts = body.duration("for");
    if (until && lasts) throw Problem(400, "\"until\" and \"for\" say the same; give one of them.");
    if (lasts) until = now + *lasts;
    if (until && *until <= now) throw Problem(422, "\"until\" is over already.");
    return until;
}

}  // namespace

Poco::JSON::Object::Ptr holdJson(const Hold& hold, Time now) {
    auto object = jsonObject();
    object->set("id", hold.id);
    object->set("environment", validUtf8(hold.environment));
    setText(object, "service", hold.service);
    object->set("reason", validUtf8(hold.reason));
    object->set("by", validUtf8(hold.by));
    object->set("created_at", toText(hold.created_at));
    if (hold.until) object->set("until", toText(*hold.until));
    if (hold.rollback_of != 0) object->set("rollback_of", hold.rollback_of);
    object->set("open", hold.isOpen(now));
    if (hold.released_at) object->set("released_at", toText(*hold.released_at));
    setText(object, "released_by", hold.released_by);
    return object;
}

Answer listHolds(const Site& site, Request& request) {
    allowOnly(request, {"env", "all", "limit"});
    const std::string environment = environmentFilter(site, request);
    const std::size_t page = pageOf(request);
    const auto found = flagOf(request, "all") ? site.rooms.history->allHolds(environment, page)
                                              : openHolds(site, environment, page);
    Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
    for (const auto& hold : found) list->add(holdJson(hold, site.rooms.clock->now()));
    auto object = jsonObject();
    object->set("holds", list);
    return jsonAnswer(200, object);
}

Answer showHold(const Site& site, Request& request) {
    allowOnly(request, {});
    const HoldId id = idOf(request, "hold");
    const auto hold = site.rooms.history->hold(id);
    if (!hold) throw Problem(404, "There is no hold " + std::to_string(id) + ".");
    return jsonAnswer(200, holdJson(*hold, site.rooms.clock->now()));
}

Answer placeHold(const Site& site, Request& request) {
    allowOnly(request, {});
    const JsonBody body(request, {"env", "service", "reason", "until", "for", "by"});
    Hold hold;
    hold.environment = body.required("env");
    hold.service = body.text("service");
    hold.reason = body.required("reason", JsonBody::kLongestReason);
    hold.until = endOf(body, site.rooms.clock->now());
    hold.by = actorOf(request, body, "by");
    hold = site.rooms.intake->hold(std::move(hold));
    log::info("api", "hold " + std::to_string(hold.id) + " on " +
                         (hold.service.empty() ? "all of " : hold.service + " in ") +
                         hold.environment + " is placed by " + hold.by);
    Answer answer = jsonAnswer(201, holdJson(hold, site.rooms.clock->now()));
    answer.headers.emplace_back("Location", urlOf(hold.id));
    return answer;
}

Answer releaseHold(const Site& site, Request& request) {
    allowOnly(request, {});
    const HoldId id = idOf(request, "hold");
    const JsonBody body(request, {"by"});
    const auto receipt = site.rooms.intake->release(id, actorOf(request, body, "by"));
    auto object = jsonObject();
    object->set("status", "released");
    object->set("hold_id", id);
    if (receipt.deployment != 0) {
        object->set("deployment_id", receipt.deployment);
        object->set("environment", validUtf8(receipt.environment));
        object->set("services", plannedIds(receipt.plan));
        object->set("status_url", deploymentUrl(receipt.deployment));
    }
    return jsonAnswer(200, object);
}

}  // namespace iac::http
