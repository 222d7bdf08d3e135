#include "history/outbox.hpp"

#include "history/statements.hpp"

namespace iac::history {

void addMessage(Transaction& transaction, DeploymentId deployment, std::string_view notifier,
                std::string_view event) {
    transaction.sql.run(sql::kInsertMessage, ++transaction.counters.message, deployment, notifier,
                        event, transaction.now);
}

void delivered(Transaction& transaction, std::int64_t message) {
    transaction.sql.run(sql::kDeleteMessage, message);
}

void notDelivered(Transaction& transaction, std::int64_t message, std::optional<Time> next,
                  std::string_view reason) {
    if (next) {
        transaction.sql.run(sql::kPostponeMessage, *next, reason, message);
    } else {
        transaction.sql.run(sql::kGiveUpMessage, reason, message);
    }
}

std::vector<OutboxMessage> dueMessages(Connection& sql, Time now, std::size_t limit) {
    std::vector<OutboxMessage> messages;
    for (auto& [id, deployment, notifier, event, attempts] :
         sql.ask<std::int64_t, std::int64_t, std::string, std::string, std::int64_t>(
             sql::kDueMessages, now, limit))
        messages.push_back(
            {id, deployment, std::move(notifier), std::move(event), static_cast<int>(attempts)});
    return messages;
}

std::optional<Time> nextMessageTime(Connection& sql, Time now) {
    const auto row = sql.askOne<std::optional<std::int64_t>>(sql::kNextMessageTime, now);
    return row ? timeOf(std::get<0>(*row)) : std::nullopt;
}

}  // namespace iac::history
