#pragma once

#include <Poco/JSON/Object.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/document.hpp"
#include "config/findings.hpp"

namespace iac::config {

/// One mapping of the file while it becomes settings. What the schema has already complained about
/// reads as absent, so that one mistake gives one sentence.
class Node {
public:
    Node(const Document& document, Findings& findings)
        : Node(document, findings, document.root, "") {}
    Node(const Document& document, Findings& findings, const Poco::Dynamic::Var& value,
         std::string path);

    Node child(const std::string& key) const;
    std::vector<Node> items(const std::string& key) const;
    /// The mappings of a mapping, in the order of the file; `key()` of each is its name.
    std::vector<Node> members(const std::string& key) const;

    std::string text(const std::string& key, const std::string& fallback = {}) const;
    /// A list of texts; one text alone is a list of one.
    std::vector<std::string> texts(const std::string& key) const;
    int number(const std::string& key, int fallback) const;
    bool truth(const std::string& key, bool fallback) const;
    /// Refuses less than `least`.
    Duration duration(const std::string& key, Duration fallback,
                      Duration least = Duration(1)) const;
    std::uint64_t size(const std::string& key, std::uint64_t fallback) const;
    /// A copy; never null.
    Poco::JSON::Object::Ptr mapping(const std::string& key) const;
    /// Text values by key; numbers and truth values as they were written.
    std::map<std::string, std::string> variables(const std::string& key) const;

    const std::string& key() const { return key_; }
    const std::string& path() const { return path_; }
    std::string pathOf(const std::string& key) const { return memberPath(path_, key); }
    /// "iac-runner.yaml:31: services[2]"
    std::string place() const;
    bool faulty(const std::string& key) const { return findings_->has(pathOf(key)); }
    void fault(const std::string& key, const std::string& sentence) const {
        findings_->add(pathOf(key), sentence);
    }

private:
    Poco::Dynamic::Var get(const std::string& key) const;

    const Document* document_;
    Findings* findings_;
    Poco::JSON::Object::Ptr object_;  ///< null: not a mapping
    std::string path_, key_;
};

}  // namespace iac::config
