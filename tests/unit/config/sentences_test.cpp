#include "config/sentences.hpp"

#include <Poco/JSON/Object.h>

#include <catch2/catch.hpp>

#include "config/json.hpp"

using namespace iac::config;

namespace {

Poco::JSON::Object::Ptr schemaWith(const std::string& key, bool secret) {
    Poco::JSON::Object::Ptr property = new Poco::JSON::Object;
    property->set("type", "string");
    property->set("writeOnly", secret);
    Poco::JSON::Object::Ptr properties = new Poco::JSON::Object;
    properties->set(key, property);
    Poco::JSON::Object::Ptr schema = new Poco::JSON::Object;
    schema->set("properties", properties);
    return schema;
}

std::vector<Schema::Finding> told(const std::vector<RawFinding>& raw, bool secret = false) {
    Poco::JSON::Object::Ptr value = new Poco::JSON::Object;
    value->set("a", "x");
    return toSentences(raw, schemaWith("a", secret), value, "with", {});
}

}  // namespace

TEST_CASE("a wording that is not known is shown as it is", "[sentences]") {
    const std::string words = GENERATE("Missing dependency 'b'.", "String should be a valid date",
                                       "The value is wrong in a way that nobody has seen yet.");
    const auto findings = told({{{"a"}, words}});
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].path == "with.a");
    CHECK(findings[0].sentence == "is not valid: " + words);
    CHECK(told({{{"a"}, words}}, true).at(0).sentence == "is not valid");
}

TEST_CASE("a finding that only repeats another one is left out, and is all there is without it",
          "[sentences]") {
    const RawFinding repeats{
        {}, "Failed to validate against schema associated with property name 'a'."};
    const auto both = told({{{"a"}, "Value type not permitted by 'type' constraint."}, repeats});
    REQUIRE(both.size() == 1);
    CHECK(both[0].path == "with.a");
    const auto alone = told({repeats});
    REQUIRE(alone.size() == 1);
    CHECK(alone[0].path == "with");
    CHECK(alone[0].sentence == "is not valid: " + repeats.words);
    CHECK(told({{{"b", "c"}, "It is wrong."}}).size() ==
          1);  // a place that the schema does not have
    CHECK(told({}).empty());
}
