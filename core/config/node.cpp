#include "config/node.hpp"

#include "config/json.hpp"
#include "config/scalar.hpp"
#include "config/units.hpp"

namespace iac::config {
namespace {

// What a plugin gets: a number whose spelling would be lost is the text that was written. Where the
// plugin's schema wants a number, it becomes one again (Schema::readNumbers).
Poco::Dynamic::Var asWritten(const Poco::Dynamic::Var& value, const std::string& path,
                             const std::map<std::string, std::string>& written) {
    if (auto object = asObject(value)) {
        for (const auto& key : object->getNames())
            object->set(key, asWritten(object->get(key), memberPath(path, key), written));
        return value;
    }
    if (auto array = asArray(value)) {
        for (std::size_t i = 0; i < array->size(); ++i) {
            const auto index = static_cast<unsigned>(i);
            array->set(index, asWritten(array->get(index), itemPath(path, i), written));
        }
        return value;
    }
    const auto text = written.find(path);
    if (text == written.end() || keepsSpelling(value, text->second)) return value;
    return text->second;
}

}  // namespace

Node::Node(const Document& document, Findings& findings, const Poco::Dynamic::Var& value,
           std::string path)
    : document_(&document),
      findings_(&findings),
      object_(asObject(value)),
      path_(std::move(path)) {}

Poco::Dynamic::Var Node::get(const std::string& key) const {
    return object_ ? object_->get(key) : Poco::Dynamic::Var();
}

Node Node::child(const std::string& key) const {
    return {*document_, *findings_, get(key), pathOf(key)};
}

std::vector<Node> Node::items(const std::string& key) const {
    std::vector<Node> nodes;
    const auto array = asArray(get(key));
    for (std::size_t i = 0; array && i < array->size(); ++i)
        nodes.emplace_back(*document_, *findings_, array->get(static_cast<unsigned>(i)),
                           itemPath(pathOf(key), i));
    return nodes;
}

std::vector<Node> Node::members(const std::string& key) const {
    std::vector<Node> nodes;
    const auto object = asObject(get(key));
    if (!object) return nodes;
    for (const auto& name : object->getNames()) {
        nodes.emplace_back(*document_, *findings_, object->get(name),
                           memberPath(pathOf(key), name));
        nodes.back().key_ = name;
    }
    return nodes;
}

std::string Node::text(const std::string& key, const std::string& fallback) const {
    const auto value = get(key);
    return value.isString() ? value.extract<std::string>() : fallback;
}

std::vector<std::string> Node::texts(const std::string& key) const {
    const auto value = get(key);
    if (value.isString()) return {value.extract<std::string>()};
    std::vector<std::string> texts;
    if (const auto array = asArray(value))
        for (const auto& item : *array)
            texts.push_back(item.isString() ? item.extract<std::string>() : std::string());
    return texts;
}

int Node::number(const std::string& key, int fallback) const {
    const auto value = get(key);
    if (!value.isInteger() || value.isBoolean() || findings_->has(pathOf(key))) return fallback;
    return value.convert<int>();
}

bool Node::truth(const std::string& key, bool fallback) const {
    const auto value = get(key);
    return value.isBoolean() && !value.isString() ? value.convert<bool>() : fallback;
}

Duration Node::duration(const std::string& key, Duration fallback, Duration least) const {
    const auto value = text(key);
    if (value.empty()) return fallback;
    const auto duration = parseDuration(value);
    if (!duration)
        fault(key, "\"" + value + "\" is longer than a hundred years");
    else if (*duration < least)
        fault(key, "must be longer than no time at all: write 30s, 10m or 1h30m");
    return duration.value_or(fallback);
}

std::uint64_t Node::size(const std::string& key, std::uint64_t fallback) const {
    const auto value = text(key);
    if (value.empty()) return fallback;
    const auto size = parseSize(value);
    if (!size)
        fault(key, "\"" + value + "\" is more than " + std::to_string(kLargestSize >> 40) + "TiB");
    else if (*size == 0)
        fault(key, "must be more than nothing: write 512KiB, 25MiB or 1GiB");
    return size.value_or(fallback);
}

Poco::JSON::Object::Ptr Node::mapping(const std::string& key) const {
    if (const auto object = asObject(get(key)))
        return asObject(asWritten(deepCopy(object), pathOf(key), document_->written));
    return new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
}

std::map<std::string, std::string> Node::variables(const std::string& key) const {
    std::map<std::string, std::string> variables;
    const auto object = asObject(get(key));
    if (!object) return variables;
    for (const auto& name : object->getNames()) {
        const auto value = object->get(name);
        const auto written = document_->written.find(memberPath(pathOf(key), name));
        if (value.isString())
            variables[name] = value.extract<std::string>();
        else if (written != document_->written.end())
            variables[name] = written->second;
    }
    return variables;
}

std::string Node::place() const {
    const auto& origins = document_->origins;
    return origins.file + ":" + std::to_string(origins.line(path_)) + ": " + path_;
}

}  // namespace iac::config
