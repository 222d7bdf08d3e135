#pragma once

#include <filesystem>
#include <string>

namespace iac::plugin {

/// What can be said about a plugin file before it is opened as a library: who owns it, who may
/// change it, its folder or a folder above that, and whether it is a shared object for this
/// processor. The reason to refuse it, without the file's name; empty when there is none.
std::string judgeFile(const std::filesystem::path& file);

/// The part of it that does not change when the file is installed: whether it is a regular file and
/// a shared object for this processor. A symbolic link is followed.
std::string judgeContent(const std::filesystem::path& file);

}  // namespace iac::plugin
