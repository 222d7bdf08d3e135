#include "repository/tree_limits.hpp"

#include <algorithm>
#include <charconv>

#include "repository/mirror.hpp"

namespace iac::repository {
namespace {

constexpr std::uint64_t kMostNames = 256u << 20;  // bytes of all paths of a revision

}  // namespace

void TreeLimits::takeNames(std::string_view bytes) {
    addFiles(static_cast<std::uint64_t>(std::ranges::count(bytes, '\0')));
    names_ += bytes.size();
    if (names_ > kMostNames)
        throw GitFailed("too_large", "commit " + revision_ + " has paths of more than " +
                                         std::to_string(kMostNames >> 20) +
                                         " MiB; remove files from the repository");
}

void TreeLimits::takeEntries(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto end = std::min(bytes.find(in_name_ ? '\0' : '\t'), bytes.size());
        if (!in_name_) head_ += bytes.substr(0, end);
        const bool whole = end < bytes.size();
        bytes.remove_prefix(whole ? end + 1 : end);
        if (!whole) return;
        in_name_ ? addFiles(1) : addBytes();
        in_name_ = !in_name_;
    }
}

void TreeLimits::addFiles(std::uint64_t files) {
    files_ += files;
    if (files_ > most_files_)
        throw GitFailed("too_large", "commit " + revision_ + " has more than " +
                                         std::to_string(most_files_) +
                                         " files; remove files from the repository, or raise "
                                         "repository.limits.files");
}

// "-" stands for the size of a submodule: nothing is checked out for it.
void TreeLimits::addBytes() {
    const auto text = std::string_view(head_).substr(head_.rfind(' ') + 1);
    std::uint64_t size = 0;
    std::from_chars(text.data(), text.data() + text.size(), size);
    head_.clear();
    bytes_ += size;
    if (bytes_ > most_bytes_)
        throw GitFailed("too_large", "the files of commit " + revision_ + " are more than " +
                                         std::to_string(most_bytes_) +
                                         " bytes; remove files from the repository, or raise "
                                         "repository.limits.size");
}

}  // namespace iac::repository
