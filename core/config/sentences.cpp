#include "config/sentences.hpp"

#include <algorithm>
#include <numeric>

#include "config/findings.hpp"
#include "config/json.hpp"

namespace iac::config {

namespace {

using Object = Poco::JSON::Object::Ptr;
using Var = Poco::Dynamic::Var;

constexpr std::string_view kType = "Value type not permitted";
constexpr std::string_view kNoForm = "Failed to validate against any schemas allowed by anyOf";
constexpr std::string_view kNoOneForm =
    "Failed to validate against any child schemas allowed by oneOf";
constexpr std::string_view kTooManyForms = "Failed to validate against exactly one";
constexpr std::size_t kLongestShown = 60;

/// A place in the file: its value, and what the schema says about it.
struct Spot {
    std::string path;
    Object schema;
    Var value;
    bool hidden = false;  ///< the value is secret
};

Spot descend(Spot spot, const std::string& token, const std::set<std::string>& hidden) {
    Spot next;
    if (const auto array = asArray(spot.value)) {
        const auto index = static_cast<std::size_t>(std::stoul(token));
        next.path = itemPath(spot.path, index);
        next.value = array->get(static_cast<unsigned>(index));
        next.schema = asObject(spot.schema->get("items"));
    } else {
        next.path = memberPath(spot.path, token);
        next.schema = memberSchema(spot.schema, token);
        if (const auto object = asObject(spot.value)) next.value = object->get(token);
    }
    next.hidden = spot.hidden || hidden.contains(next.path) ||
                  (next.schema && next.schema->optValue("writeOnly", false));
    return next;
}

std::string keyword(const Spot& spot, const std::string& name) {
    const auto value = spot.schema->get(name);
    return value.isEmpty() ? std::string() : value.toString();
}

std::string show(const Var& value) {
    if (value.isEmpty()) return "nothing";
    if (asObject(value)) return "a mapping";
    if (asArray(value)) return "a list";
    if (!value.isString()) return value.toString();
    const auto& text = value.extract<std::string>();
    if (text.size() > kLongestShown || text.find('\n') != std::string::npos) return "the text";
    return "\"" + text + "\"";
}

/// "the text "on"", "the number 5"; a secret only as "text".
std::string found(const Spot& spot) {
    const auto& value = spot.value;
    if (value.isEmpty() || asObject(value) || asArray(value)) return show(value);
    if (value.isString()) return spot.hidden ? "text" : "the text " + show(value);
    if (value.isBoolean()) return spot.hidden ? "true or false" : show(value);
    return spot.hidden ? "a number" : "the number " + show(value);
}

std::string typeWords(const std::string& type) {
    if (type == "object") return "a mapping (key: value)";
    if (type == "array") return "a list";
    if (type == "string") return "text";
    if (type == "integer") return "a whole number";
    if (type == "number") return "a number";
    if (type == "boolean") return "true or false";
    return "nothing";
}

std::string expected(const Spot& spot) {
    if (spot.schema->has("x-expected")) return keyword(spot, "x-expected");
    const auto types = asArray(spot.schema->get("type"));
    if (!types) return typeWords(keyword(spot, "type"));
    std::string words;
    for (const auto& type : *types) {
        if (type.toString() == "null" && types->size() > 1) continue;
        words += (words.empty() ? "" : " or ") + typeWords(type.toString());
    }
    return words;
}

/// The value as the subject of a sentence; a secret goes without.
std::string subject(const Spot& spot) {
    return spot.hidden ? "" : show(spot.value) + " ";
}

std::string wrongType(const Spot& spot) {
    std::string sentence = "expected " + expected(spot) + ", found " + found(spot);
    const auto wanted = keyword(spot, "type");
    const bool text = wanted.find("string") != std::string::npos;
    if (text && !spot.schema->has("x-expected") &&
        (spot.value.isNumeric() || spot.value.isBoolean()))
        sentence += ": write it in quotes if it is meant as text";
    return sentence;
}

std::string outOfRange(const Spot& spot) {
    std::vector<std::string> bounds;
    if (spot.schema->has("minimum")) bounds.push_back("at least " + keyword(spot, "minimum"));
    if (spot.schema->has("exclusiveMinimum"))
        bounds.push_back("more than " + keyword(spot, "exclusiveMinimum"));
    if (spot.schema->has("maximum")) bounds.push_back("at most " + keyword(spot, "maximum"));
    if (spot.schema->has("exclusiveMaximum"))
        bounds.push_back("less than " + keyword(spot, "exclusiveMaximum"));
    return subject(spot) + "is out of range: expected " + joined(bounds);
}

std::string wrongCount(const Spot& spot, const std::string& what) {
    const auto low = keyword(spot, "min" + what);
    const auto high = keyword(spot, "max" + what);
    std::string unit = what == "Length" ? " characters" : " entries";
    if (low == "1" && high.empty()) {
        const bool words = spot.schema->has("x-expected") || spot.schema->has("description");
        return "is empty" + (words ? ": expected " + keyword(spot, spot.schema->has("x-expected")
                                                                       ? "x-expected"
                                                                       : "description")
                                   : std::string());
    }
    if (high.empty()) return "expected at least " + low + unit;
    if (low.empty()) return "expected at most " + high + unit;
    return "expected " + low + " to " + high + unit;
}

std::vector<std::string> allowedValues(const Spot& spot) {
    std::vector<std::string> words;
    if (const auto values = asArray(spot.schema->get("enum")))
        for (const auto& value : *values)
            words.push_back(value.isString() ? value.extract<std::string>() : show(value));
    return words;
}

std::string notAllowed(const Spot& spot) {
    const auto words = allowedValues(spot);
    if (spot.hidden) return "expected one of: " + joined(words);
    const auto near = spot.value.isString() ? suggestion(spot.value.extract<std::string>(), words)
                                            : std::string();
    return show(spot.value) + " is not known here; " + near + "(allowed: " + joined(words) + ")";
}

std::string wrongPattern(const Spot& spot) {
    if (spot.schema->has("x-expected"))
        return subject(spot) + "is not " + keyword(spot, "x-expected");
    return subject(spot) + "does not match the pattern " + keyword(spot, "pattern");
}

/// "webhook_url, or token and channel": of alternatives that only say what is required.
std::string alternatives(const Spot& spot) {
    auto forms = asArray(spot.schema->get("anyOf"));
    if (!forms) forms = asArray(spot.schema->get("oneOf"));
    std::string words;
    for (std::size_t i = 0; forms && i < forms->size(); ++i) {
        const auto required = asArray(forms->getObject(static_cast<unsigned>(i))->get("required"));
        if (!required) return {};
        std::string form;
        for (const auto& name : *required) form += (form.empty() ? "" : " and ") + name.toString();
        words += (words.empty() ? "" : ", or ") + form;
    }
    return words;
}

std::string wrongForm(const Spot& spot, bool several) {
    if (spot.schema->has("x-expected")) return "expected " + keyword(spot, "x-expected");
    const auto words = alternatives(spot);
    if (words.empty())
        return several ? "fits more than one of the forms allowed here"
                       : "fits none of the forms allowed here";
    return several ? "expected only one of: " + words : "expected " + words;
}

std::string missing(const Spot& spot, const std::string& name) {
    const auto schema = memberSchema(spot.schema, name);
    const auto what = schema ? schema->optValue<std::string>("description", "") : std::string();
    return "is missing" + (what.empty() ? "" : ": " + what);
}

std::vector<Schema::Finding> unknownKeys(const Spot& spot) {
    std::vector<std::string> known;
    if (const auto properties = asObject(spot.schema->get("properties")))
        for (const auto& name : properties->getNames())
            if (!asObject(properties->get(name))->has("not")) known.push_back(name);
    std::vector<Schema::Finding> findings;
    const auto object = asObject(spot.value);
    for (const auto& key : object->getNames()) {
        if (memberSchema(spot.schema, key)) continue;
        findings.push_back({memberPath(spot.path, key),
                            known.empty() ? std::string("there is no such key: none is known here")
                                          : "there is no such key; " + suggestion(key, known) +
                                                "(known: " + joined(known) + ")"});
    }
    return findings;
}

/// One finding in our words; empty when it only repeats what another one says.
std::string sentence(const std::string& words, const Spot& spot) {
    const auto says = [&](std::string_view begin) { return words.starts_with(begin); };
    if (says(kType)) return wrongType(spot);
    if (says("Failed to match against any enum")) return notAllowed(spot);
    if (says("Failed to match expected value set by 'const'"))
        return "expected " + show(spot.schema->get("const"));
    if (says("Failed to match regex")) return wrongPattern(spot);
    if (says("Expected number")) return outOfRange(spot);
    if (says("Array should contain")) return wrongCount(spot, "Items");
    if (says("String should be no")) return wrongCount(spot, "Length");
    if (says("Object should have")) return wrongCount(spot, "Properties");
    if (says("Elements at indexes")) return "names one thing twice";
    if (says("Value should be a multiple"))
        return subject(spot) + "is not a multiple of " + keyword(spot, "multipleOf");
    if (says("Target should not validate"))
        return spot.schema->has("x-refused") ? keyword(spot, "x-refused") : "is not allowed here";
    if (says(kTooManyForms)) return wrongForm(spot, true);
    if (says(kNoForm) || says(kNoOneForm)) return wrongForm(spot, false);
    if (says("Failed to validate")) return {};  // a property or an item, with a finding of its own
    return spot.hidden ? "is not valid" : "is not valid: " + words;  // of a later valijson
}

}  // namespace

void addTruthValues(const Object& schema, const Var& value, const std::vector<std::string>& tokens,
                    std::vector<RawFinding>& raw) {
    if (!schema) return;
    if (value.isBoolean() && !value.isString()) {
        const auto type = schema->get("type");
        if (type.isString() && type.extract<std::string>() == "number")
            raw.push_back({tokens, std::string(kType)});
    }
    auto below = tokens;
    below.emplace_back();
    if (const auto object = asObject(value))
        for (const auto& key : object->getNames()) {
            below.back() = key;
            addTruthValues(memberSchema(schema, key), object->get(key), below, raw);
        }
    if (const auto array = asArray(value))
        for (std::size_t i = 0; i < array->size(); ++i) {
            below.back() = std::to_string(i);
            addTruthValues(asObject(schema->get("items")), array->get(static_cast<unsigned>(i)),
                           below, raw);
        }
}

bool isAboutForms(const RawFinding& finding) {
    return finding.words.starts_with(kNoForm) || finding.words.starts_with(kNoOneForm) ||
           finding.words.starts_with(kTooManyForms);
}

std::vector<Schema::Finding> toSentences(const std::vector<RawFinding>& raw, const Object& schema,
                                         const Var& value, const std::string& path,
                                         const std::set<std::string>& hidden) {
    static constexpr std::string_view kMissing = "Missing required property '";
    std::vector<Schema::Finding> findings;
    for (const auto& finding : raw) {
        Spot spot{path, schema, value, schema->optValue("writeOnly", false)};
        for (const auto& token : finding.tokens)
            if (spot.schema) spot = descend(std::move(spot), token, hidden);
        if (!spot.schema) continue;  // as below
        if (finding.words.starts_with(kMissing)) {
            const auto name =
                finding.words.substr(kMissing.size(), finding.words.rfind('\'') - kMissing.size());
            findings.push_back({memberPath(spot.path, name), missing(spot, name)});
        } else if (finding.words.starts_with("Object contains a property that could not")) {
            for (auto& unknown : unknownKeys(spot)) findings.push_back(std::move(unknown));
        } else if (auto text = sentence(finding.words, spot); !text.empty()) {
            findings.push_back({spot.path, std::move(text)});
        }
    }
    // What was left out repeats another finding. Without one, it is all that is known.
    if (findings.empty() && !raw.empty())
        findings.push_back({path, "is not valid: " + raw.front().words});
    return findings;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known) {
    const std::string* nearest = nullptr;
    std::size_t least = std::max<std::size_t>(word.size() / 3, 1) + 1;
    for (const auto& candidate : known) {
        // Levenshtein, one row at a time.
        std::vector<std::size_t> row(candidate.size() + 1);
        std::iota(row.begin(), row.end(), std::size_t{0});
        for (std::size_t i = 0; i < word.size(); ++i) {
            auto diagonal = std::exchange(row[0], i + 1);
            for (std::size_t j = 0; j < candidate.size(); ++j) {
                const auto replaced = diagonal + (word[i] == candidate[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
            }
        }
        if (row.back() < least) {
            least = row.back();
            nearest = &candidate;
        }
    }
    return nearest ? "did you mean \"" + *nearest + "\"? " : "";
}

}  // namespace iac::config
