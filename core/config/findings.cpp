#include "config/findings.hpp"

#include <algorithm>
#include <cctype>

#include "base/masker.hpp"

namespace iac::config {

namespace {

bool readsWell(std::string_view key) {
    return !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-';
    });
}

/// Whether `path` is `parent` or lies within it.
bool within(std::string_view path, std::string_view parent) {
    if (!path.starts_with(parent)) return false;
    return path.size() == parent.size() || path[parent.size()] == '.' || path[parent.size()] == '[';
}

}  // namespace

std::string memberPath(const std::string& parent, std::string_view key) {
    if (!readsWell(key)) return parent + "[\"" + std::string(key) + "\"]";
    return parent.empty() ? std::string(key) : parent + "." + std::string(key);
}

std::string itemPath(const std::string& parent, std::size_t index) {
    return parent + "[" + std::to_string(index) + "]";
}

int Origins::line(std::string path) const {
    for (;;) {
        if (const auto found = lines.find(path); found != lines.end()) return found->second;
        const auto cut = path.find_last_of(".[");
        if (cut == std::string::npos) return 1;
        path.resize(cut);
    }
}

void Findings::add(const std::string& path, const std::string& sentence) {
    if (muted_.contains(path)) return;
    for (const auto& known : findings_)
        if (!known.path.empty() && within(path, known.path)) return;
    findings_.push_back({origins_.line(path), path, sentence});
}

bool Findings::has(std::string_view path) const {
    return std::any_of(findings_.begin(), findings_.end(),
                       [path](const Finding& finding) { return within(finding.path, path); });
}

void Findings::throwIfAny(const std::map<std::string, Secret>& secrets) const {
    if (findings_.empty()) return;
    std::vector<std::string> values;
    values.reserve(secrets.size());
    for (const auto& [name, secret] : secrets) values.push_back(secret.reveal());
    const MaskedValues masked(values);
    auto sorted = findings_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Finding& a, const Finding& b) { return a.line < b.line; });
    std::string text;
    for (std::size_t i = 0; i < sorted.size() && i < kMostTold; ++i) {
        const auto& [line, path, sentence] = sorted[i];
        if (i > 0) text += '\n';
        text += origins_.file + ":" + std::to_string(line) + ": ";
        if (!path.empty()) text += path + ": ";
        text += masked.mask(sentence);
    }
    if (sorted.size() > kMostTold)
        text += "\n" + origins_.file + ": and " + std::to_string(sorted.size() - kMostTold) +
                " more findings";
    throw Invalid(text);
}

}  // namespace iac::config
