#include "plugin/module.hpp"

#define BOOST_DLL_USE_STD_FS
#include <dlfcn.h>
#include <iac/plugin.h>

#include <algorithm>
#include <array>
#include <boost/dll/shared_library.hpp>
#include <deque>
#include <system_error>

#include "base/guarded.hpp"
#include "plugin/services.hpp"
#include "plugin/value.hpp"

namespace iac::plugin {
namespace {

constexpr std::uint32_t kMostPlugins = 64;  // of one file: more is a descriptor gone wrong
constexpr std::array<std::string_view, 4> kKinds{"executor/1", "mapper/1", "notifier/1",
                                                 "trigger/1"};

// A plugin file is never unloaded: objects, threads, exceptions and thread_local destructors of it
// may outlive every use we know of. They are kept where they can be found, so that no leak is
// reported.
void keepForEver(boost::dll::shared_library library) {
    static auto* kept = new Guarded<std::deque<boost::dll::shared_library>>();
    kept->lock()->push_back(std::move(library));
}

std::string abi(unsigned major, unsigned minor) {
    return std::to_string(major) + "." + std::to_string(minor);
}

std::string safe(const char* text) {
    return text == nullptr ? std::string() : std::string(text);
}

// Boost's own error code says "Bad file descriptor"; dlerror has the sentence, with the file's name
// before it.
std::string linkError(const std::filesystem::path& file) {
    std::string said = safe(::dlerror());
    const std::string prefix = file.string() + ": ";
    if (said.starts_with(prefix)) said.erase(0, prefix.size());
    if (said.find("GLIBCXX_") != std::string::npos || said.find("GLIBC_") != std::string::npos)
        said += "; it was built on a newer system: build it on Debian 12 or with -static-libstdc++";
    return "cannot be loaded: " + (said.empty() ? "the loader gave no reason" : said);
}

std::string judgeModule(const iac_module& module) {
    if (module.magic != IAC_MAGIC)
        return "exports iac_plugin_module, but not one this SDK made (bad magic)";
    const std::string speaks = abi(module.abi_major, module.abi_minor);
    const std::string ours = ", this runner speaks " + abi(IAC_ABI_MAJOR, IAC_ABI_MINOR);
    if (module.abi_major != IAC_ABI_MAJOR)
        return "speaks plugin ABI " + speaks + ours +
               "; rebuild it against the installed SDK (it was built with: " +
               safe(module.built_with) + ")";
    if (module.abi_minor > IAC_ABI_MINOR)
        return "needs plugin ABI " + speaks + ours +
               "; upgrade the runner or rebuild against an older SDK";
    if (module.count == 0 || module.count > kMostPlugins || module.plugins == nullptr)
        return "declares " + std::to_string(module.count) + " plugins; 1 to " +
               std::to_string(kMostPlugins) + " can be taken";
    return {};
}

// "acme.helm": two or more lower-case words of letters, digits, '-' and '_', joined by dots, as
// the configuration spells it.
bool isId(std::string_view id) {
    constexpr std::size_t kLongest = 64;
    if (id.size() > kLongest || id.find('.') == id.npos) return false;
    bool begins = true;
    for (const char c : id) {
        const bool letter = c >= 'a' && c <= 'z';
        const bool inside = (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (c == '.' ? begins : !(letter || (inside && !begins))) return false;
        begins = c == '.';
    }
    return !begins;
}

// "1.4.2", "2026.11", "1.0.0-rc.1+build": one to four numbers joined by dots, and what SemVer
// allows behind them.
bool isVersion(std::string_view version) {
    constexpr std::size_t kLongest = 64, kMostNumbers = 4;
    if (version.size() > kLongest) return false;
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    for (std::size_t numbers = 1; numbers <= kMostNumbers; ++numbers) {
        const auto digits = std::find_if_not(version.begin(), version.end(), isDigit);
        if (digits == version.begin()) return false;
        version.remove_prefix(static_cast<std::size_t>(digits - version.begin()));
        if (version.empty()) return true;
        if (version[0] != '.') break;
        version.remove_prefix(1);
    }
    const bool more = version.size() > 1 && (version[0] == '-' || version[0] == '+');
    return more && std::all_of(version.begin(), version.end(), [&](char c) {
               return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                      c == '+' || c == '.';
           });
}

std::string judgeKind(std::string_view kind) {
    if (std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end()) return {};
    std::string known;
    for (const auto one : kKinds) (known += known.empty() ? "" : ", ") += one;
    return "is a \"" + std::string(kind) + "\"; this runner knows " + known;
}

std::string judgeSchema(const char* schema, const char* name) {
    std::string reason;
    const auto document = Document::parse(schema, reason);
    if (document != nullptr && document->root()->type == IAC_OBJECT) return {};
    return std::string("has a ") + name +
           " that is not a JSON object: " + (document ? "it is another JSON value" : reason);
}

std::string judgePlugin(const iac_plugin& plugin) {
    if (plugin.create == nullptr || plugin.destroy == nullptr || plugin.call == nullptr)
        return "lacks a function: create, destroy and call are required";
    if (plugin.kind == nullptr || plugin.version == nullptr || plugin.summary == nullptr ||
        plugin.schema == nullptr)
        return "lacks a text: kind, version, summary and schema are required";
    if (auto reason = judgeKind(plugin.kind); !reason.empty()) return reason;
    if (!isVersion(plugin.version))
        return "has the version \"" + safe(plugin.version) +
               "\"; a version is numbers joined by dots, eg. \"1.4.2\" or \"1.4.2-rc.1\"";
    if (auto reason = judgeSchema(plugin.schema, "schema"); !reason.empty()) return reason;
    if (plugin.service_schema != nullptr) {
        if (auto reason = judgeSchema(plugin.service_schema, "service_schema"); !reason.empty())
            return reason;
    }
    if (std::string_view(plugin.kind) == "trigger/1" && safe(plugin.routes).empty())
        return "declares no routes; a trigger says what it answers, eg. \"POST /deploy\"";
    return {};
}

Plugin describe(const iac_plugin& from, const std::filesystem::path& file) {
    Plugin plugin;
    plugin.kind = safe(from.kind);
    plugin.kind.erase(plugin.kind.find('/'));
    plugin.id = safe(from.id);
    plugin.version = safe(from.version);
    plugin.summary = safe(from.summary);
    plugin.schema = safe(from.schema);
    plugin.service_schema = safe(from.service_schema);
    plugin.routes = safe(from.routes);
    plugin.file = file;
    plugin.functions = &from;
    return plugin;
}

OpenedModule read(const iac_module& module, const std::filesystem::path& file) {
    OpenedModule opened;
    opened.reason = judgeModule(module);
    if (!opened.reason.empty()) return opened;
    for (std::uint32_t i = 0; i < module.count && opened.reason.empty(); ++i) {
        const iac_plugin* plugin = module.plugins[i];
        if (plugin == nullptr || !covers(plugin->size, kPluginSize)) {
            opened.reason =
                "declares a plugin whose iac_plugin is smaller than that of ABI 1.0; "
                "rebuild it against the installed SDK";
        } else if (!isId(safe(plugin->id))) {
            opened.reason =
                "declares the id \"" + safe(plugin->id) +
                "\"; an id is two or more lower-case words joined by dots, eg. \"acme.helm\"";
        } else {
            opened.ids.push_back(safe(plugin->id));
            if (const auto reason = judgePlugin(*plugin); !reason.empty()) {
                opened.reason = "declares \"" + safe(plugin->id) + "\", which " + reason;
            } else {
                opened.plugins.push_back(describe(*plugin, file));
            }
        }
    }
    if (!opened.reason.empty()) opened.plugins.clear();
    return opened;
}

}  // namespace

OpenedModule openModule(const std::filesystem::path& file) {
    namespace dll = boost::dll;
    OpenedModule opened;
    std::error_code failed;
    // Now: an undefined symbol is found here, not at the first call, where it ends the process.
    dll::shared_library library(file, failed,
                                dll::load_mode::rtld_now | dll::load_mode::rtld_local);
    if (failed) {
        opened.reason = linkError(file);
        return opened;
    }
    constexpr const char* kSymbol = "iac_plugin_module";
    if (library.has(kSymbol)) {
        opened = read(library.get<const iac_module>(kSymbol), file);
    } else {
        opened.reason =
            "is not an iac-runner plugin: it exports no iac_plugin_module (is "
            "IAC_PLUGINS(...) missing?)";
    }
    keepForEver(std::move(library));
    return opened;
}

}  // namespace iac::plugin
