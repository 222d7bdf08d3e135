#include "config/secrets.hpp"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <cstdlib>
#include <functional>

#include "config/env_file.hpp"
#include "config/repository_url.hpp"

namespace iac::config {

namespace {

constexpr std::size_t kLargestSecretFile = 1u << 20;
/// What a Vault Agent's template writes for a key that its secret does not have.
constexpr std::string_view kNoValue = "<no value>";

struct Expansion {
    std::string text;
    std::vector<std::string> missing;
    bool malformed = false;
    bool replaced = false;  ///< something that came from a source is in it
};

using Find = std::function<const Secret*(const std::string&)>;

Expansion expandText(const std::string& raw, const Find& find) {
    Expansion out;
    for (std::size_t at = 0;;) {
        const auto dollar = raw.find("${", at);
        out.text += raw.substr(at, dollar == std::string::npos ? dollar : dollar - at);
        if (dollar == std::string::npos) return out;
        if (dollar > at && raw[dollar - 1] == '$') {  // "$${" is "${"
            out.text += '{';
            at = dollar + 2;
            continue;
        }
        const auto end = raw.find('}', dollar);
        const auto name =
            end == std::string::npos ? std::string() : raw.substr(dollar + 2, end - dollar - 2);
        if (!isVariableName(name)) {
            out.malformed = true;
            return out;
        }
        if (const auto* secret = find(name)) {
            out.text += secret->reveal();
            out.replaced = true;
        } else {
            out.missing.push_back(name);
        }
        at = end + 1;
    }
}

constexpr auto kMalformed =
    "\"${\" is not followed by a NAME and \"}\": write $${ where the text ${ is meant";

/// The text with its secrets, or nothing and a finding.
std::optional<std::string> expandAt(const std::string& raw, const std::string& path,
                                    const Find& find, SecretSources& sources, Document& document,
                                    Findings& findings) {
    const auto expansion = expandText(raw, find);
    if (expansion.malformed) {
        findings.add(path, kMalformed);
        return std::nullopt;
    }
    if (expansion.replaced) document.origins.expanded.insert(path);
    if (expansion.missing.empty()) return expansion.text;
    std::string sentence;
    for (const auto& name : expansion.missing)
        sentence += (sentence.empty() ? "" : "; ") + sources.whyMissing(name);
    if (sources.allRead())
        findings.add(path, sentence);
    else
        findings.mute(path);
    return std::nullopt;
}

/// Replaces in every text at or below `value`; the new value.
Poco::Dynamic::Var expandBelow(const Poco::Dynamic::Var& value, const std::string& path,
                               const Find& find, SecretSources& sources, Document& document,
                               Findings& findings) {
    if (value.type() == typeid(Poco::JSON::Object::Ptr)) {
        auto object = value.extract<Poco::JSON::Object::Ptr>();
        for (const auto& key : object->getNames())
            object->set(key, expandBelow(object->get(key), memberPath(path, key), find, sources,
                                         document, findings));
        return value;
    }
    if (value.type() == typeid(Poco::JSON::Array::Ptr)) {
        auto array = value.extract<Poco::JSON::Array::Ptr>();
        for (unsigned i = 0; i < array->size(); ++i)
            array->set(i, expandBelow(array->get(i), itemPath(path, i), find, sources, document,
                                      findings));
        return value;
    }
    if (!value.isString()) return value;
    const auto text =
        expandAt(value.extract<std::string>(), path, find, sources, document, findings);
    return text ? Poco::Dynamic::Var(*text) : value;
}

}  // namespace

SecretSources::SecretSources(const Poco::Dynamic::Var& list, const std::filesystem::path& folder,
                             Document& document, Findings& findings) {
    if (list.type() != typeid(Poco::JSON::Array::Ptr)) {
        addEnvironment();
        return;
    }
    // The places of secrets cannot be secrets themselves: they are found in the environment.
    SecretSources environment({}, folder, document, findings);
    const auto find = [&](const std::string& name) { return environment.find(name); };
    const auto& array = list.extract<Poco::JSON::Array::Ptr>();
    for (unsigned i = 0; i < array->size(); ++i) {
        const auto path = itemPath("secrets", i);
        const auto entry = array->getObject(i);
        if (entry.isNull()) continue;
        if (!entry->has("file")) {
            if (entry->has("optional"))
                findings.add(memberPath(path, "optional"), "is for files only");
            addEnvironment();
            continue;
        }
        if (entry->has("environment")) {
            findings.add(path, "names a file and the environment: make two entries of it");
            continue;
        }
        const auto name = expandAt(entry->getValue<std::string>("file"), memberPath(path, "file"),
                                   find, environment, document, findings);
        if (name && name->starts_with('~')) findings.add(memberPath(path, "file"), kTildeFault);
        if (name && !name->starts_with('~'))
            addFile(folder / *name, entry->optValue("optional", false), memberPath(path, "file"),
                    findings);
        else
            all_read_ = false;
    }
}

SecretSources SecretSources::unread() {
    SecretSources none;
    none.all_read_ = false;
    return none;
}

void SecretSources::addEnvironment() {
    Source source;
    source.shown = "the process environment";
    source.environment = true;
    sources_.push_back(std::move(source));
}

void SecretSources::addFile(const std::filesystem::path& file, bool optional,
                            const std::string& path, Findings& findings) {
    Source source;
    source.shown = file.lexically_normal().string();
    source.file = file;
    std::error_code ignored;
    source.absent = optional && !std::filesystem::exists(file, ignored);
    try {
        if (!source.absent)
            for (auto& [name, value] : parseEnvFile(readWhole(file, kLargestSecretFile))) {
                if (value == kNoValue)
                    source.unrendered.insert(name);
                else
                    source.values.emplace(name, Secret(std::move(value)));
            }
    } catch (const std::runtime_error& error) {
        all_read_ = false;
        findings.add(path, source.shown + ": " + error.what());
    }
    sources_.push_back(std::move(source));
}

std::vector<std::filesystem::path> SecretSources::files() const {
    std::vector<std::filesystem::path> files;
    for (const auto& source : sources_)
        if (!source.file.empty() && !source.absent) files.push_back(source.file);
    return files;
}

const Secret* SecretSources::find(const std::string& name) {
    for (auto& source : sources_) {
        if (const auto found = source.values.find(name); found != source.values.end())
            return &found->second;
        if (!source.environment) continue;
        if (const char* value = std::getenv(name.c_str()))
            return &source.values.emplace(name, Secret(value)).first->second;
    }
    return nullptr;
}

std::string SecretSources::whyMissing(const std::string& name) const {
    std::string places, notes;
    bool environment = false;
    for (const auto& source : sources_) {
        environment = environment || source.environment;
        places += (places.empty() ? "" : ", nor in ") + source.shown;
        if (source.absent) places += " (which does not exist)";
        if (source.unrendered.contains(name))
            notes += "; " + source.shown + " says \"<no value>\": its template has no such key";
    }
    if (places.empty()) places = "any place of secrets, for none is listed";
    if (!environment && std::getenv(name.c_str()) != nullptr)
        notes += "; the process environment has it: add \"- environment: {}\" to secrets";
    return "the secret " + name + " is not in " + places + notes;
}

std::map<std::string, Secret> SecretSources::known() const {
    std::map<std::string, Secret> all;
    for (const auto& source : sources_)
        for (const auto& [name, value] : source.values) all.emplace(name, value);
    return all;
}

void expandSecrets(Document& document, SecretSources& sources, Findings& findings) {
    if (document.root.type() != typeid(Poco::JSON::Object::Ptr)) return;
    auto root = document.root.extract<Poco::JSON::Object::Ptr>();
    const auto find = [&](const std::string& name) { return sources.find(name); };
    for (const auto& key : root->getNames())
        if (key != "secrets")
            root->set(key, expandBelow(root->get(key), memberPath("", key), find, sources, document,
                                       findings));
}

}  // namespace iac::config
