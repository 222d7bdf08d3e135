#include "config/json.hpp"

namespace iac::config {

Poco::JSON::Object::Ptr asObject(const Poco::Dynamic::Var& value) {
    if (value.type() != typeid(Poco::JSON::Object::Ptr)) return {};
    return value.extract<Poco::JSON::Object::Ptr>();
}

Poco::JSON::Array::Ptr asArray(const Poco::Dynamic::Var& value) {
    if (value.type() != typeid(Poco::JSON::Array::Ptr)) return {};
    return value.extract<Poco::JSON::Array::Ptr>();
}

Poco::Dynamic::Var deepCopy(const Poco::Dynamic::Var& value) {
    if (const auto object = asObject(value)) {
        Poco::JSON::Object::Ptr copy = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
        for (const auto& key : object->getNames()) copy->set(key, deepCopy(object->get(key)));
        return copy;
    }
    if (const auto array = asArray(value)) {
        Poco::JSON::Array::Ptr copy = new Poco::JSON::Array;
        for (const auto& item : *array) copy->add(deepCopy(item));
        return copy;
    }
    return value;
}

Poco::JSON::Object::Ptr memberSchema(const Poco::JSON::Object::Ptr& schema,
                                     const std::string& key) {
    const auto properties = asObject(schema->get("properties"));
    if (properties && properties->has(key)) return asObject(properties->get(key));
    return asObject(schema->get("additionalProperties"));
}

Poco::Dynamic::Var withoutForms(const Poco::Dynamic::Var& schema) {
    const auto object = asObject(schema);
    if (!object) return schema;
    Poco::JSON::Object::Ptr copy = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
    for (const auto& key : object->getNames()) {
        if (key == "anyOf" || key == "oneOf") continue;
        if (key == "properties") {
            // Names, not keywords: a setting may well be called "oneOf".
            Poco::JSON::Object::Ptr properties = new Poco::JSON::Object;
            if (const auto given = asObject(object->get(key)))
                for (const auto& name : given->getNames())
                    properties->set(name, withoutForms(given->get(name)));
            copy->set(key, properties);
        } else if (key == "items" || key == "additionalProperties") {
            copy->set(key, withoutForms(object->get(key)));
        } else {
            copy->set(key, object->get(key));
        }
    }
    return copy;
}

}  // namespace iac::config
