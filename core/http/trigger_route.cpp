#include <charconv>

#include "base/log.hpp"
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

/// How a deployment is now, or the one that took it over. Throws Problem 404 also for an id that an
/// earlier service gave.
Answer answerStatus(const Site& site, const std::string& id, const Beside& beside) {
    constexpr int kLongestChain = 1'000;
    DeploymentId number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (error != std::errc() || end != id.data() + id.size() || number <= 0)
        throw Problem(404, "there is no deployment \"" + id + "\"");
    Deployment deployment = deploymentOf(site, number);
    for (int i = 0; deployment.superseded_by != 0 && i < kLongestChain; ++i)
        deployment = deploymentOf(site, deployment.superseded_by);
    return deploymentAnswer(deployment, site.rooms.catalogue->latest().get(), As::status, false,
                            beside);
}

int statusOf(const plugin::TriggerVerdict& verdict, const config::Compatibility& compatibility) {
    if (verdict.status == 401) return compatibility.bad_signature;
    return verdict.status >= 400 && verdict.status <= 499 ? verdict.status : 400;
}

}  // namespace

Answer receiveTrigger(const Site& site, const MountedTrigger& trigger, Request& request) {
    using Kind = plugin::TriggerVerdict::Kind;
    const auto& compatibility = site.rooms.settings->server.compatibility;
    const auto stamp = site.authentication.stamp(request);
    auto verdict = ask(site, trigger, request);
    if (verdict.kind == Kind::rejected)
        throw Problem(statusOf(verdict, compatibility), verdict.reason);
    if (verdict.kind == Kind::answered) {
        Answer answer;
        answer.body = verdict.body;
        return answer;
    }
    Beside beside;
    beside.text_ids = compatibility.text_ids;
    if (verdict.kind == Kind::asked) return answerStatus(site, verdict.deployment, beside);
    for (const auto& warning : verdict.warnings)
        log::warning("http", "trigger " + trigger.name + ": " + warning);
    beside.warnings = std::move(verdict.warnings);
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
        return ignoredAnswer(verdict.reason, verdict.ignored_event);
    }
    return answerReceipt(site, site.rooms.intake->receive(std::move(event), nonce), wish, request,
                         beside);
}

}  // namespace iac::http
