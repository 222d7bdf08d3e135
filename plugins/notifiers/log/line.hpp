#pragma once

#include <iac/plugin.hpp>
#include <string>

namespace iac::log {

/// One line about a finished deployment, without its newline. Members that are absent or of another
/// type than expected are left out: a line that says less is better than none.
/// "deployment 1042 of 8f3c2a1 to staging: success: platform/postgres changed (by octocat, 12.3 s)"
std::string line(const Value& deployment);

}  // namespace iac::log
