#include "notified.hpp"

#include <Poco/JSON/Parser.h>
#include <iac/plugin.h>

#include "model/json.hpp"
#include "plugins/shipped.hpp"

namespace iac::test {
namespace {

plugin::HostedCall callOf(const std::string& id, const std::string& config) {
    plugin::HostedCall call;
    call.plugin = &shipped().find("notifier", id);
    call.config = config;
    call.timeout = Duration{30'000};
    return call;
}

using Object = Poco::JSON::Object::Ptr;

Object deploymentOf(const Told& told) {
    Poco::JSON::Array::Ptr steps = new Poco::JSON::Array;
    for (std::size_t i = 0; i < told.services.size(); ++i) {
        Object step = jsonObject();
        step->set("service", "platform/service" + std::to_string(i));
        step->set("status", told.services[i]);
        if (told.services[i] != "pending") step->set("summary", told.service_summary);
        steps->add(step);
    }
    Object deployment = jsonObject();
    deployment->set("id", 1042);
    deployment->set("status", told.status);
    deployment->set("environment", told.environment);
    deployment->set("trigger", "github");
    setText(deployment, "ref", told.ref);
    setText(deployment, "revision", told.revision);
    setText(deployment, "triggered_by", told.triggered_by);
    setText(deployment, "subject", told.subject);
    setText(deployment, "summary", told.summary);
    setText(deployment, "next_action", told.next_action);
    if (told.dry_run) deployment->set("dry_run", true);
    deployment->set("created_at", "2025-01-24T04:50:40Z");
    if (told.status != "queued") deployment->set("started_at", "2025-01-24T04:50:47.500Z");
    if (told.status != "queued" && told.status != "running") {
        deployment->set("finished_at", "2025-01-24T04:50:59.800Z");
        deployment->set("duration_seconds", 12.3);
    }
    if (told.status == "superseded") deployment->set("superseded_by", 1043);
    deployment->set("steps", steps);
    deployment->set("log_url", "/deployments/1042/log");
    return deployment;
}

}  // namespace

std::string Told::text(const std::string& memory) const {
    Object repository = jsonObject(), input = jsonObject();
    repository->set("url", web + ".git");
    repository->set("web", web);
    repository->set("previous_revision", previous);
    input->set("notification", "77");
    input->set("event", event);
    input->set("sample", sample);
    input->set("deployment", deploymentOf(*this));
    input->set("repository", repository);
    input->set("public_url", public_url);
    input->set("log_tail", log_tail);
    input->set("memory", memory);
    return jsonText(input);
}

Notified NotifierInTest::tell(const Told& told) {
    plugin::HostedCall call = callOf(id_, config_);
    call.input = told.text(memory_);
    Notified notified;
    plugin::HostedEvents events;
    events.log = [&](int, std::string_view sentence) { notified.all.append(sentence) += "\n"; };
    events.output = [&](int, std::string_view bytes) { notified.all.append(bytes); };
    events.progress = [](double, std::string_view) {};
    const auto result = plugin::callInHost(call, events);
    notified.end = result.end;
    notified.status = result.status;
    notified.message = result.message;
    notified.all += result.message + "\n";
    for (const auto& json : result.emitted) {
        notified.all += json + "\n";
        const auto object = parseObject(json);
        if (object->has("memory")) memory_ = object->getValue<std::string>("memory");
        if (object->has("answer")) notified.answer = object->getValue<std::string>("answer");
        if (object->has("retry_after"))
            notified.retry_after = object->getValue<double>("retry_after");
        if (object->has("next_action"))
            notified.next_action = object->getValue<std::string>("next_action");
    }
    notified.memory = memory_;
    return notified;
}

std::string NotifierInTest::refusal() {
    plugin::HostedCall call = callOf(id_, config_);
    call.input = "{}";
    call.check = "create";
    const auto result = plugin::callInHost(call, {});
    return result.status == IAC_OK ? "" : result.message;
}

Poco::JSON::Object::Ptr parseObject(const std::string& json) {
    return Poco::JSON::Parser().parse(json).extract<Poco::JSON::Object::Ptr>();
}

}  // namespace iac::test
