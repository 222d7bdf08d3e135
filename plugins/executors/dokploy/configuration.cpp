#include "configuration.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "compose_files.hpp"

namespace iac::dokploy {
namespace {

namespace fs = std::filesystem;

// Dokploy writes the file with `echo "BASE64" | base64 -d`: Linux takes 128 KiB for one argument.
constexpr std::size_t kLongestComposeFile = 96'000;
constexpr std::size_t kMostFiles = 10'000;
constexpr std::uintmax_t kMostBytes = 64u << 20;
const char* const kMissing = "missing";
// Dokploy writes this file itself, of the environment.
const char* const kOwnFile = ".env";

/// The files of one configuration, gathered within the work tree and within the limits.
class Files {
public:
    explicit Files(const Step& step)
        : root_(fs::weakly_canonical(step.directory)), revision_(step.revision) {}

    /// A file that has to be there: its text.
    std::string need(const std::string& path) {
        const auto text = take(placeOf(path));
        if (!text)
            fail("No file \"" + path + "\" at " + revision_,
                 {"missing_file",
                  "Add it to the repository, or correct `file` and `files` in `with` of the "
                  "service."});
        return *text;
    }

    /// A file or a folder that has to be there.
    void needAll(const std::string& path) {
        const auto place = placeOf(path);
        if (!fs::is_directory(place)) {
            need(path);
            return;
        }
        for (const auto& one : fs::recursive_directory_iterator(place))
            if (one.is_symlink() || one.is_regular_file()) take(one.path());
    }

    /// What a compose file names, and what that names. What is not there is part of the hash too:
    /// it may come. Returns the first file that is there and that Dokploy would have to have.
    std::string follow(const std::string& text, const fs::path& file) {
        std::string first;
        for (const auto& one : referencesOf(text, nameOf(file))) {
            const auto place = (file.parent_path() / one.path).lexically_normal();
            // Outside the repository (/etc/..., a mount of Dokploy) is not part of a revision.
            if (one.path == kOwnFile || fs::path(one.path).is_absolute() || !isInside(place))
                continue;
            if (found_.count(nameOf(place)) > 0) continue;
            const auto inner = take(place);
            if (!inner) {
                found_[nameOf(place)] = kMissing;
                continue;
            }
            if (first.empty()) first = nameOf(place);
            if (one.compose) follow(*inner, place);
        }
        return first;
    }

    fs::path placeOf(const std::string& path) const {
        auto place = (root_ / path).lexically_normal();
        if (fs::path(path).is_absolute() || !isInside(place))
            invalid("with: \"" + path + "\" is not inside the work tree");
        return place;
    }

    std::map<std::string, std::string> found() && { return std::move(found_); }

private:
    bool isInside(const fs::path& place) const {
        const auto inside = place.lexically_relative(root_);
        return !inside.empty() && *inside.begin() != "..";
    }
    std::string nameOf(const fs::path& place) const {
        return place.lexically_relative(root_).string();
    }

    // Empty when it is no file. A link that leads out of the work tree is refused: what it leads to
    // belongs to no revision.
    std::optional<std::string> take(const fs::path& place) {
        std::error_code none;
        const auto real = fs::weakly_canonical(place, none);
        if (none || !isInside(real))
            fail("\"" + nameOf(place) + "\" at " + revision_ + " leads out of the work tree",
                 {"missing_file", "Replace the link by the file itself."});
        if (!fs::is_regular_file(real, none)) return std::nullopt;
        bytes_ += fs::file_size(real, none);
        if (bytes_ > kMostBytes || found_.size() >= kMostFiles)
            fail("The files of the service are more than " + std::to_string(kMostFiles) + ", or " +
                     std::to_string(kMostBytes >> 20) + " MiB",
                 {"too_large", "Name fewer of them in `with.files` of the service."});
        std::ifstream in(real, std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(in), {}};
        found_[nameOf(place)] = sha256(text);
        return text;
    }

    const fs::path root_;
    const std::string revision_;
    std::map<std::string, std::string> found_;
    std::uintmax_t bytes_ = 0;
};

void refuseTemplates(const std::string& name, bool inherited) {
    if (name.empty()) return;
    fail("The value of " + name + " holds \"${{\", which Dokploy would replace",
         {"bad_environment",
          inherited ? "Change the value; a reference to a variable of Dokploy's belongs into "
                      "`with.variables` of the service."
                    : "Write whole references only, without blanks: ${{project.NAME}}, "
                      "${{environment.NAME}}, ${{NAME}}; in the configuration of the runner $${{ "
                      "stands for ${{."});
}

}  // namespace

std::string sha256(std::string_view bytes) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1)
        throw Error(IAC_INTERNAL, "OpenSSL has no SHA-256");
    std::string out;
    for (unsigned int i = 0; i < size; ++i) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        out += kDigits[digest[i] >> 4];
        out += kDigits[digest[i] & 15];
    }
    return out;
}

std::string canonicalForm(const Service& service, const Configuration& configuration) {
    std::string out = "iac-runner dokploy 1\n";
    out += service.kind == Kind::compose ? "type compose\n" : "type application\n";
    out += service.from_runner ? "source runner\n" : "source dokploy\n";
    for (const auto& [name, value] : configuration.variables)
        out += "env " + name + " " + sha256(value) + "\n";
    for (const auto& [path, hash] : configuration.files) out += "file " + path + " " + hash + "\n";
    return out;
}

Variables inheritedFrom(std::string_view printed) {
    static const std::set<std::string_view> kOfTheProcess{"PATH", "HOME", "USER", "LANG", "TMPDIR"};
    Variables all;
    while (!printed.empty()) {
        const auto end = std::min(printed.find('\0'), printed.size());
        const auto one = printed.substr(0, end);
        printed.remove_prefix(std::min(end + 1, printed.size()));
        const auto equals = one.find('=');
        if (equals == one.npos || equals == 0) continue;
        const auto name = one.substr(0, equals);
        if (kOfTheProcess.count(name) > 0 || name.substr(0, 4) == "IAC_") continue;
        if (isVariableName(name)) all[std::string(name)] = one.substr(equals + 1);
    }
    return all;
}

Configuration configurationOf(const Step& step, const Service& service,
                              const Variables& inherited) {
    Configuration made;
    if (service.inherit) {
        refuseTemplates(templateIn(inherited, true), true);
        made.variables = inherited;
    }
    refuseTemplates(templateIn(service.variables, false), false);
    for (const auto& [name, value] : service.variables) made.variables[name] = value;

    for (const auto& [name, value] : made.variables)
        if (!json::isUtf8(value))
            fail("The value of " + name + " is not UTF-8 text, and Dokploy takes nothing else",
                 {"bad_environment", "Correct the variable or secret."});
    Files files(step);
    if (!service.file.empty()) {
        const std::string text = files.need(service.file);
        const std::string named = files.follow(text, files.placeOf(service.file));
        if (service.from_runner && !named.empty())
            fail(service.file + " names " + named + ", and Dokploy gets the one file only",
                 {"needs_files",
                  "Let Dokploy fetch the repository (source: dokploy), or write it as one file."});
        if (!json::isUtf8(text))
            fail(service.file + " is not UTF-8 text, and Dokploy takes nothing else",
                 {"bad_environment", "Save the file as UTF-8."});
        if (service.from_runner && text.size() > kLongestComposeFile)
            fail(service.file + " has " + std::to_string(text.size()) +
                     " bytes, and Dokploy deploys a file of at most " +
                     std::to_string(kLongestComposeFile) +
                     ": it hands it to a shell as one argument",
                 {"too_large",
                  "Let Dokploy fetch the repository (source: dokploy), or make the file smaller."});
        if (service.from_runner) made.compose_file = text;
    }
    for (const auto& path : service.files) files.needAll(path);
    made.files = std::move(files).found();
    made.hash = sha256(canonicalForm(service, made));
    return made;
}

}  // namespace iac::dokploy
