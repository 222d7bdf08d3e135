// iac.path-rules: which services do these paths touch? The first rule that matches a path decides.

#include <iac/plugin.hpp>
#include <set>
#include <string>
#include <utility>

#include "rules.hpp"

namespace {

using iac::path_rules::Captured;
using iac::path_rules::Path;
using iac::path_rules::Pattern;
using iac::path_rules::Rule;
using iac::path_rules::Rules;

class PathRules final : public iac::Mapper {
public:
    static constexpr iac::Info info{"iac.path-rules", "1.0.0",
                                    "Maps changed paths to services with globs, first match wins"};
    static constexpr bool concurrent = true;
    static constexpr const char* schema = R"({
        "type": "object", "required": ["rules"], "additionalProperties": false,
        "properties": {
            "rules": {
                "type": "array", "description": "In order: the first rule that matches a path decides.",
                "items": {
                    "type": "object", "required": ["path"], "additionalProperties": false,
                    "properties": {
                        "path": {
                            "type": "string", "minLength": 1,
                            "description": "Glob over the whole path: * ? [a-z] {name} within one segment, ** for any number of segments.",
                            "examples": ["platform/*.{name}/**"]},
                        "service": {
                            "type": "string", "minLength": 1,
                            "description": "The service it touches: captures are filled in; a pattern stands for all known services that match.",
                            "examples": ["platform/{name}", "platform/*"]},
                        "skip": {
                            "type": "string", "minLength": 1,
                            "description": "Why what it matches is not deployed."}}}}}})";

    explicit PathRules(const iac::Value& config) : rules_(config.get<iac::Value>("rules")) {}

    void map(const iac::Change& change, const iac::Mapping& mapping) override {
        Captured captured;
        std::set<std::pair<const Rule*, std::string>> expanded;
        for (const auto& text : change.paths) {
            const Path path(text);
            const Rule* rule = rules_.decide(path, captured);
            if (rule == nullptr) continue;
            if (!rule->service) {
                mapping.skip(folderName(path), text, rule->skip);
                continue;
            }
            const std::string service = rule->service->fill(captured);
            if (!rule->service->pattern()) {
                say(*rule, service, text, mapping);
            } else if (expanded.emplace(rule, service).second) {
                // Once, with its first path: a change of a thousand shared files need not name
                // every service a thousand times.
                expand(*rule, Pattern(service), text, change, mapping);
            }
        }
    }

private:
    static void say(const Rule& rule, std::string_view service, std::string_view path,
                    const iac::Mapping& mapping) {
        if (rule.skip.empty()) {
            mapping.service(service, path, rule.text);
        } else {
            mapping.skip(service, path, rule.skip);
        }
    }

    static void expand(const Rule& rule, const Pattern& services, std::string_view path,
                       const iac::Change& change, const iac::Mapping& mapping) {
        Captured none;
        for (const auto& service : change.services)
            if (services.match(Path(service), none)) say(rule, service, path, mapping);
    }

    // "bootstrap/05.vault/compose.yaml" -> "bootstrap/vault"; a file of the folder itself ->
    // "bootstrap"
    static std::string folderName(const Path& path) {
        std::string name(withoutNumber(path.parts[0]));
        if (path.parts.size() > 2) name.append(1, '/').append(withoutNumber(path.parts[1]));
        return name;
    }

    // "05.vault" -> "vault"
    static std::string_view withoutNumber(std::string_view part) {
        const auto end = part.find_first_not_of("0123456789");
        if (end == 0 || end >= part.size() - 1 || part[end] != '.') return part;
        return part.substr(end + 1);
    }

    const Rules rules_;
};

}  // namespace

IAC_PLUGINS(PathRules);
