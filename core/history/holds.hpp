#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "history/history.hpp"
#include "history/writer.hpp"

namespace iac::history {

/// Holds: see the functions of History with the same names.

/// [writer-thread]
HoldId place(Transaction& transaction, const Hold& hold);
Admission release(Transaction& transaction, HoldId id, std::string_view by, const Event& catchUp);

std::vector<Hold> openHolds(Connection& sql);
std::vector<Hold> allHolds(Connection& sql, std::size_t limit);

}  // namespace iac::history
