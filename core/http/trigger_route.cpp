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

/// What came of a webhook, said in the log when the request is answered.
class Told {
public:
    Told(const Site& site, const MountedTrigger& trigger, const Request& request)
        : site_(site), request_(request) {
        webhook_.trigger = trigger.name;
        webhook_.event = request.header("x-github-event");
        webhook_.delivery = request.header("x-github-delivery");
    }
    void of(const Event& event) {
        delivery_ = event.delivery;
        webhook_.delivery = delivery_;
        if (webhook_.event.empty())
            webhook_.event = event.kind == EventKind::change ? "change" : "request";
    }
    void as(std::string_view verdict, std::string_view reason = {}, DeploymentId deployment = 0) {
        webhook_.verdict = verdict;
        webhook_.reason = reason;
        webhook_.deployment = deployment;
        site_.request_log.received(request_, webhook_);
    }
    /// Of the receipt, or why there is none.
    intake::Receipt receive(Event event, const intake::Intake::Nonce& nonce) try {
        auto receipt = site_.rooms.intake->receive(std::move(event), nonce);
        as(receipt.deployment == 0 ? "no_changes"
           : receipt.duplicate     ? "duplicate"
                                   : "accepted",
           {}, receipt.deployment);
        return receipt;
    } catch (const std::exception& refused) {
        as("rejected", refused.what());
        throw;
    }

private:
    const Site& site_;
    const Request& request_;
    std::string delivery_;
    RequestLog::Webhook webhook_;
};

/// As Authentication::stamp().
std::optional<Stamp> stampOf(const Site& site, const MountedTrigger& trigger,
                             const Request& request) try {
    return site.authentication.stamp(request);
} catch (const Problem& wrong) {
    site.request_log.rejected(request, trigger.name, wrong.what());
    throw;
}

// 401 is what a trigger says of a signature; server.compatibility may want another status.
int statusOf(const Site& site, int said) {
    if (said == 401) return site.rooms.settings->server.compatibility.bad_signature;
    return said >= 400 && said <= 499 ? said : 400;
}

[[noreturn]] void reject(const Site& site, const MountedTrigger& trigger, const Request& request,
                         const plugin::TriggerVerdict& verdict, Told& told) {
    const int status = statusOf(site, verdict.status);
    if (status == 401 || status == 403) {
        site.request_log.rejected(request, trigger.name, verdict.reason);
    } else {
        told.as("rejected", verdict.reason);
    }
    throw Problem(status, verdict.reason);
}

}  // namespace

Answer receiveTrigger(const Site& site, const MountedTrigger& trigger, Request& request) {
    using Kind = plugin::TriggerVerdict::Kind;
    const auto stamp = stampOf(site, trigger, request);
    auto verdict = ask(site, trigger, request);
    Told told(site, trigger, request);
    if (verdict.kind == Kind::rejected) reject(site, trigger, request, verdict, told);
    if (verdict.kind == Kind::answered) {
        told.as("answered");
        Answer answer;
        answer.body = verdict.body;
        return answer;
    }
    Beside beside;
    beside.text_ids = site.rooms.settings->server.compatibility.text_ids;
    if (verdict.kind == Kind::asked) return answerStatus(site, verdict.deployment, beside);
    for (const auto& warning : verdict.warnings)
        log::warning("http", "trigger " + trigger.name + ": " + warning);
    beside.warnings = std::move(verdict.warnings);
    const auto wish = wishedWait(request, verdict.wait_seconds);
    Event& event = verdict.event;
    told.of(event);
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
        told.as("ignored", verdict.reason);
        return ignoredAnswer(verdict.reason, verdict.ignored_event);
    }
    const auto receipt = told.receive(std::move(event), nonce);
    return answerReceipt(site, receipt, wish, request, beside);
}

}  // namespace iac::http
