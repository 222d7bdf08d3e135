#pragma once

#include <string>
#include <string_view>

namespace iac::triggers {

/// The rule that a branch, tag or full SHA breaks, eg. `may not begin with "-"`; empty when it
/// breaks none. The rules are those of git check-ref-format, and none may be taken for an option.
std::string brokenRefRule(std::string_view ref);

}  // namespace iac::triggers
