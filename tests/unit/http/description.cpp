#include "description.hpp"

#include <Poco/JSON/Parser.h>
#include <Poco/String.h>

#include <algorithm>
#include <sstream>

#include "http/description.hpp"

namespace iac::http {
namespace {

Json parsed(const std::string& text) {
    return Poco::JSON::Parser().parse(text);
}

std::vector<std::string> parts(const std::string& path) {
    std::vector<std::string> found;
    std::istringstream in(path.substr(1));
    for (std::string part; std::getline(in, part, '/');) found.push_back(part);
    if (path.ends_with('/')) found.emplace_back();
    return found;
}

bool matches(const std::string& pattern, const std::string& path) {
    const auto wanted = parts(pattern), given = parts(path);
    // The id of a service may hold slashes.
    const bool rest = pattern == "/services/{id}";
    if (rest ? given.size() < wanted.size() : given.size() != wanted.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (wanted[i].starts_with('{') ? given[i].empty() : wanted[i] != given[i]) return false;
    return true;
}

std::string typeOf(const Json& value) {
    if (value.isEmpty()) return "null";
    if (value.type() == typeid(JsonObject)) return "object";
    if (value.type() == typeid(Poco::JSON::Array::Ptr)) return "array";
    if (value.isBoolean()) return "boolean";
    if (value.isInteger()) return "integer";
    if (value.isNumeric()) return "number";
    return "string";
}

}  // namespace

const Description& Description::get() {
    static const Description description;
    return description;
}

Description::Description() : root_(parsed(descriptionJson()).extract<JsonObject>()) {
    for (const auto& status : *root_->getArray("x-transport-statuses"))
        transport_.insert(status.convert<int>());
    for (const auto& [path, item] : *root_->getObject("paths")) {
        const auto of_path = item.extract<JsonObject>();
        for (const char* method : {"get", "post", "delete", "put", "patch"})
            if (of_path->has(method)) operations_.push_back(operation(path, method, of_path));
    }
}

JsonObject Description::resolved(JsonObject schema) const {
    while (schema->has("$ref")) {
        JsonObject at = root_;
        for (const auto& part : parts(schema->getValue<std::string>("$ref").substr(1)))
            at = at->getObject(part);
        schema = at;
    }
    return schema;
}

Operation Description::operation(const std::string& path, const std::string& method,
                                 const JsonObject& of_path) const {
    const auto said = of_path->getObject(method);
    Operation operation;
    operation.method = Poco::toUpper(method);
    operation.path = path;
    operation.role = said->getValue<std::string>("x-role");
    for (const auto& list : {of_path->getArray("parameters"), said->getArray("parameters")}) {
        if (list.isNull()) continue;
        for (unsigned i = 0; i < list->size(); ++i) {
            const auto one = resolved(list->getObject(i));
            operation.parameters.push_back({one->getValue<std::string>("name"),
                                            one->getValue<std::string>("in"),
                                            resolved(one->getObject("schema"))});
        }
    }
    if (said->has("requestBody"))
        operation.body = resolved(resolved(said->getObject("requestBody"))
                                      ->getObject("content")
                                      ->getObject("application/json")
                                      ->getObject("schema"));
    for (const auto& [status, answer] : *said->getObject("responses"))
        operation.answers[std::stoi(status)] = resolved(answer.extract<JsonObject>());
    return operation;
}

const Operation* Description::find(const std::string& method, const std::string& path) const {
    const std::string answered_by = method == "HEAD" ? "GET" : method;
    for (const auto& operation : operations_)
        if (operation.method == answered_by && matches(operation.path, path)) return &operation;
    return nullptr;
}

std::string Description::fault(const Operation* operation, int status, const std::string& type,
                               const std::string& body) const {
    const std::string media = type.substr(0, type.find(';'));
    const auto described = operation == nullptr ? std::map<int, JsonObject>::const_iterator{}
                                                : operation->answers.find(status);
    if (operation == nullptr || described == operation->answers.end()) {
        if (!transport_.contains(status))
            return "status " + std::to_string(status) + " is not described";
        if (media != "application/problem+json") return "a refusal is of the type " + type;
        return check(parsed(body),
                     root_->getObject("components")->getObject("schemas")->getObject("Problem"),
                     "body");
    }
    const auto content = described->second->getObject("content");
    if (content.isNull()) return body.empty() ? "" : "there is a body where none is described";
    if (!content->has(media)) return "the type " + type + " is not described";
    if (!media.ends_with("json")) return {};
    return check(parsed(body), content->getObject(media)->getObject("schema"), "body");
}

std::string Description::check(const Json& value, JsonObject schema, const std::string& at) const {
    schema = resolved(schema);
    if (const auto all = schema->getArray("allOf"); !all.isNull()) {
        auto whole = JsonObject(new Poco::JSON::Object);
        auto properties = JsonObject(new Poco::JSON::Object);
        for (unsigned i = 0; i < all->size(); ++i)
            for (const auto& [name, one] : *resolved(all->getObject(i))->getObject("properties"))
                properties->set(name, one);
        whole->set("type", "object");
        whole->set("properties", properties);
        return check(value, whole, at);
    }
    const auto type = schema->optValue<std::string>("type", "");
    const auto is = typeOf(value);
    if (!type.empty() && is != type && !(type == "number" && is == "integer"))
        return at + " is of the type " + is + ", not " + type;
    if (const auto values = schema->getArray("enum"); !values.isNull())
        if (std::none_of(values->begin(), values->end(),
                         [&](const Json& one) { return one == value; }))
            return at + " is " + value.convert<std::string>() + ", which is not in its list";
    if (type == "array") {
        const auto array = value.extract<Poco::JSON::Array::Ptr>();
        for (unsigned i = 0; i < array->size(); ++i)
            if (const auto wrong = check(array->get(i), schema->getObject("items"),
                                         at + "[" + std::to_string(i) + "]");
                !wrong.empty())
                return wrong;
    }
    return type == "object" ? checkObject(value.extract<JsonObject>(), schema, at) : "";
}

std::string Description::checkObject(const JsonObject& value, const JsonObject& schema,
                                     const std::string& at) const {
    if (const auto required = schema->getArray("required"); !required.isNull())
        for (const auto& name : *required)
            if (!value->has(name.convert<std::string>()))
                return at + " has no " + name.convert<std::string>();
    const auto properties = schema->getObject("properties");
    if (properties.isNull()) return {};
    for (const auto& [name, member] : *value) {
        if (!properties->has(name)) return at + " has " + name + ", which is not described";
        if (const auto wrong = check(member, properties->getObject(name), at + "." + name);
            !wrong.empty())
            return wrong;
    }
    return {};
}

}  // namespace iac::http
