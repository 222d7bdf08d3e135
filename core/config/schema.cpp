#include "config/schema.hpp"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <regex>

#include "config/findings.hpp"
#include "config/json.hpp"
#include "config/scalar.hpp"
#include "config/sentences.hpp"
#include "config/validate.hpp"

namespace iac::config {

namespace {

constexpr std::array kKeywords{std::string_view("$schema"),
                               std::string_view("$id"),
                               std::string_view("$comment"),
                               std::string_view("title"),
                               std::string_view("description"),
                               std::string_view("examples"),
                               std::string_view("default"),
                               std::string_view("writeOnly"),
                               std::string_view("type"),
                               std::string_view("enum"),
                               std::string_view("const"),
                               std::string_view("properties"),
                               std::string_view("required"),
                               std::string_view("additionalProperties"),
                               std::string_view("minProperties"),
                               std::string_view("maxProperties"),
                               std::string_view("items"),
                               std::string_view("minItems"),
                               std::string_view("maxItems"),
                               std::string_view("uniqueItems"),
                               std::string_view("minimum"),
                               std::string_view("maximum"),
                               std::string_view("exclusiveMinimum"),
                               std::string_view("exclusiveMaximum"),
                               std::string_view("multipleOf"),
                               std::string_view("minLength"),
                               std::string_view("maxLength"),
                               std::string_view("pattern"),
                               std::string_view("anyOf"),
                               std::string_view("oneOf"),
                               std::string_view("not")};

[[noreturn]] void fault(const std::string& where, const std::string& sentence) {
    throw SchemaFault((where.empty() ? "" : "has at " + where + " a fault: ") + sentence);
}

void judge(const Poco::JSON::Object::Ptr& node, const std::string& where);

void judgeSub(const Poco::Dynamic::Var& value, const std::string& where) {
    const auto node = asObject(value);
    if (!node) fault(where, "expected a schema (an object)");
    judge(node, where);
}

void judgePattern(const Poco::JSON::Object::Ptr& node, const std::string& where) {
    if (!node->has("pattern")) return;
    const auto pattern = node->get("pattern");
    if (!pattern.isString()) fault(where, "\"pattern\" is not text");
    try {
        const std::regex compiled(pattern.extract<std::string>());
    } catch (const std::regex_error&) {
        fault(where, "\"pattern\" is not a regular expression of ECMAScript");
    }
}

/// A default that the schema refuses would be told to the user, who did not write it.
void judgeDefault(const Poco::JSON::Object::Ptr& node, const std::string& where) {
    if (!node->has("default")) return;
    if (!validate(node, node->get("default")).empty())
        fault(where, "its own \"default\" does not fit it");
}

void judge(const Poco::JSON::Object::Ptr& node, const std::string& where) {
    for (const auto& key : node->getNames())
        if (!key.starts_with("x-") &&
            std::find(kKeywords.begin(), kKeywords.end(), key) == kKeywords.end())
            fault(where.empty() ? "its top" : where,
                  "\"" + key + "\" is not checked by this runner: leave it out");
    if (const auto properties = asObject(node->get("properties")))
        for (const auto& key : properties->getNames())
            judgeSub(properties->get(key), memberPath(memberPath(where, "properties"), key));
    if (node->has("items")) judgeSub(node->get("items"), memberPath(where, "items"));
    const auto additional = node->get("additionalProperties");
    if (!additional.isEmpty() && !additional.isBoolean())
        judgeSub(additional, memberPath(where, "additionalProperties"));
    for (const auto* key : {"anyOf", "oneOf"}) {
        const auto forms = asArray(node->get(key));
        for (std::size_t i = 0; forms && i < forms->size(); ++i)
            judgeSub(forms->get(static_cast<unsigned>(i)), itemPath(memberPath(where, key), i));
    }
    judgePattern(node, where);
    judgeDefault(node, where);
}

Poco::JSON::Object::Ptr parseSchema(const std::string& text) {
    try {
        Poco::JSON::Parser parser(new Poco::JSON::ParseHandler(true));
        auto json = asObject(parser.parse(text));
        if (json) return json;
    } catch (const Poco::Exception& error) {
        throw SchemaFault("is not JSON: " + error.displayText());
    }
    throw SchemaFault("is not a JSON object");
}

/// What an absent object would be, made of the defaults within it; null when that is not enough.
Poco::JSON::Object::Ptr fromDefaults(const Poco::JSON::Object::Ptr& node);

void fill(const Poco::JSON::Object::Ptr& node, const Poco::Dynamic::Var& value) {
    if (const auto array = asArray(value)) {
        const auto items = asObject(node->get("items"));
        for (std::size_t i = 0; items && i < array->size(); ++i)
            fill(items, array->get(static_cast<unsigned>(i)));
        return;
    }
    auto object = asObject(value);
    if (!object) return;
    const auto properties = asObject(node->get("properties"));
    if (properties) {
        for (const auto& key : properties->getNames()) {
            const auto property = asObject(properties->get(key));
            if (object->has(key))
                fill(property, object->get(key));
            else if (property->has("default"))
                object->set(key, deepCopy(property->get("default")));
            else if (const auto made = fromDefaults(property))
                object->set(key, made);
        }
    }
    if (const auto other = asObject(node->get("additionalProperties")))
        for (const auto& key : object->getNames())
            if (!properties || !properties->has(key)) fill(other, object->get(key));
}

bool takes(const Poco::JSON::Object::Ptr& node, std::string_view wanted) {
    const auto type = node->get("type");
    if (type.isString()) return type.extract<std::string>() == wanted;
    const auto types = asArray(type);
    return types && std::any_of(types->begin(), types->end(), [&](const auto& one) {
               return one.isString() && one.template extract<std::string>() == wanted;
           });
}

Poco::Dynamic::Var readNumbersIn(const Poco::JSON::Object::Ptr& node,
                                 const Poco::Dynamic::Var& value) {
    if (!node) return value;
    if (auto object = asObject(value)) {
        for (const auto& key : object->getNames())
            object->set(key, readNumbersIn(memberSchema(node, key), object->get(key)));
    } else if (auto array = asArray(value)) {
        const auto items = asObject(node->get("items"));
        for (std::size_t i = 0; i < array->size(); ++i) {
            const auto index = static_cast<unsigned>(i);
            array->set(index, readNumbersIn(items, array->get(index)));
        }
    } else if (value.isString() && node->has("type") && !takes(node, "string")) {
        const auto text = value.extract<std::string>();
        Poco::Dynamic::Var typed;
        if (!plainScalar(text, typed) || typed.isEmpty() || typed.isString() ||
            keepsSpelling(typed, text))
            return value;  // what stands in quotes stays text
        // "6e2" is a whole number too.
        if (!typed.isBoolean() && !typed.isInteger() && takes(node, "integer"))
            if (const double number = typed.convert<double>();
                number == std::floor(number) && std::abs(number) < 1e15)
                typed = static_cast<Poco::Int64>(number);
        const bool wanted = typed.isBoolean()   ? takes(node, "boolean")
                            : typed.isInteger() ? takes(node, "integer") || takes(node, "number")
                                                : takes(node, "number");
        if (wanted) return typed;
    }
    return value;
}

Poco::JSON::Object::Ptr fromDefaults(const Poco::JSON::Object::Ptr& node) {
    const auto type = node->get("type");
    if (!type.isString() || type.extract<std::string>() != "object") return {};
    Poco::JSON::Object::Ptr made = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
    fill(node, made);
    const auto required = asArray(node->get("required"));
    for (std::size_t i = 0; required && i < required->size(); ++i)
        if (!made->has(required->getElement<std::string>(static_cast<unsigned>(i)))) return {};
    return made->size() > 0 ? made : Poco::JSON::Object::Ptr();
}

void collectTexts(const Poco::Dynamic::Var& value, std::vector<std::string>& texts) {
    if (value.isString()) texts.push_back(value.extract<std::string>());
    if (const auto object = asObject(value))
        for (const auto& key : object->getNames()) collectTexts(object->get(key), texts);
    if (const auto array = asArray(value))
        for (const auto& item : *array) collectTexts(item, texts);
}

void collectWriteOnly(const Poco::JSON::Object::Ptr& node, const Poco::Dynamic::Var& value,
                      std::vector<std::string>& texts) {
    if (node->optValue("writeOnly", false)) return collectTexts(value, texts);
    if (const auto object = asObject(value))
        for (const auto& key : object->getNames())
            if (const auto sub = memberSchema(node, key))
                collectWriteOnly(sub, object->get(key), texts);
    if (const auto array = asArray(value))
        if (const auto items = asObject(node->get("items")))
            for (const auto& item : *array) collectWriteOnly(items, item, texts);
    for (const auto* key : {"anyOf", "oneOf"}) {
        const auto forms = asArray(node->get(key));
        for (std::size_t i = 0; forms && i < forms->size(); ++i)
            collectWriteOnly(forms->getObject(static_cast<unsigned>(i)), value, texts);
    }
}

/// Texts that a pattern would have to be matched with, and that are longer than is safe.
void collectTooLong(const Poco::JSON::Object::Ptr& node, const Poco::Dynamic::Var& value,
                    const std::string& path, std::vector<Schema::Finding>& findings) {
    if (!node) return;
    if (value.isString() && node->has("pattern") &&
        value.extract<std::string>().size() > Schema::kLongestMatched)
        findings.push_back({path, "is longer than the " + std::to_string(Schema::kLongestMatched) +
                                      " bytes it may have"});
    if (const auto object = asObject(value))
        for (const auto& key : object->getNames())
            collectTooLong(memberSchema(node, key), object->get(key), memberPath(path, key),
                           findings);
    if (const auto array = asArray(value))
        for (std::size_t i = 0; i < array->size(); ++i)
            collectTooLong(asObject(node->get("items")), array->get(static_cast<unsigned>(i)),
                           itemPath(path, i), findings);
    for (const auto* key : {"anyOf", "oneOf"}) {
        const auto forms = asArray(node->get(key));
        for (std::size_t i = 0; forms && i < forms->size(); ++i)
            collectTooLong(asObject(forms->get(static_cast<unsigned>(i))), value, path, findings);
    }
}

}  // namespace

Schema::Schema(const std::string& text) : json_(parseSchema(text)) {
    judge(json_, "");
    validate(json_, Poco::Dynamic::Var());  // valijson's own opinion of the schema
}

std::vector<Schema::Finding> Schema::check(const Poco::Dynamic::Var& value, const std::string& path,
                                           const std::set<std::string>& hidden) const {
    std::vector<Finding> too_long;
    collectTooLong(json_, value, path, too_long);
    if (!too_long.empty()) return too_long;
    // First everything but the alternatives: what is wrong within one of several forms is not
    // always wrong. Only when the rest is right is it said that none of the forms fits.
    auto raw = validate(asObject(withoutForms(json_)), value);
    addTruthValues(json_, value, {}, raw);
    if (raw.empty()) {
        raw = validate(json_, value);
        auto forms = raw;
        std::erase_if(forms, [](const RawFinding& finding) { return !isAboutForms(finding); });
        if (!forms.empty()) raw = std::move(forms);
    }
    return toSentences(raw, json_, value, path, hidden);
}

std::vector<std::string> Schema::placeholdersIn(const Poco::JSON::Object::Ptr& object,
                                                const std::set<std::string>& names) const {
    const auto holdsOne = [&](const std::string& text) {
        return std::ranges::any_of(names, [&](const std::string& name) {
            return text.find("{" + name + "}") != text.npos ||
                   text.find("{" + name + "|") != text.npos;
        });
    };
    std::vector<std::string> places;
    const std::function<void(const Poco::JSON::Object::Ptr&, const Poco::Dynamic::Var&,
                             const std::string&)>
        look = [&](const auto& node, const auto& value, const auto& path) {
            if (!node) return;
            if (value.isString() && !node->optValue("x-placeholders", true) &&
                holdsOne(value.template extract<std::string>()))
                places.push_back(path);
            if (const auto members = asObject(value))
                for (const auto& key : members->getNames())
                    look(memberSchema(node, key), members->get(key), memberPath(path, key));
            if (const auto items = asArray(value))
                for (std::size_t i = 0; i < items->size(); ++i)
                    look(asObject(node->get("items")), items->get(static_cast<unsigned>(i)),
                         itemPath(path, i));
        };
    look(json_, object, "");
    return places;
}

void Schema::readNumbers(const Poco::JSON::Object::Ptr& object) const {
    readNumbersIn(json_, object);
}

void Schema::fillDefaults(const Poco::JSON::Object::Ptr& object) const {
    fill(json_, object);
}

std::vector<std::string> Schema::writeOnly(const Poco::Dynamic::Var& value) const {
    std::vector<std::string> texts;
    collectWriteOnly(json_, value, texts);
    return texts;
}

}  // namespace iac::config
