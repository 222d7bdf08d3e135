#include "plugin/check_cases.hpp"

#include <fstream>
#include <set>
#include <stdexcept>

#include "config/json.hpp"
#include "config/schema.hpp"
#include "model/json.hpp"
#include "plugin/check_example.hpp"

namespace iac::plugin {
namespace {

namespace fs = std::filesystem;
using Object = Poco::JSON::Object::Ptr;

Object objectAt(const Object& in, const std::string& name, const std::string& of) {
    if (!in || !in->has(name)) return {};
    auto object = config::asObject(in->get(name));
    if (!object) throw std::invalid_argument(of + ": \"" + name + "\" is not an object");
    return config::asObject(config::deepCopy(object));
}

void writeFiles(const Object& files, const fs::path& folder, const std::string& of) {
    if (!files) return;
    for (const auto& name : files->getNames()) {
        const fs::path file = fs::path(name).lexically_normal();
        if (file.is_absolute() || file.empty() || *file.begin() == "..")
            throw std::invalid_argument(of + ": the file \"" + name +
                                        "\" is not inside the work tree");
        fs::create_directories((folder / file).parent_path());
        std::ofstream out(folder / file, std::ios::binary);
        out << files->get(name).toString();
        if (!out.flush())
            throw std::invalid_argument(of + ": " + (folder / file).string() +
                                        " cannot be written");
    }
}

// Fills in the defaults; what the schema does not allow.
std::string completeBy(const std::string& text, const Object& settings, const std::string& path) {
    const config::Schema schema(text);
    schema.fillDefaults(settings);
    const auto findings = schema.check(settings, path, {});
    return findings.empty() ? "" : findings[0].path + ": " + findings[0].sentence;
}

Object inputOf(const Object& example, const Object& one, const Plugin& plugin,
               const fs::path& folder, const std::string& name) {
    Object input = exampleInput(plugin, folder.string());
    // exec() and http() only pretend: it can do its work.
    if (plugin.kind == "executor") input->set("dry_run", false);
    for (const auto& from : {example, one})
        if (const auto said = objectAt(from, "input", name))
            for (const auto& member : said->getNames()) input->set(member, said->get(member));
    return input;
}

void refuseUnknown(const Object& one, const std::string& name) {
    static const std::set<std::string> known{"name",  "plugin", "with", "input",
                                             "files", "exec",   "http", "expect"};
    static const std::set<std::string> expected{"status", "message", "emitted", "exec",
                                                "http",   "log",     "output"};
    const auto look = [&](const Object& object, const std::set<std::string>& all) {
        for (const auto& member : object->getNames())
            if (!all.contains(member))
                throw std::invalid_argument(name + ": there is no \"" + member + "\" in a case");
    };
    look(one, known);
    const auto expect = objectAt(one, "expect", name);
    if (!expect) throw std::invalid_argument(name + ": it has no \"expect\"");
    look(expect, expected);
}

}  // namespace

std::vector<ExampleCase> casesOf(const Object& example, const Plugin& plugin,
                                 const fs::path& folder) {
    std::vector<ExampleCase> cases;
    if (!example || !example->has("cases")) return cases;
    const auto list = config::asArray(example->get("cases"));
    if (!list) throw std::invalid_argument("the example's \"cases\" is not a list");
    for (unsigned i = 0; i < list->size(); ++i) {
        const auto one = config::asObject(list->get(i));
        const std::string place = "case " + std::to_string(i + 1);
        if (!one) throw std::invalid_argument(place + " is not an object");
        ExampleCase made;
        made.name = one->optValue<std::string>("name", place);
        refuseUnknown(one, made.name);
        if (one->optValue<std::string>("plugin", plugin.id) != plugin.id) continue;
        const fs::path tree = folder / ("case-" + std::to_string(i + 1));
        fs::create_directories(tree);
        writeFiles(objectAt(one, "files", made.name), tree, made.name);

        Object with = objectAt(one, "with", made.name);
        if (!with) with = objectAt(example, "with", made.name);
        if (!with) with = exampleSettings(plugin.schema, nullptr);
        made.fault = completeBy(plugin.schema, with, "with");
        Object input = inputOf(example, one, plugin, tree, made.name);
        const auto service = config::asObject(input->get("with"));
        if (made.fault.empty() && service && !plugin.service_schema.empty())
            made.fault = completeBy(plugin.service_schema, service, "input.with");
        Object whole = config::asObject(config::deepCopy(one));
        whole->set("input", input);
        made.with = jsonText(with);
        made.text = jsonText(whole);
        cases.push_back(std::move(made));
    }
    return cases;
}

}  // namespace iac::plugin
