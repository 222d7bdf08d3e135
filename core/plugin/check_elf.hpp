#pragma once

#include <string>
#include <vector>

namespace iac::plugin {

/// What the dynamic section of a loaded library says.
struct LibraryFacts {
    std::vector<std::string> exports;  ///< every symbol that other files could see
    std::vector<std::string> needs;    ///< "libPocoNet.so.80"
};

/// Of the library that `address` lies in. Throws std::runtime_error when it lies in none.
LibraryFacts factsOf(const void* address);

}  // namespace iac::plugin
