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
bool useNonce(Transaction& transaction, std::string_view nonce, Time expires);

}  // namespace iac::history
