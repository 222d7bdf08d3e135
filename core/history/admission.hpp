#pragma once

#include <optional>
#include <string_view>

#include "history/history.hpp"
#include "history/writer.hpp"

namespace iac::history {

/// How an event becomes a row and, where there is something to deploy, a waiting deployment: see
/// History::admit and History::useNonce. [writer-thread]
Admission admit(Transaction& transaction, const Event& event, const std::optional<Plan>& deploy,
                std::string_view reason, const std::optional<Nonce>& nonce);
/// A change that the runner itself asks for, of what it owes an environment. Never refused because
/// too many wait: it takes over the change that waits there, so there is at most one for each
/// environment. [writer-thread]
Admission admitCatchUp(Transaction& transaction, const Event& event, std::string_view reason);
bool useNonce(Transaction& transaction, std::string_view nonce, Time expires);

}  // namespace iac::history
