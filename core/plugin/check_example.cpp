#include "plugin/check_example.hpp"

#include <Poco/JSON/Parser.h>

#include <cstdlib>

#include "config/json.hpp"
#include "config/schema.hpp"
#include "model/json.hpp"

namespace iac::plugin {
namespace {

using Poco::Dynamic::Var;
using Object = Poco::JSON::Object::Ptr;

Var sample(const Object& schema);

std::string typeOf(const Object& schema) {
    const Var type = schema->get("type");
    if (const auto list = config::asArray(type); list && list->size() > 0)
        return list->getElement<std::string>(0);
    if (type.isString()) return type.extract<std::string>();
    return schema->has("properties") ? "object" : "string";
}

Var sampleObject(const Object& schema) {
    Object made = jsonObject();
    const auto required = config::asArray(schema->get("required"));
    for (std::size_t i = 0; required && i < required->size(); ++i) {
        const auto name = required->getElement<std::string>(static_cast<unsigned>(i));
        if (const auto property = config::memberSchema(schema, name))
            made->set(name, sample(property));
    }
    return made;
}

Var sampleArray(const Object& schema) {
    Poco::JSON::Array::Ptr made = new Poco::JSON::Array;
    const auto items = config::asObject(schema->get("items"));
    for (int i = schema->optValue("minItems", 0); items && i > 0; --i) made->add(sample(items));
    return made;
}

Var sample(const Object& schema) {
    for (const char* list : {"examples", "enum", "anyOf", "oneOf"}) {
        const auto choices = config::asArray(schema->get(list));
        if (!choices || choices->size() == 0) continue;
        const Var first = choices->get(0);
        const bool form = std::string_view(list).ends_with("Of");
        return form ? sample(config::asObject(first)) : config::deepCopy(first);
    }
    for (const char* one : {"const", "default"})
        if (schema->has(one)) return config::deepCopy(schema->get(one));
    const std::string type = typeOf(schema);
    if (type == "object") return sampleObject(schema);
    if (type == "array") return sampleArray(schema);
    if (type == "boolean") return false;
    if (type == "integer") return schema->optValue("minimum", 1);
    if (type == "number") return schema->optValue("minimum", 1.0);
    if (type == "null") return {};
    const int least = std::max(1, schema->optValue("minLength", 1));
    return std::string(static_cast<std::size_t>(least), 'x');
}

Deployment exampleDeployment() {
    Deployment deployment;
    deployment.id = 1;
    deployment.state = DeploymentState::failed;
    deployment.environment = "staging";
    deployment.trigger = "manual";
    deployment.triggered_by = "octocat";
    deployment.ref = "main";
    deployment.revision = "0123456789012345678901234567890123456789";
    deployment.subject = "Change the example";
    Step step;
    step.service = "platform/example";
    step.executor = "example";
    step.reason = "platform/01.example/compose.yaml";
    step.state = StepState::failed;
    step.summary = "the example failed";
    step.diagnosis = {"example", "the example failed", "Read its log."};
    deployment.steps.push_back(step);
    return deployment;
}

Object executorInput(const Plugin& plugin, const std::string& directory) {
    Object input = jsonObject();
    input->set("deployment", 1);
    input->set("service", "platform/example");
    input->set("name", "example");
    input->set("environment", "staging");
    input->set("revision", "0123456789012345678901234567890123456789");
    input->set("ref", "main");
    input->set("triggered_by", "octocat");
    input->set("directory", directory);
    input->set("attempt", 1);
    // Should it start something by itself, a plugin that keeps its word changes nothing.
    input->set("dry_run", true);
    input->set("with", plugin.service_schema.empty()
                           ? jsonObject()
                           : exampleSettings(plugin.service_schema, nullptr));
    return input;
}

Object triggerInput(const Plugin& plugin) {
    const std::string first = plugin.routes.substr(0, plugin.routes.find(','));
    const std::size_t space = first.find(' ');
    Object headers = jsonObject(), input = jsonObject();
    headers->set("content-type", "application/json");
    input->set("method", first.substr(0, space));
    input->set("path",
               space == first.npos ? "/" : first.substr(first.find_first_not_of(' ', space)));
    input->set("body", "{}");
    input->set("headers", headers);
    input->set("query", jsonObject());
    input->set("branch", "main");
    input->set("environment", "staging");
    return input;
}

Poco::JSON::Array::Ptr texts(std::initializer_list<const char*> all) {
    Poco::JSON::Array::Ptr array = new Poco::JSON::Array;
    for (const char* one : all) array->add(std::string(one));
    return array;
}

}  // namespace

Object exampleSettings(const std::string& text, std::string* fault) {
    const config::Schema schema(text);
    Object made = config::asObject(sampleObject(schema.json()));
    schema.fillDefaults(made);
    const auto findings = schema.check(made, "with", {});
    if (fault != nullptr && !findings.empty())
        *fault = findings.front().path + ": " + findings.front().sentence;
    return made;
}

std::vector<std::string> exampleEnvironment(const Object& input,
                                            const std::filesystem::path& scratch) {
    std::vector<std::string> all{"IAC_OUTPUT=" + (scratch / "output").string()};
    for (const char* own : {"PATH", "HOME", "USER", "LANG", "TMPDIR"})
        if (const char* value = std::getenv(own)) all.push_back(std::string(own) + "=" + value);
    constexpr std::pair<const char*, const char*> kOfStep[] = {
        {"DEPLOY_ENV", "environment"},       {"IAC_ENVIRONMENT", "environment"},
        {"IAC_DEPLOYMENT_ID", "deployment"}, {"IAC_SERVICE", "service"},
        {"IAC_DEPLOY_REF", "revision"},      {"IAC_REF", "ref"},
        {"IAC_TRIGGERED_BY", "triggered_by"}};
    for (const auto& [name, member] : kOfStep)
        if (input->has(member) && !input->isObject(member))
            all.push_back(std::string(name) + "=" + input->get(member).toString());
    return all;
}

Object exampleInput(const Plugin& plugin, const std::string& directory) {
    if (plugin.kind == "executor") return executorInput(plugin, directory);
    if (plugin.kind == "trigger") return triggerInput(plugin);
    Object input = jsonObject();
    if (plugin.kind == "mapper") {
        input->set("paths", texts({"platform/01.example/compose.yaml", "libs/common.py"}));
        input->set("services", texts({"platform/example"}));
        input->set("environment", "staging");
    } else {
        input->set("event", "deployment.finished");
        input->set("deployment", toJson(exampleDeployment(), Detail::full));
    }
    return input;
}

}  // namespace iac::plugin
