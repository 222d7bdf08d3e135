#include <regex>
#include <set>

#include "config/findings.hpp"
#include "config/json.hpp"
#include "config/schema.hpp"
#include "config/settings.hpp"

namespace iac::config {

namespace {

/// A service that has nothing to say may say nothing.
constexpr auto kNothing = R"({"type": "object", "additionalProperties": false})";

/// "iac-runner.yaml:31: services[2]" without the file and the line.
std::string pathOf(const std::string& place) {
    const auto space = place.rfind(": ");
    return space == std::string::npos ? place : place.substr(space + 2);
}

Poco::JSON::Object::Ptr completeAt(const Settings& settings, const std::string& text,
                                   const Poco::JSON::Object::Ptr& with, const std::string& place,
                                   const std::string& whose) {
    auto copy = with ? asObject(deepCopy(with)) : Poco::JSON::Object::Ptr(new Poco::JSON::Object);
    try {
        const Schema schema(text);
        schema.readNumbers(copy);
        schema.fillDefaults(copy);
        Findings findings(settings.origins);
        for (const auto& [path, sentence] :
             schema.check(copy, memberPath(pathOf(place), "with"), settings.origins.expanded))
            findings.add(path, sentence);
        findings.throwIfAny();
    } catch (const SchemaFault& fault) {
        throw Invalid(place + ": the schema of " + whose + " " + fault.what() +
                      ": its author has to mend it");
    }
    return copy;
}

}  // namespace

Poco::JSON::Object::Ptr complete(const Settings& settings, const std::string& schema,
                                 const PluginUse& use) {
    return completeAt(settings, schema, use.with, use.place, use.plugin);
}

Poco::JSON::Object::Ptr completeService(const Settings& settings, const std::string& service_schema,
                                        const Poco::JSON::Object::Ptr& with,
                                        const std::string& place) {
    return completeAt(settings, service_schema.empty() ? kNothing : service_schema, with, place,
                      "what its executor lets a service say");
}

void refusePlaceholders(const Settings& settings, const std::string& service_schema,
                        const ServiceRule& rule) {
    if (service_schema.empty() || !rule.with) return;
    Findings findings(settings.origins);
    std::set<std::string> names{"name", "id"};
    static const std::regex capture(R"(\{([^{}]+)\})");
    for (std::sregex_iterator at(rule.discover.begin(), rule.discover.end(), capture), end;
         at != end; ++at)
        names.insert((*at)[1]);
    for (const auto& path : Schema(service_schema).placeholdersIn(rule.with, names))
        findings.add(memberPath(pathOf(rule.place), "with") + "." + path,
                     "may hold no placeholder such as {name}: what stands in its place comes from "
                     "the repository, and a shell would carry it out; use $IAC_SERVICE or "
                     "$IAC_SERVICE_NAME");
    findings.throwIfAny();
}

std::string schemaFault(const std::string& schema) {
    try {
        const Schema judged(schema);
        return {};
    } catch (const SchemaFault& fault) {
        return fault.what();
    }
}

std::vector<std::string> writeOnlyValues(const std::string& schema,
                                         const Poco::JSON::Object::Ptr& object) {
    return Schema(schema).writeOnly(object);
}

}  // namespace iac::config
