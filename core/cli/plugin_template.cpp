#include "cli/plugin_template.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace iac::cli {
namespace {

namespace fs = std::filesystem;

// Targets that CMake or its generators have already.
constexpr std::array<std::string_view, 10> kTakenTargets{
    "all",     "clean",   "depend",        "edit_cache", "help",
    "install", "package", "rebuild_cache", "test",       "edit"};

void replaceAll(std::string& text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

std::string filled(std::string text, const PluginNames& names) {
    replaceAll(text, "@id@", names.id);
    replaceAll(text, "@name@", names.file);
    replaceAll(text, "@Class@", names.class_name);
    std::string package = names.id;  // of Debian: it knows no "_"
    std::ranges::replace(package, '_', '-');
    std::ranges::replace(package, '.', '-');
    replaceAll(text, "@package@", package);
    return text;
}

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) throw std::runtime_error("the template " + file.string() + " cannot be read");
    return text.str();
}

void write(const fs::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out)
        throw std::runtime_error("cannot write " + file.string() + "; is there room, and may you?");
}

std::vector<fs::path> filesOf(const std::string& kind) {
    const fs::path folder = templateFolder();
    std::error_code failed;
    fs::directory_iterator kinds(folder, failed);
    if (failed)
        throw std::runtime_error("the templates are missing: " + folder.string() + " (" +
                                 failed.message() + "); install the runner with its share folder");
    std::set<std::string> names;
    for (const auto& one : kinds) names.insert(one.path().filename());
    std::vector<fs::path> files;
    if (names.contains(kind))
        for (const auto& file : fs::directory_iterator(folder / kind)) files.push_back(file.path());
    std::string known;
    for (const auto& name : names) (known += known.empty() ? "" : ", ") += name;
    if (files.empty())
        throw std::runtime_error("there is no kind of plugin \"" + kind +
                                 "\"; there are: " + known);
    std::ranges::sort(files);
    return files;
}

}  // namespace

PluginNames::PluginNames(const std::string& name)
    : id(name.find('.') == name.npos ? "local." + name : name) {
    static const std::regex pattern("[a-z][a-z0-9_-]*(\\.[a-z][a-z0-9_-]*)*");
    constexpr std::size_t kLongest = 64;
    if (name.size() > kLongest || !std::regex_match(name, pattern))
        throw std::invalid_argument("\"" + name +
                                    "\" cannot be the id of a plugin: it is lower-case words of "
                                    "letters, digits, - and _, joined by dots, eg: acme.helm");
    file = name.substr(name.rfind('.') + 1);
    if (std::ranges::find(kTakenTargets, file) != kTakenTargets.end())
        throw std::invalid_argument("\"" + file +
                                    "\" is a target that CMake has already; take another name");
    bool begins = true;
    for (const char c : file) {
        const bool parts = c == '_' || c == '-';
        if (!parts)
            class_name +=
                begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        begins = parts;
    }
}

fs::path templateFolder() {
    std::error_code unknown;
    const fs::path here = fs::read_symlink("/proc/self/exe", unknown).parent_path();
    return (here / ".." / "share" / "iac-runner" / "templates").lexically_normal();
}

std::vector<fs::path> writeTemplate(const std::string& kind, const PluginNames& names,
                                    const fs::path& folder) {
    const auto files = filesOf(kind);
    std::error_code failed;
    if (fs::exists(folder, failed) && !fs::is_empty(folder, failed))
        throw std::runtime_error(
            folder.string() +
            " is there already, and nothing in it is overwritten; name another "
            "folder with --directory");
    fs::create_directories(folder, failed);
    if (failed)
        throw std::runtime_error("cannot make " + folder.string() + ": " + failed.message());
    std::vector<fs::path> written;
    for (const auto& file : files) {
        const std::string text = filled(read(file), names);
        written.push_back(folder / filled(file.filename(), names));
        write(written.back(), text);
    }
    return written;
}

}  // namespace iac::cli
