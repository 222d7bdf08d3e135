#pragma once

#include <filesystem>
#include <system_error>

namespace iac {

/// Removes a file, or a folder with all that is in it, however deep it is and whatever its modes
/// are; what is not there is removed already. A link is removed, never what it points to. Holds two
/// descriptors at most. `error` says why something is left; nothing is thrown but std::bad_alloc.
/// Its owner may be another user who still changes it, where this process has CAP_CHOWN; nobody
/// else may change the folder it lies in.
void removeTree(const std::filesystem::path& path, std::error_code& error);

}  // namespace iac
