#pragma once

#include <iac/plugin.hpp>
#include <string>
#include <vector>

namespace iac::invoke {

/// How `program` is started so that the repository cannot stand in the way: invoke puts the top of
/// the work tree first among the places of modules, and a package of the repository that is called
/// as a module of Python (`platform`) breaks invoke itself. Where `program` is a script of Python,
/// its interpreter is started so that Python's own modules are loaded first; anything else is
/// started as it is. `directory`: where it runs, for a relative path.
std::vector<std::string> startOf(const std::string& program, const std::string& directory,
                                 const Call& call);

}  // namespace iac::invoke
