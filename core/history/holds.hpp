#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "history/history.hpp"
#include "history/writer.hpp"

namespace iac::history {

/// Holds: see the functions of History with the same names.

/// [writer-thread]
Hold place(Transaction& transaction, Hold hold);
/// Places those whose target has no open hold of its own; they as they were written down.
std::vector<Hold> placeWhereFree(Transaction& transaction, const std::vector<Hold>& holds);
Admission release(Transaction& transaction, HoldId id, std::string_view by,
                  const std::optional<Event>& catchUp);
/// Whether an open hold covers a target, as the database has it now.
bool isHeld(Transaction& transaction, std::string_view environment, std::string_view service);

std::vector<Hold> openHolds(Connection& sql);
std::vector<Hold> allHolds(Connection& sql, std::string_view environment, std::size_t limit);
std::optional<Hold> hold(Connection& sql, HoldId id);
bool wasPlaced(Connection& sql, const Hold& hold);

}  // namespace iac::history
