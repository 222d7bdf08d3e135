// The environment of a Dokploy service: one text of NAME=value lines, which Dokploy keeps as it got
// it and reads with the npm package dotenv. What is read here is read as dotenv reads it.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace iac::dokploy {

using Variables = std::map<std::string, std::string>;

/// One assignment, and where it stands in the text: [begin, end), without the line end.
struct Entry {
    std::string name, value;
    std::size_t begin = 0, end = 0;
};

/// Every assignment, in order. Comments and lines that assign nothing are none.
std::vector<Entry> entriesOf(std::string_view text);

/// What the text says in the end: the last of two with one name counts.
Variables variablesOf(std::string_view text);

/// Whether it can be the name of a variable: a letter or "_", then letters, digits and "_".
bool isVariableName(std::string_view name);

/// `NAME="value"`, quoted so that dotenv reads exactly this value back. Empty for the few values
/// that none of dotenv's quotes can hold.
std::optional<std::string> assignment(const std::string& name, const std::string& value);

/// The text with `ours` set and `gone` removed. Everything else (foreign variables, comments) stays
/// as it is and where it is. iac::fail when the result would not be read as that, for instance
/// because of a foreign quote that is never closed; the sentence names variables, never values.
std::string merged(const std::string& text, const Variables& ours,
                   const std::set<std::string>& gone);

/// The first of the variables whose value holds a `${{` that is no whole reference (${{project.X}},
/// ${{environment.X}}, ${{vault.X}}, ${{X}}); with references_too also those. Empty when none does.
std::string templateIn(const Variables& variables, bool references_too);

}  // namespace iac::dokploy
