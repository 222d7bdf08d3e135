#include "strange_requests.hpp"

#include <Poco/JSON/Array.h>

#include <array>

namespace iac::http {
namespace {

constexpr std::array kTexts{"staging",
                            "production",
                            "platform/postgres",
                            "redis",
                            "v1",
                            "main",
                            "ann",
                            "read",
                            "admin",
                            "2h",
                            "0s",
                            "2101-01-01T00:00:00Z",
                            "2001-01-01",
                            "9999-12-31T23:59:60Z",
                            "1",
                            "0",
                            "-1",
                            "true",
                            "bytes=0-",
                            "--upload-pack=x",
                            "../../etc/passwd",
                            "' OR 1=1 --",
                            "%s%n",
                            "\xc3\xb8",
                            "refs/heads/main",
                            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                            "",
                            " ",
                            "\t",
                            "<script>"};

constexpr std::array kPathParts{"1",
                                "2",
                                "0",
                                "-1",
                                "7",
                                "99999999999999999999",
                                "9223372036854775807",
                                "1e3",
                                "0x1",
                                "%31",
                                "%00",
                                "%zz",
                                "%",
                                "..",
                                "%2e%2e",
                                "%2F",
                                "a%2Fb",
                                "platform/postgres",
                                "postgres",
                                "ci",
                                "%ff%fe",
                                "{id}",
                                "*",
                                ";",
                                "a+b",
                                "%0d%0aX:y"};

constexpr std::array kNumbers{"0",
                              "1",
                              "-1",
                              "499",
                              "500",
                              "3600",
                              "3601",
                              "1.5",
                              "-0.0",
                              "1e308",
                              "1e999",
                              "9223372036854775808",
                              "-9223372036854775809",
                              "00",
                              "1E2"};

constexpr std::array kHeaders{std::pair{"Range", "bytes=0-"},
                              std::pair{"Range", "bytes=99999999999999999999-"},
                              std::pair{"Range", "bytes=-0"},
                              std::pair{"Prefer", "wait=99999999999999999999"},
                              std::pair{"Prefer", "wait=-1"},
                              std::pair{"Accept", "text/event-stream"},
                              std::pair{"Last-Event-ID", "1-2-99999999999"},
                              std::pair{"Last-Event-ID", "end"},
                              std::pair{"Content-Type", "application/xml"},
                              std::pair{"Expect", "100-continue"},
                              std::pair{"X-IAC-Nonce", "x"},
                              std::pair{"X-IAC-Timestamp", "-1"},
                              std::pair{"X-GitHub-Event", "push"},
                              std::pair{"Accept-Encoding", "br"}};

std::string escaped(const std::string& text) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z')) {
            encoded += c;
        } else {
            encoded += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return encoded;
}

}  // namespace

StrangeRequests::Asked StrangeRequests::make(const Operation& operation) {
    constexpr std::array kMethods{"GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "BREW"};
    Asked asked;
    asked.method = chance(5) ? pick(kMethods) : operation.method;
    asked.target = pathOf(operation) + queryOf(operation);
    if (!operation.body.isNull() || chance(10)) asked.body = bodyOf(operation);
    while (chance(20)) {
        const auto& [name, value] = pick(kHeaders);
        asked.headers.emplace_back(name, value);
    }
    return asked;
}

std::string StrangeRequests::pathOf(const Operation& operation) {
    std::string path = operation.path;
    for (std::size_t open = 0; (open = path.find('{')) != std::string::npos;) {
        const std::string part = chance(60)  ? std::to_string(1 + below(5))
                                 : chance(5) ? std::string(1 + below(3'000), 'p')
                                             : pick(kPathParts);
        path.replace(open, path.find('}', open) + 1 - open, part == "{id}" ? "%7Bid%7D" : part);
    }
    if (chance(2)) path += "/";
    if (chance(2)) path = "/." + path;
    return path;
}

std::string StrangeRequests::queryOf(const Operation& operation) {
    std::string query;
    const auto add = [&](const std::string& name, const std::string& value) {
        query += (query.empty() ? "?" : "&") + name + "=" + value;
    };
    for (const auto& parameter : operation.parameters)
        if (parameter.in == "query" && chance(30))
            add(parameter.name, chance(50) ? escaped(textValue()) : pick(kNumbers));
    if (chance(3)) add("unknown", "1");
    if (chance(2)) add("%zz", "%");
    return query;
}

std::string StrangeRequests::bodyOf(const Operation& operation) {
    if (operation.body.isNull() || chance(5)) return anyJson(0);
    std::string json = jsonOf(operation.body, 0);
    return chance(10) ? broken(std::move(json)) : json;
}

std::string StrangeRequests::jsonOf(JsonObject schema, int depth) {
    schema = Description::get().resolved(schema);
    if (chance(8) || depth > 4) return anyJson(depth);
    if (const auto one_of = schema->getArray("oneOf"); !one_of.isNull())
        return jsonOf(one_of->getObject(static_cast<unsigned>(below(one_of->size()))), depth + 1);
    if (const auto values = schema->getArray("enum"); !values.isNull() && chance(80))
        return "\"" +
               values->getElement<std::string>(static_cast<unsigned>(below(values->size()))) + "\"";
    const auto type = schema->optValue<std::string>("type", "");
    if (type == "object") return objectOf(schema, depth);
    if (type == "boolean") return chance(50) ? "true" : "false";
    if (type == "integer" || type == "number") return pick(kNumbers);
    if (type == "string" && schema->has("example") && chance(70))
        return "\"" + schema->getValue<std::string>("example") + "\"";
    if (type == "string") return jsonText();
    if (type != "array") return anyJson(depth);
    std::string list = "[";
    for (std::size_t left = below(chance(2) ? 2'000 : 4); left > 0; --left)
        list += (list.size() > 1 ? "," : "") + jsonOf(schema->getObject("items"), depth + 1);
    return list + "]";
}

std::string StrangeRequests::objectOf(const JsonObject& schema, int depth) {
    std::string text = "{";
    const auto add = [&](const std::string& name, const std::string& value) {
        text += (text.size() > 1 ? ",\"" : "\"") + name + "\":" + value;
    };
    const auto required = schema->getArray("required");
    if (const auto properties = schema->getObject("properties"); !properties.isNull())
        for (const auto& [name, one] : *properties) {
            bool needed = false;
            if (!required.isNull())
                for (const auto& each : *required)
                    needed = needed || each.convert<std::string>() == name;
            if (chance(needed ? 92 : 30)) add(name, jsonOf(one.extract<JsonObject>(), depth + 1));
            if (chance(1)) add(name, "1");
        }
    if (chance(4)) add("unknown", anyJson(depth + 1));
    return text + "}";
}

std::string StrangeRequests::textValue() {
    if (chance(3)) return std::string(below(5'000), 'x');
    if (chance(5)) {
        std::string bytes(1 + below(20), '\0');
        for (char& byte : bytes) byte = static_cast<char>(below(256));
        return bytes;
    }
    return pick(kTexts);
}

std::string StrangeRequests::jsonText() {
    if (chance(3)) return R"("\u0000")";
    if (chance(3)) return R"("\ud800")";  // half of a letter
    if (chance(2)) return R"("a\nb\u001b[31m")";
    std::string text = "\"";
    for (const char c : textValue())
        text += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    return text + "\"";
}

std::string StrangeRequests::anyJson(int depth) {
    switch (below(depth > 4 ? 4 : 8)) {
        case 0:
            return "null";
        case 1:
            return pick(kNumbers);
        case 2:
            return jsonText();
        case 3:
            return chance(50) ? "[]" : "{}";
        case 4:
            return "[" + anyJson(depth + 1) + "," + anyJson(depth + 1) + "]";
        case 5:
            return "{" + jsonText() + ":" + anyJson(depth + 1) + "}";
        case 6:
            return std::string(100, '[') + std::string(100, ']');
        default:
            return textValue();
    }
}

std::string StrangeRequests::broken(std::string json) {
    if (json.empty()) return "{";
    switch (below(4)) {
        case 0:
            return json.substr(0, below(json.size()));
        case 1:
            json[below(json.size())] = static_cast<char>(below(256));
            return json;
        case 2:
            return json + json;
        default:
            return "\xef\xbb\xbf" + json;
    }
}

}  // namespace iac::http
