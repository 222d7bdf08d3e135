#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "history/history.hpp"
#include "history/writer.hpp"

namespace iac::history {

/// Messages that wait to be delivered, and what became of them: see the functions of History with
/// the same names.

/// Puts one message for each notifier that is told of a move into the outbox, in the transaction of
/// the move. [writer-thread]
void announce(Transaction& transaction, DeploymentId deployment, std::string_view event,
              std::string_view environment);
void delivered(Transaction& transaction, std::int64_t message,
               const std::optional<std::string>& memory);
void notDelivered(Transaction& transaction, std::int64_t message, std::optional<Time> next,
                  std::string_view reason, const std::optional<std::string>& memory);
void dropped(Transaction& transaction, std::int64_t message);

std::vector<OutboxMessage> dueMessages(Connection& sql, Time now, std::string_view notifier,
                                       std::size_t limit);
std::optional<Time> nextMessageTime(Connection& sql, Time now, std::string_view notifier);
std::vector<Notification> notifications(Connection& sql, DeploymentId id);

}  // namespace iac::history
