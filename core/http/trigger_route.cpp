#include "config/repository_url.hpp"
#include "http/digest.hpp"
#include "http/receipts.hpp"
#include "http/site.hpp"
#include "http/trigger_answers.hpp"

namespace iac::http {
namespace {

plugin::TriggerVerdict ask(const Site& site, const MountedTrigger& trigger,
                           const Request& request) {
    plugin::TriggerRequest asked;
    asked.method = request.method;
    asked.path = request.path;
    asked.target = request.target;
    asked.body = request.body;
    asked.headers = request.headers;
    asked.query = request.query;
    asked.branch = site.rooms.settings->repository.branch;
    const std::string repository = config::withoutLogin(site.rooms.settings->repository.url);
    asked.repository = repository;
    asked.environment = trigger.environment;
    asked.caller = request.caller;
    return trigger.trigger->receive(asked);
}

}  // namespace

Answer receiveTrigger(const Site& site, const MountedTrigger& trigger, Request& request) {
    using Kind = plugin::TriggerVerdict::Kind;
    const auto stamp = site.authentication.stamp(request);
    auto verdict = ask(site, trigger, request);
    if (verdict.kind == Kind::rejected)
        throw Problem(verdict.status >= 400 && verdict.status <= 499 ? verdict.status : 400,
                      verdict.reason);
    if (verdict.kind == Kind::answered) {
        Answer answer;
        answer.body = verdict.body;
        return answer;
    }
    const auto wish = wishedWait(request, verdict.wait_seconds);
    Event& event = verdict.event;
    event.trigger = trigger.name;
    event.body_digest = sha256(request.body);
    if (event.environment.empty()) event.environment = trigger.environment;
    if (!request.caller.empty()) event.triggered_by = request.caller;
    // Used up together with the event: not before the trigger has checked the signature, for nobody
    // else may fill the table of nonces, and not by a request that is refused.
    intake::Intake::Nonce nonce;
    if (stamp) nonce = {stamp->nonce, stamp->expires};
    if (verdict.kind == Kind::ignored) {
        site.rooms.intake->ignored(event, verdict.reason, nonce);
        return ignoredAnswer(verdict.reason);
    }
    return answerReceipt(site, site.rooms.intake->receive(std::move(event), nonce), wish, request);
}

}  // namespace iac::http
