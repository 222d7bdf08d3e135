#pragma once

#include <Poco/JSON/Object.h>

#include <set>
#include <string>
#include <vector>

#include "config/schema.hpp"
#include "config/validate.hpp"

namespace iac::config {

/// Adds where a truth value stands for a number: valijson's adapter for Poco takes it for one.
void addTruthValues(const Poco::JSON::Object::Ptr& schema, const Poco::Dynamic::Var& value,
                    const std::vector<std::string>& tokens, std::vector<RawFinding>& raw);

/// Whether it says that none, or too many, of several forms fit.
bool isAboutForms(const RawFinding& finding);

/// A validator's findings as sentences for people; what only repeats another finding is left out.
/// In its own words where they are not known here: never empty unless `raw` is.
std::vector<Schema::Finding> toSentences(const std::vector<RawFinding>& raw,
                                         const Poco::JSON::Object::Ptr& schema,
                                         const Poco::Dynamic::Var& value, const std::string& path,
                                         const std::set<std::string>& hidden);

/// `did you mean "listen"? ` when one of `known` is near to `word`, else nothing.
std::string suggestion(const std::string& word, const std::vector<std::string>& known);

/// "a, b, c"
std::string joined(const std::vector<std::string>& words);

}  // namespace iac::config
