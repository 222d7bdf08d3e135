#pragma once

#include <string>
#include <vector>

#include "model/plan.hpp"

namespace iac::history {

/// Lists and plans as they stand in the database: JSON in UTF-8. Bytes that are no UTF-8 (a path
/// can be anything) become question marks. What cannot be read back is empty, with a line in the
/// log: one bad row stops nobody.
std::string listJson(const std::vector<std::string>& list);
std::vector<std::string> listOf(const std::string& json);
std::string planJson(const Plan& plan);
Plan planOf(const std::string& json);

}  // namespace iac::history
