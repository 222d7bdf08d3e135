// `iac-runner plugins check`: the tests of one plugin file.
#include "plugin/check.hpp"

#include <Poco/JSON/Parser.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <system_error>

#include "config/json.hpp"
#include "config/schema.hpp"
#include "config/settings.hpp"
#include "model/json.hpp"
#include "plugin/check_example.hpp"
#include "plugin/check_host.hpp"
#include "plugin/checks.hpp"
#include "plugin/host.hpp"
#include "plugin/module.hpp"
#include "plugin/probe.hpp"

namespace iac::plugin {
namespace {

namespace fs = std::filesystem;
using Is = CheckResult::Is;
using Object = Poco::JSON::Object::Ptr;

constexpr Duration kTestTime{20'000};
constexpr Duration kTestGrace{500};

struct Finding {
    Is is = Is::ok;
    std::string sentence;
};

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
    std::string fault;  // why `with` does not fit the schema
};

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
    }
    if (!given || !given->has("with")) {
        example.with = exampleSettings(plugin.schema, &example.fault);
        return example;
    }
    example.given = true;
    const config::Schema schema(plugin.schema);
    example.with = config::asObject(given->get("with"));
    if (!example.with) throw std::invalid_argument("the example's \"with\" is not an object");
    schema.fillDefaults(example.with);
    const auto findings = schema.check(example.with, "with", {});
    if (!findings.empty()) example.fault = findings[0].path + ": " + findings[0].sentence;
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

Finding findingOf(const HostedResult& result, bool given, const std::string& printed) {
    using Host = CheckFinding::Is;
    if (result.end == HostedResult::End::crashed)
        return {Is::crashed, result.message + (printed.empty() ? "" : "; it printed: " + printed)};
    if (result.end != HostedResult::End::returned) return {Is::failed, result.message};
    switch (static_cast<Host>(result.status)) {
        case Host::ok:
            return {};
        case Host::warning:
            return {Is::warning, result.message};
        case Host::skipped:
            return {Is::skipped, result.message};
        case Host::not_made:
            if (given) return {Is::failed, "create() failed: " + result.message};
            return {Is::skipped, "create() does not take the settings that were made up (" +
                                     result.message + "); give some with --example"};
        case Host::failed:
            break;
    }
    return {Is::failed, result.message};
}

class Checker {
public:
    Checker(const fs::path& file, const CheckWish& wish)
        : file_(fs::absolute(file).lexically_normal()),
          wish_(wish),
          given_(parseExample(wish.example)) {
        const auto& names = checkNames();
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
        const auto deadly = probe({file_});
        if (!deadly.empty()) {
            const std::string& reason = deadly.begin()->second;
            return {reason.starts_with("crashed") ? Is::crashed : Is::failed, reason};
        }
        OpenedModule opened = openModule(file_);
        plugins_ = std::move(opened.plugins);
        return {opened.reason.empty() ? Is::ok : Is::failed, opened.reason};
    }

    void runOn(const Plugin& plugin) {
        for (const char* name : {"exports", "libraries", "opening"})
            if (isWished(name)) inHost(plugin, name, "{}", "{}", false);
        if (!test("schema", plugin.id, [&] { return checkSchema(plugin); })) return;
        const Example example = makeExample(plugin, given_, tree_.path());
        if (!test("example", plugin.id, [&] { return judge(example); }) || !example.fault.empty())
            return;
        const std::string with = jsonText(example.with), input = jsonText(example.input);
        if (!inHost(plugin, "create", with, input, example.given)) return;
        if (isWished("required")) runRequired(plugin, example, input);
        for (const char* name : {"call", "missing-input", "unknown-input", "cancel", "concurrent"})
            if (isWished(name)) inHost(plugin, name, with, input, example.given);
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
        inHost(plugin, "required", text.str(), input, true);
    }

    // Whether an instance could be made.
    bool inHost(const Plugin& plugin, const std::string& name, const std::string& with,
                const std::string& input, bool given) {
        bool made = true;
        const bool well = test(name, plugin.id, [&] {
            std::string printed;
            HostedEvents events;
            events.output = [&printed](int, std::string_view bytes) {
                constexpr std::size_t kShown = 200;
                printed += bytes.substr(0, kShown - std::min(kShown, printed.size()));
            };
            HostedCall call;
            call.plugin = &plugin;
            call.config = with;
            call.input = input;
            call.check = name;
            call.directory = tree_.path();
            call.timeout = kTestTime;
            call.grace = kTestGrace;
            Finding found = findingOf(callInHost(call, events), given, printed);
            made = found.is != Is::skipped;
            return found;
        });
        return well && made;
    }

    const fs::path file_;
    const CheckWish& wish_;
    const Object given_;
    WorkTree tree_;
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
        "file",   "loads",    "exports", "libraries",     "opening",       "schema", "example",
        "create", "required", "call",    "missing-input", "unknown-input", "cancel", "concurrent"};
    return names;
}

std::vector<CheckResult> checkFile(const fs::path& file, const CheckWish& wish) {
    return Checker(file, wish).run();
}

}  // namespace iac::plugin
