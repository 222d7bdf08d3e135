// `iac-runner plugins check`: the tests of one plugin file.
#include "plugin/check.hpp"

#include <Poco/JSON/Parser.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <stdexcept>
#include <system_error>

#include "config/json.hpp"
#include "config/schema.hpp"
#include "config/settings.hpp"
#include "model/json.hpp"
#include "plugin/check_cases.hpp"
#include "plugin/check_example.hpp"
#include "plugin/check_host.hpp"
#include "plugin/check_place.hpp"
#include "plugin/checks.hpp"
#include "plugin/module.hpp"
#include "plugin/probe.hpp"

namespace iac::plugin {
namespace {

namespace fs = std::filesystem;
using Is = CheckResult::Is;
using Object = Poco::JSON::Object::Ptr;

// An empty folder, for a step to look into.
class WorkTree {
public:
    WorkTree() {
        std::string name = (fs::temp_directory_path() / "iac-check-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::system_error(errno, std::generic_category(), "cannot make " + name);
        path_ = name;
    }
    ~WorkTree() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    WorkTree(const WorkTree&) = delete;
    WorkTree& operator=(const WorkTree&) = delete;
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

// What one plugin is tested with.
struct Example {
    bool given = false;  // by the author, not made up
    Object with, input;
    std::string fault;  // why they do not fit the schemas
};

// The first thing in `settings` that a schema does not allow, after its defaults are filled in.
std::string faultOf(const std::string& text, const Object& settings, const std::string& path) {
    const config::Schema schema(text);
    schema.fillDefaults(settings);
    const auto findings = schema.check(settings, path, {});
    return findings.empty() ? "" : findings[0].path + ": " + findings[0].sentence;
}

void merge(Object into, const Object& from) {
    for (const auto& name : from->getNames()) into->set(name, from->get(name));
}

Example makeExample(const Plugin& plugin, const Object& given, const fs::path& directory) {
    Example example;
    example.input = exampleInput(plugin, directory.string());
    if (given && given->has("input")) {
        const auto input = config::asObject(given->get("input"));
        if (!input) throw std::invalid_argument("the example's \"input\" is not an object");
        merge(example.input, input);
        const auto with = config::asObject(input->get("with"));
        if (with && !plugin.service_schema.empty())
            example.fault = faultOf(plugin.service_schema, with, "input.with");
        example.given = !example.fault.empty();
        if (example.given) return example;
    }
    if (!given || !given->has("with")) {
        example.with = exampleSettings(plugin.schema, &example.fault);
        return example;
    }
    example.given = true;
    example.with = config::asObject(given->get("with"));
    if (!example.with) throw std::invalid_argument("the example's \"with\" is not an object");
    example.fault = faultOf(plugin.schema, example.with, "with");
    return example;
}

Object parseExample(const std::string& text) {
    if (text.empty()) return {};
    try {
        if (auto object = config::asObject(Poco::JSON::Parser().parse(text))) return object;
    } catch (const Poco::Exception& e) {
        throw std::invalid_argument("the example is not JSON: " + e.displayText());
    }
    throw std::invalid_argument(
        "the example is not an object: {\"with\": {...}, \"input\": {...}}");
}

Finding checkSchema(const Plugin& plugin) {
    const std::pair<const char*, const std::string*> schemas[] = {
        {"schema", &plugin.schema}, {"service_schema", &plugin.service_schema}};
    std::string silent;
    for (const auto& [name, text] : schemas) {
        if (text->empty()) continue;
        if (auto fault = config::schemaFault(*text); !fault.empty())
            return {Is::failed, std::string("its ") + name + " " + fault};
        const config::Schema schema(*text);
        const auto properties = config::asObject(schema.json()->get("properties"));
        if (!properties) continue;
        for (const auto& key : properties->getNames())
            if (!config::asObject(properties->get(key))->has("description"))
                (silent += silent.empty() ? "" : ", ") += key;
    }
    if (silent.empty()) return {};
    return {Is::warning,
            "settings without a description, which is what `plugins show` explains them with: " +
                silent};
}

// The test "required": each required setting taken away in turn. `configs` becomes the
// configurations without them.
Finding checkRequired(const Plugin& plugin, const Example& example, Poco::JSON::Array& configs) {
    const config::Schema schema(plugin.schema);
    const auto required = config::asArray(schema.json()->get("required"));
    for (std::size_t i = 0; required && i < required->size(); ++i) {
        const auto name = required->getElement<std::string>(static_cast<unsigned>(i));
        Object fewer = config::asObject(config::deepCopy(example.with));
        fewer->remove(name);
        configs.add(config::asObject(config::deepCopy(fewer)));
        schema.fillDefaults(fewer);
        if (schema.check(fewer, "with", {}).empty())
            return {Is::warning, "\"" + name +
                                     "\" is required and has a default: it can never be "
                                     "missing, so leave one of the two out"};
    }
    return {};
}

class Checker {
public:
    Checker(const fs::path& file, const CheckWish& wish)
        : file_(fs::absolute(file).lexically_normal()),
          wish_(wish),
          given_(parseExample(wish.example)) {
        if (wish.for_real && (!given_ || !given_->has("input")))
            throw std::invalid_argument(
                "what is called for real has to be said: give an example with \"input\"");
        auto names = checkNames();
        if (given_ && given_->has("cases")) names.emplace_back(kCase);
        if (wish.for_real) names.emplace_back(kRealCall);
        if (wish.only.empty() || std::ranges::find(names, wish.only) != names.end()) return;
        std::string known;
        for (const auto& name : names) (known += known.empty() ? "" : ", ") += name;
        throw std::invalid_argument("there is no test \"" + wish.only + "\"; there are: " + known);
    }

    std::vector<CheckResult> run() {
        plugins_.clear();
        if (!test("file", "", [this] { return checkPlace(); }) ||
            !test("loads", "", [this] { return load(); }))
            return results_;
        for (const auto& plugin : plugins_) runOn(plugin);
        return results_;
    }

private:
    // Whether the tests after it make sense. What others stand on runs in any case.
    template <class Work>
    bool test(const std::string& name, const std::string& plugin, Work work) {
        if (wish_.begins) wish_.begins(name, plugin);
        const auto begin = std::chrono::steady_clock::now();
        const Finding found = work();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        const bool broken = found.is == Is::failed || found.is == Is::crashed;
        if (broken || wish_.only.empty() || wish_.only == name)
            results_.push_back({found.is, name, plugin, found.sentence, took.count()});
        return !broken;
    }
    bool isWished(const std::string& name) const {
        return wish_.only.empty() || wish_.only == name;
    }

    Finding checkPlace() {
        if (auto reason = judgeContent(file_); !reason.empty()) return {Is::failed, reason};
        if (auto reason = judgeFile(file_); !reason.empty())
            return {Is::warning, "where it lies now, the runner would refuse it: it " + reason};
        return {};
    }

    Finding load() {
        if (!wish_.in_process) {
            const auto deadly = probe({file_});
            if (!deadly.empty()) {
                const std::string& reason = deadly.begin()->second;
                return {reason.starts_with("crashed") ? Is::crashed : Is::failed, reason};
            }
        }
        const std::clock_t before = std::clock();
        OpenedModule opened = openModule(file_);
        opening_ = Duration((std::clock() - before) * 1'000 / CLOCKS_PER_SEC);
        plugins_ = std::move(opened.plugins);
        return {opened.reason.empty() ? Is::ok : Is::failed, opened.reason};
    }

    void runOn(const Plugin& plugin) {
        for (const char* name : {"exports", "libraries", "opening"})
            if (isWished(name)) carryOut(plugin, name, "{}", "{}", false);
        if (!test("schema", plugin.id, [&] { return checkSchema(plugin); })) return;
        const Example example = makeExample(plugin, given_, tree_.path());
        if (!test("example", plugin.id, [&] { return judge(example); }) || !example.fault.empty())
            return;
        const std::string with = jsonText(example.with), input = jsonText(example.input);
        if (!carryOut(plugin, "create", with, input, example.given)) return;
        if (isWished("required")) runRequired(plugin, example, input);
        for (const char* name :
             {"call", "result", "missing-input", "unknown-input", "cancel", "concurrent"})
            if (isWished(name)) carryOut(plugin, name, with, input, example.given);
        if (isWished(kCase)) runCases(plugin);
        if (wish_.for_real && isWished(kRealCall)) callForReal(plugin, example, with);
    }

    void runCases(const Plugin& plugin) {
        for (const auto& one : casesOf(given_, plugin, tree_.path())) {
            const CheckTask task = taskOf(plugin, kCase, one.with, one.text, true);
            test(kCase, plugin.id, [&] {
                Finding found = !one.fault.empty()
                                    ? Finding{Is::failed, "it does not fit: " + one.fault}
                                : wish_.in_process ? carryOutHere(task)
                                                   : carryOutInHost(task);
                found.sentence = one.name + (found.sentence.empty() ? "" : ": " + found.sentence);
                return found;
            });
        }
    }

    // With what the author says, in the environment a step would have.
    void callForReal(const Plugin& plugin, const Example& example, const std::string& with) {
        Object input = example.input;
        if (plugin.kind == "executor" && !config::asObject(given_->get("input"))->has("dry_run"))
            input->set("dry_run", false);
        CheckTask task = taskOf(plugin, kRealCall, with, jsonText(input), example.given);
        task.environment = exampleEnvironment(input, tree_.path());
        task.directory = input->optValue("directory", task.directory.string());
        task.output = wish_.output;
        carryOut(task);
    }

    static Finding judge(const Example& example) {
        if (example.fault.empty()) return {};
        if (example.given) return {Is::failed, "the example does not fit: " + example.fault};
        return {Is::skipped, "no settings could be made up (" + example.fault +
                                 "): say some in `examples` of the schema, or give --example"};
    }

    void runRequired(const Plugin& plugin, const Example& example, const std::string& input) {
        Poco::JSON::Array configs;
        Finding finding = checkRequired(plugin, example, configs);
        if (finding.is != Is::ok) {
            test("required", plugin.id, [&] { return finding; });
            return;
        }
        std::ostringstream text;
        configs.stringify(text);
        carryOut(plugin, "required", text.str(), input, true);
    }

    CheckTask taskOf(const Plugin& plugin, const std::string& name, const std::string& with,
                     const std::string& input, bool given) const {
        CheckTask task;
        task.plugin = &plugin;
        task.test = name;
        task.config = with;
        task.input = input;
        task.given = given;
        task.opening = opening_;
        task.directory = tree_.path();
        return task;
    }

    // Both: whether an instance could be made.
    bool carryOut(const Plugin& plugin, const std::string& name, const std::string& with,
                  const std::string& input, bool given) {
        return carryOut(taskOf(plugin, name, with, input, given));
    }
    bool carryOut(const CheckTask& task) {
        bool made = true;
        const bool well = test(task.test, task.plugin->id, [&] {
            Finding found = wish_.in_process ? carryOutHere(task) : carryOutInHost(task);
            made = found.is != Is::skipped;
            return found;
        });
        return well && made;
    }

    const fs::path file_;
    const CheckWish& wish_;
    const Object given_;
    WorkTree tree_;
    Duration opening_{0};
    std::vector<Plugin> plugins_;
    std::vector<CheckResult> results_;
};

}  // namespace

std::string_view toText(CheckResult::Is is) {
    constexpr std::string_view kNames[] = {"ok", "warning", "FAIL", "crashed", "skipped"};
    return kNames[static_cast<std::size_t>(is)];
}

const std::vector<std::string>& checkNames() {
    static const std::vector<std::string> names{
        "file",   "loads",         "exports",       "libraries", "opening",
        "schema", "example",       "create",        "required",  "call",
        "result", "missing-input", "unknown-input", "cancel",    "concurrent"};
    return names;
}

std::vector<CheckResult> checkFile(const fs::path& file, const CheckWish& wish) {
    return Checker(file, wish).run();
}

}  // namespace iac::plugin
