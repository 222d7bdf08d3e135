#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"

namespace iac::config {

/// The path of a member: "server" + "listen" is "server.listen". A key that would not read well in
/// a path is quoted, so that no two members share a path.
std::string memberPath(const std::string& parent, std::string_view key);
/// The path of an item: "services[2]".
std::string itemPath(const std::string& parent, std::size_t index);

/// What is wrong with a configuration: one sentence for each path, each with its line, all of them
/// told at once and in the order of the file.
class Findings {
public:
    /// Findings past this many are counted, not told.
    static constexpr std::size_t kMostTold = 50;

    explicit Findings(const Origins& origins) : origins_(origins) {}

    /// The first sentence about a path stays; a path within one that has a sentence gets none.
    void add(const std::string& path, const std::string& sentence);
    /// No sentence about this path from now on: it cannot be judged, and why was said elsewhere.
    void mute(const std::string& path) { muted_.insert(path); }
    bool empty() const { return findings_.empty(); }
    /// Whether there is a sentence about it or something within it.
    bool has(std::string_view path) const;
    /// Throws Invalid; no value of `secrets` is in what it says.
    void throwIfAny(const std::map<std::string, Secret>& secrets = {}) const;

private:
    struct Finding {
        int line;
        std::string path, sentence;
    };
    const Origins& origins_;
    std::vector<Finding> findings_;
    std::set<std::string> muted_;
};

}  // namespace iac::config
