#include "http/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>

#include "http/connections.hpp"
#include "http/process_metrics.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"

namespace iac::http {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily gauge(const std::string& name, const std::string& help) {
    return {"iac_runner_" + name, help, MetricType::Gauge, {}};
}

void set(MetricFamily& family, double value,
         std::vector<prometheus::ClientMetric::Label> labels = {}) {
    auto& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    metric.gauge.value = value;
}

MetricFamily deployments(history::History& history) {
    auto family = gauge("deployments", "Deployments of the history, by state.");
    auto counts = history.countByState();
    for (const char* state : {"queued", "running"}) counts.try_emplace(state, 0);
    for (const auto& [state, count] : counts)
        set(family, static_cast<double>(count), {{"state", state}});
    return family;
}

MetricFamily holds(const Site& site) {
    auto family = gauge("holds", "Holds that are open.");
    const auto all = site.rooms.history->holds();
    const Time now = site.rooms.clock->now();
    set(family, static_cast<double>(std::ranges::count_if(
                    *all, [now](const Hold& hold) { return hold.isOpen(now); })));
    return family;
}

MetricFamily notifications(history::History& history) {
    auto family = gauge("notifications_waiting", "Messages that wait, by notifier.");
    for (const auto& [notifier, count] : history.waitingMessages())
        set(family, static_cast<double>(count), {{"notifier", notifier}});
    return family;
}

MetricFamily commits(const history::History& history) {
    MetricFamily family{"iac_runner_history_commits_total",
                        "Transactions of the history since the start.",
                        MetricType::Counter,
                        {}};
    family.metric.emplace_back().counter.value = static_cast<double>(history.commits());
    return family;
}

MetricFamily health(Health& checks) {
    auto family = gauge("health", "What GET /health says of each check: 1 for well.");
    for (const auto& [name, well] : checks.ask()) set(family, well ? 1 : 0, {{"check", name}});
    return family;
}

std::vector<MetricFamily> reloads(const Reloads* all) {
    if (all == nullptr) return {};
    auto succeeded = gauge("config_last_reload_successful",
                           "Whether the configuration was taken over the last time it was to be.");
    set(succeeded, all->last_succeeded ? 1 : 0);
    auto at = gauge("config_last_reload_success_timestamp_seconds",
                    "When a configuration was taken over last; the start counts.");
    set(at, static_cast<double>(all->succeeded_at) / 1000);
    return {succeeded, at};
}

MetricFamily connections(const Connections& all) {
    auto family = gauge("connections", "Connections that are open.");
    set(family, static_cast<double>(all.open()));
    return family;
}

MetricFamily build() {
    auto family = gauge("build_info", "What runs; always 1.");
    set(family, 1, {{"version", IAC_VERSION}});
    return family;
}

}  // namespace

Metrics::Metrics(history::History& history)
    : requests_(prometheus::BuildCounter()
                    .Name("iac_runner_http_requests_total")
                    .Help("Requests that were answered, by route, method and status.")
                    .Register(registry_)),
      webhooks_(prometheus::BuildCounter()
                    .Name("iac_runner_webhooks_total")
                    .Help("Webhooks that were received, by trigger and what became of them.")
                    .Register(registry_)),
      rejected_(prometheus::BuildCounter()
                    .Name("iac_runner_signatures_rejected_total")
                    .Help("Requests whose signature or token was wrong, by trigger, or api.")
                    .Register(registry_)),
      durations_(history) {}

void Metrics::answered(const Request& request, int status) {
    const bool known = !request.route.empty();
    requests_
        .Add({{"route", known ? std::string(request.route) : "other"},
              {"method", known ? request.method : "other"},
              {"status", std::to_string(status)}})
        .Increment();
}

void Metrics::webhookReceived(std::string_view trigger, std::string_view verdict) {
    webhooks_.Add({{"trigger", std::string(trigger)}, {"verdict", std::string(verdict)}})
        .Increment();
}

void Metrics::signatureRejected(std::string_view trigger) {
    rejected_.Add({{"trigger", std::string(trigger)}}).Increment();
}

std::vector<MetricFamily> Metrics::collect() {
    auto families = registry_.Collect();
    std::ranges::move(durations_.collect(), std::back_inserter(families));
    return families;
}

Answer showMetrics(const Site& site, Request& request) {
    allowOnly(request, {});
    auto families = site.metrics.collect();
    auto& history = *site.rooms.history;
    for (auto& family :
         {deployments(history), holds(site), notifications(history), commits(history),
          health(site.health), connections(site.connections), build()})
        families.push_back(family);
    std::ranges::move(reloads(site.rooms.reloads), std::back_inserter(families));
    std::ranges::move(processMetrics(), std::back_inserter(families));
    Answer answer;
    answer.type = "text/plain; version=0.0.4; charset=utf-8";
    answer.body = prometheus::TextSerializer().Serialize(families);
    return answer;
}

}  // namespace iac::http
