#pragma once

#include <filesystem>

namespace iac {

/// Makes the data folder the runner's alone, and each thing in it too: a folder for steps of other
/// users (engine::stepFolder) is opened when one runs, and then nothing else in it may be readable.
/// Throws config::Invalid: it belongs to another user, or others can write to it.
void takeDataFolder(const std::filesystem::path& folder);

}  // namespace iac
