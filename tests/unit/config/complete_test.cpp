#include <Poco/JSON/Parser.h>
#include <Poco/JSON/Stringifier.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "fixture.hpp"

using namespace iac::config;

namespace {

const std::string kSchema = R"({
    "type": "object", "required": ["charts"], "additionalProperties": false,
    "properties": {
        "charts": {"type": "string", "description": "where the charts lie"},
        "namespace": {"type": "string", "default": "default"},
        "wait": {"type": "number", "minimum": 0},
        "token": {"type": ["string", "array"], "items": {"type": "string"}, "writeOnly": true},
        "retry": {"type": "object", "properties": {"times": {"type": "integer", "default": 3}}},
        "rules": {"type": "array", "items": {
            "type": "object", "additionalProperties": false,
            "properties": {"path": {"type": "string", "minLength": 1},
                           "mode": {"type": "string", "enum": ["on", "off"], "default": "on"}}}}}})";

std::string text(const Poco::Dynamic::Var& value) {
    std::ostringstream out;
    Poco::JSON::Stringifier::stringify(value, out);
    return out.str();
}

Poco::JSON::Object::Ptr object(const std::string& json) {
    return Poco::JSON::Parser().parse(json).extract<Poco::JSON::Object::Ptr>();
}

Settings settingsWith(const Folder& folder, const std::string& with) {
    return loadText(folder,
                    kBase + "triggers:\n  helm:\n    plugin: acme.helm\n    with:\n" + with);
}

/// What completing `with` (from line 9 on) gives, or is refused with.
std::string completed(const std::string& with, const std::string& schema = kSchema) {
    const Folder folder;
    const auto settings = settingsWith(folder, with);
    try {
        return text(complete(settings, schema, settings.triggers.at(0)));
    } catch (const Invalid& invalid) {
        std::string sentences = invalid.what();
        const auto prefix = folder.path().string() + "/";
        for (auto at = sentences.find(prefix); at != std::string::npos; at = sentences.find(prefix))
            sentences.erase(at, prefix.size());
        return sentences;
    }
}

}  // namespace

TEST_CASE("what a plugin gets is complete", "[complete]") {
    CHECK(completed("      charts: ./charts\n") ==
          R"({"charts":"./charts","namespace":"default","retry":{"times":3}})");
    CHECK(
        completed("      { charts: a, namespace: b, retry: {}, rules: [ { path: c } ] }\n") ==
        R"({"charts":"a","namespace":"b","retry":{"times":3},"rules":[{"path":"c","mode":"on"}]})");
}

TEST_CASE("completing leaves the settings as they are", "[complete]") {
    const Folder folder;
    const auto settings = settingsWith(folder, "      { charts: a, rules: [ { path: c } ] }\n");
    const auto before = text(settings.triggers.at(0).with);
    complete(settings, kSchema, settings.triggers.at(0));
    CHECK(text(settings.triggers.at(0).with) == before);
}

TEST_CASE("what a plugin does not take is told with its line in the file", "[complete]") {
    CHECK(completed("      namespace: a\n") ==
          "iac-runner.yaml:8: triggers.helm.with.charts: is missing: where the charts lie");
    CHECK(completed("      charts: a\n      namspace: b\n") ==
          "iac-runner.yaml:10: triggers.helm.with.namspace: there is no such key; did you mean "
          "\"namespace\"? (known: charts, namespace, wait, token, retry, rules)");
    CHECK(completed("      charts: 5\n") ==
          "iac-runner.yaml:9: triggers.helm.with.charts: expected text, found the number 5: write "
          "it in quotes if it is meant as text");
    CHECK(
        completed("      charts: a\n      rules:\n        - path: a\n        - path: \"\"\n"
                  "          mode: offf\n") ==
        "iac-runner.yaml:12: triggers.helm.with.rules[1].path: is empty\n"
        "iac-runner.yaml:13: triggers.helm.with.rules[1].mode: \"offf\" is not known here; did you "
        "mean \"off\"? (allowed: on, off)");
    CHECK(completed("      charts: a\n      wait: -1\n") ==
          "iac-runner.yaml:10: triggers.helm.with.wait: -1 is out of range: expected at least 0");
    CHECK(completed("      charts: a\n      wait: true\n") ==
          "iac-runner.yaml:10: triggers.helm.with.wait: expected a number, found true");
    CHECK(completed("      charts: a\n      wait: 1.5\n").front() == '{');
}

TEST_CASE("what is secret is not shown when it is wrong", "[complete]") {
    CHECK(completed("      charts: a\n      token: 123456\n") ==
          "iac-runner.yaml:10: triggers.helm.with.token: expected text or a list, found a number: "
          "write it in quotes if it is meant as text");
    const Variable variable("IAC_TEST_KEY", "hunter2");
    CHECK(completed("      charts: a\n      wait: ${IAC_TEST_KEY}\n") ==
          "iac-runner.yaml:10: triggers.helm.with.wait: expected a number, found text");
}

TEST_CASE("of several forms one has to fit, and what they need is said", "[complete]") {
    const std::string schema = R"({"type": "object", "additionalProperties": false,
        "properties": {"webhook_url": {"type": "string"}, "token": {"type": "string"},
                       "channel": {"type": "string"}},
        "oneOf": [{"required": ["webhook_url"]}, {"required": ["token", "channel"]}]})";
    CHECK(completed("      webhook_url: a\n", schema) == R"({"webhook_url":"a"})");
    CHECK(completed("      token: a\n", schema) ==
          "iac-runner.yaml:8: triggers.helm.with: expected webhook_url, or token and channel");
    CHECK(completed("      { token: a, channel: b, webhook_url: c }\n", schema) ==
          "iac-runner.yaml:8: triggers.helm.with: expected only one of: webhook_url, or token and "
          "channel");
    CHECK(completed("      tokn: a\n", schema) ==
          "iac-runner.yaml:9: triggers.helm.with.tokn: there is no such key; did you mean "
          "\"token\"? (known: webhook_url, token, channel)");
}

TEST_CASE("what a service says is checked by the executor's schema", "[complete]") {
    const Folder folder;
    const auto settings = loadText(
        folder, kBase + "services:\n  - id: a/b\n    executor: invoke\n    with:\n      tsk: x\n");
    const std::string schema = R"({"type": "object", "required": ["task"],
        "properties": {"task": {"type": "string"}, "args": {"type": "array", "default": []}}})";
    const auto& rule = settings.services.at(0);
    CHECK(text(completeService(settings, schema, object(R"({"task": "b.sync"})"), rule.place)) ==
          R"({"task":"b.sync","args":[]})");
    CHECK_THROWS_WITH(completeService(settings, schema, rule.with, rule.place),
                      Catch::EndsWith("iac-runner.yaml:8: services[0].with.task: is missing"));
    CHECK_THROWS_WITH(completeService(settings, "", rule.with, rule.place),
                      Catch::EndsWith("iac-runner.yaml:9: services[0].with.tsk: there is no such "
                                      "key: none is known here"));
    CHECK(text(completeService(settings, "", nullptr, rule.place)) == "{}");
}

TEST_CASE("a schema that cannot be used says why in one sentence", "[complete]") {
    CHECK(schemaFault(kSchema).empty());
    CHECK_THAT(schemaFault("{"), Catch::StartsWith("is not JSON: "));
    CHECK(schemaFault("[]") == "is not a JSON object");
    CHECK(schemaFault(R"({"properties": {"a": {"format": "uri"}}})") ==
          "has at properties.a a fault: \"format\" is not checked by this runner: leave it out");
    CHECK(schemaFault(R"({"$ref": "#/definitions/a"})").find("\"$ref\" is not checked") !=
          std::string::npos);
    CHECK(schemaFault(R"({"properties": {"a": {"pattern": "("}}})") ==
          "has at properties.a a fault: \"pattern\" is not a regular expression of ECMAScript");
    CHECK(schemaFault(R"({"properties": {"a": {"type": "string", "default": 5}}})") ==
          "has at properties.a a fault: its own \"default\" does not fit it");
    CHECK_THAT(schemaFault(R"({"type": "text"})"), Catch::StartsWith("is not a JSON Schema: "));
    CHECK_THAT(schemaFault(R"({"required": 5})"), Catch::StartsWith("is not a JSON Schema: "));
    CHECK_THAT(schemaFault(R"({"properties": {"a": 5}})"), !Catch::Equals(""));
    CHECK_THAT(schemaFault(R"({"items": [{}]})"), !Catch::Equals(""));
    CHECK(completed("      charts: a\n", "{\"format\": 1}") ==
          "iac-runner.yaml:6: triggers.helm: the schema of acme.helm has at its top a fault: "
          "\"format\" is not checked by this runner: leave it out: its author has to mend it");
}

TEST_CASE("what a schema marks writeOnly is found at every depth", "[complete]") {
    CHECK(writeOnlyValues(kSchema, object(R"({"charts": "a", "token": "b"})")) ==
          std::vector<std::string>{"b"});
    CHECK(writeOnlyValues(kSchema, object(R"({"token": ["b", "c"], "charts": "a"})")) ==
          std::vector<std::string>{"b", "c"});
    const std::string nested = R"({"properties": {"hosts": {"type": "array", "items": {
        "type": "object", "properties": {"name": {}, "password": {"writeOnly": true}}}}},
        "additionalProperties": {"writeOnly": true}})";
    CHECK(writeOnlyValues(nested, object(R"({"hosts": [{"name": "a", "password": "b"}],
                                             "other": {"deep": ["c"]}})")) ==
          std::vector<std::string>{"b", "c"});
}
