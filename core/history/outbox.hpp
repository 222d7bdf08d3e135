#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "history/history.hpp"
#include "history/writer.hpp"

namespace iac::history {

/// Messages that wait to be delivered: see the functions of History with the same names.

/// Puts a message in, in the transaction of the move that it announces. [writer-thread]
void addMessage(Transaction& transaction, DeploymentId deployment, std::string_view notifier,
                std::string_view event);
void delivered(Transaction& transaction, std::int64_t message);
void notDelivered(Transaction& transaction, std::int64_t message, std::optional<Time> next,
                  std::string_view reason);

std::vector<OutboxMessage> dueMessages(Connection& sql, Time now, std::size_t limit);
std::optional<Time> nextMessageTime(Connection& sql, Time now);

}  // namespace iac::history
