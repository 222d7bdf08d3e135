#include "pattern.hpp"

#include <algorithm>
#include <iac/plugin.hpp>

namespace iac::path_rules {

Path::Path(std::string_view path) : text(path) {
    for (std::size_t begin = 0; begin <= path.size();) {
        const auto end = std::min(path.find('/', begin), path.size());
        parts.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
}

Pattern::Pattern(std::string_view text) {
    if (text.empty()) invalid("it is empty");
    if (text.find('\0') != std::string_view::npos) invalid("it has a NUL in it");
    if (text.front() == '!')
        invalid(
            "it begins with \"!\", which excludes nothing here: write a rule with `skip` before "
            "the others, or \"\\!\" for a name that begins with it");
    if (text.front() == '/')
        invalid("it begins with \"/\"; paths are relative to the top of the repository");
    if (text.back() == '/')
        invalid("it ends with \"/\"; for everything in a folder write \"" + std::string(text) +
                "**\"");
    for (const auto part : Path(text).parts) {
        if (part.empty()) invalid("it has \"//\" in it");
        if (part == "." || part == "..") invalid("\".\" and \"..\" are never part of a path");
        const bool deep = part == "**";
        if (deep && !parts_.empty() && parts_.back().deep) continue;
        parts_.push_back({deep, Segment(deep ? std::string_view{} : part, captures_)});
    }
    describe();
}

void Pattern::describe() {
    std::size_t literals = 0;
    while (literals < parts_.size() && !parts_[literals].deep && parts_[literals].segment.literal())
        ++literals;
    const bool all = literals == parts_.size();
    for (std::size_t i = 0; i < literals; ++i) {
        prefix_ += (i == 0 ? "" : "/") + std::string(parts_[i].segment.prefix());
        if (i + (all ? 2 : 1) == literals) folder_ = prefix_;
    }
    if (!all) {
        if (literals > 0) prefix_ += '/';
        prefix_ += parts_[literals].segment.prefix();
    }
    suffix_ = parts_.back().segment.suffix();
}

bool Pattern::match(const Path& path, Captured& captured) const {
    if (path.text.compare(0, prefix_.size(), prefix_) != 0) return false;
    if (path.text.size() < suffix_.size() ||
        path.text.compare(path.text.size() - suffix_.size(), suffix_.size(), suffix_) != 0)
        return false;
    captured.resize(captures_.size());

    // As within a segment: only the last "**" ever has to take more.
    constexpr std::size_t kNone = ~std::size_t{0};
    std::size_t at = 0, part = 0, deep = kNone, end = 0;
    for (;;) {
        if (part == parts_.size()) {
            if (at == path.parts.size()) return true;
        } else if (parts_[part].deep) {
            // At the end it stands for what is in a folder, never for the folder itself.
            if (part + 1 == parts_.size()) return at < path.parts.size();
            deep = part++;
            end = at;
            continue;
        } else if (at < path.parts.size() && parts_[part].segment.match(path.parts[at], captured)) {
            ++at;
            ++part;
            continue;
        }
        if (deep == kNone || end >= path.parts.size()) return false;
        at = ++end;
        part = deep + 1;
    }
}

}  // namespace iac::path_rules
