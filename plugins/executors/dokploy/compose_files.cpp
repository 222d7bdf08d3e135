#include "compose_files.hpp"

#include <yaml-cpp/yaml.h>

#include <iac/plugin.hpp>

namespace iac::dokploy {
namespace {

class Collector {
public:
    std::vector<Reference> collect(const YAML::Node& root) {
        for (const auto& one : listOf(root["include"]))
            addPaths(one.IsMap() ? one["path"] : one, true);
        if (const auto services = mapOf(root["services"]); services)
            for (const auto& service : services)
                if (service.second.IsMap()) addService(service.second);
        for (const char* section : {"configs", "secrets"})
            if (const auto all = mapOf(root[section]); all)
                for (const auto& one : all)
                    if (one.second.IsMap()) addPaths(one.second["file"], false);
        return std::move(found_);
    }

private:
    void addService(const YAML::Node& service) {
        if (const auto extends = mapOf(service["extends"]); extends)
            addPaths(extends["file"], true);
        for (const auto& one : listOf(service["env_file"]))
            addPaths(one.IsMap() ? one["path"] : one, false);
    }

    void addPaths(const YAML::Node& node, bool compose) {
        for (const auto& one : listOf(node)) {
            if (!one.IsScalar() || one.Scalar().empty()) continue;
            if (one.Scalar().find('$') == std::string::npos)
                found_.push_back({one.Scalar(), compose});
        }
    }

    // Compose takes one thing for a list of one.
    static std::vector<YAML::Node> listOf(const YAML::Node& node) {
        if (!node.IsDefined() || node.IsNull()) return {};
        if (!node.IsSequence()) return {node};
        return {node.begin(), node.end()};
    }
    static YAML::Node mapOf(const YAML::Node& node) {
        if (node.IsDefined() && node.IsMap()) return node;
        return YAML::Node(YAML::NodeType::Undefined);
    }

    std::vector<Reference> found_;
};

}  // namespace

std::vector<Reference> referencesOf(const std::string& text, const std::string& name) {
    const char* const kNext = "Correct it; `docker compose config` shows what Compose makes of it.";
    try {
        const YAML::Node root = YAML::Load(text);
        if (!root.IsMap())
            fail(name + " is no compose file: it is no YAML mapping", {"bad_file", kNext});
        return Collector().collect(root);
    } catch (const YAML::Exception& e) {
        fail(name + " is not YAML: line " + std::to_string(e.mark.line + 1) + ": " + e.msg,
             {"bad_file", kNext});
    }
}

}  // namespace iac::dokploy
