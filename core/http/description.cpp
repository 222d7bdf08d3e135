#include "http/description.hpp"

#include <Poco/JSON/Array.h>
#include <yaml-cpp/yaml.h>

#include "http/query_values.hpp"
#include "http/site.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

/// A scalar that is not quoted and looks like a number or a truth value is one.
Poco::Dynamic::Var scalar(const YAML::Node& node) {
    const bool quoted = node.Tag() == "!";
    bool truth = false;
    std::int64_t number = 0;
    if (!quoted && YAML::convert<bool>::decode(node, truth)) return truth;
    if (!quoted && YAML::convert<std::int64_t>::decode(node, number)) return number;
    return node.Scalar();
}

Poco::Dynamic::Var jsonOf(const YAML::Node& node) {
    if (node.IsMap()) {
        auto object = jsonObject();
        for (const auto& member : node) object->set(member.first.Scalar(), jsonOf(member.second));
        return object;
    }
    if (node.IsSequence()) {
        Poco::JSON::Array::Ptr array = new Poco::JSON::Array;
        for (const auto& item : node) array->add(jsonOf(item));
        return array;
    }
    return scalar(node);
}

}  // namespace

const std::string& descriptionJson() {
    static const std::string json = jsonText(
        jsonOf(YAML::Load(std::string(kDescriptionYaml))).extract<Poco::JSON::Object::Ptr>());
    return json;
}

Answer showDescriptionYaml(const Site&, Request& request) {
    allowOnly(request, {});
    Answer answer;
    answer.type = "application/yaml";
    answer.body = kDescriptionYaml;
    return answer;
}

Answer showDescriptionJson(const Site&, Request& request) {
    allowOnly(request, {});
    Answer answer;
    answer.body = descriptionJson();
    return answer;
}

}  // namespace iac::http
