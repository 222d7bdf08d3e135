#pragma once

#include <iac/plugin.hpp>
#include <string_view>

namespace iac::invoke {

/// Whether what `invoke --list --list-format=json` printed names the task "a.b.c": by its name or
/// alias, or as the default task of a collection of that name. A tasks.py may print while it is
/// imported: the list is the last line that is a JSON object of that form. iac::fail when there is
/// none.
bool listHasTask(const Call& call, std::string_view printed, std::string_view task);

}  // namespace iac::invoke
