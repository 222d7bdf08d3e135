#pragma once

#include <Poco/JSON/Object.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace iac::config {

/// Why a JSON Schema cannot be used: a sentence without a subject, "is not JSON: ...".
class SchemaFault : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A JSON Schema that was judged: only keywords that are checked here, so that nobody relies on
/// one that is not. Beside those of draft 7, `x-expected` says in words what is wanted ("a duration
/// such as 10m"), for messages.
class Schema {
public:
    explicit Schema(const std::string& text);  ///< throws SchemaFault

    /// Bytes of a text that has to match a `pattern`: std::regex, which valijson matches with, goes
    /// one stack frame deeper for each character.
    static constexpr std::size_t kLongestMatched = 2048;

    struct Finding {
        std::string path, sentence;
    };
    /// What is wrong with `value`, whose path is `path`. Values at `hidden` paths, and those the
    /// schema marks writeOnly, are not shown.
    std::vector<Finding> check(const Poco::Dynamic::Var& value, const std::string& path,
                               const std::set<std::string>& hidden) const;

    /// Puts in what is missing and has a default, at every depth.
    /// Where a text holds one of these placeholders ("name" for "{name}") although its schema says
    /// "x-placeholders": false.
    std::vector<std::string> placeholdersIn(const Poco::JSON::Object::Ptr& object,
                                            const std::set<std::string>& names) const;
    /// Turns texts such as "1.0" and "0x10" into the numbers and truth values that they are in
    /// YAML, where the schema wants those and no text.
    void readNumbers(const Poco::JSON::Object::Ptr& object) const;
    void fillDefaults(const Poco::JSON::Object::Ptr& object) const;

    /// Every text at or below what is marked writeOnly.
    std::vector<std::string> writeOnly(const Poco::Dynamic::Var& value) const;

    const Poco::JSON::Object::Ptr& json() const { return json_; }

private:
    Poco::JSON::Object::Ptr json_;
};

}  // namespace iac::config
