#pragma once

#include <iac/plugin.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace iac::triggers {

/// Which members a body may have. Members that nobody knows are ignored, each with a warning: a
/// client of another service sends some of its own, and they must not make a deployment impossible.
/// iac::invalid for one that is a misspelling of a known one, because it would change what is
/// deployed, and for every unknown one where `strict`.
std::vector<std::string> ignoredMembers(const Value& body,
                                        const std::vector<std::string_view>& known, bool strict);

/// The known name that this one may be meant to be: another word for it, or a typing error of at
/// most two letters (one in a short name). Empty: none.
std::string_view meantBy(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace iac::triggers
