#include "history/outbox.hpp"

#include <set>
#include <utility>

#include "history/statements.hpp"

namespace iac::history {

void announce(Transaction& transaction, DeploymentId deployment, std::string_view event,
              std::string_view environment) {
    const auto names = transaction.subscribers(event, environment);
    for (const std::string& notifier : std::set<std::string>(names.begin(), names.end()))
        transaction.sql.run(sql::kInsertMessage, ++transaction.counters.message, deployment,
                            notifier, event, transaction.now);
}

void delivered(Transaction& transaction, std::int64_t message,
               const std::optional<std::string>& memory) {
    transaction.sql.run(sql::kDeliverMessage, transaction.now, memory, message);
}

void notDelivered(Transaction& transaction, std::int64_t message, std::optional<Time> next,
                  std::string_view reason, const std::optional<std::string>& memory) {
    if (next) {
        transaction.sql.run(sql::kPostponeMessage, *next, reason, memory, message);
    } else {
        transaction.sql.run(sql::kGiveUpMessage, reason, memory, message);
    }
}

void dropped(Transaction& transaction, std::int64_t message) {
    transaction.sql.run(sql::kDropMessage, message);
}

std::vector<OutboxMessage> dueMessages(Connection& sql, Time now, std::string_view notifier,
                                       std::size_t limit) {
    std::vector<OutboxMessage> messages;
    for (auto& [id, deployment, name, event, attempts, created_at, memory] :
         sql.ask<std::int64_t, std::int64_t, std::string, std::string, std::int64_t, std::int64_t,
                 std::string>(sql::kDueMessages, now, notifier, limit))
        messages.push_back({id, deployment, std::move(name), std::move(event),
                            static_cast<int>(attempts), timeOf(created_at), std::move(memory)});
    return messages;
}

std::optional<Time> nextMessageTime(Connection& sql, Time now, std::string_view notifier) {
    const auto row = sql.askOne<std::optional<std::int64_t>>(sql::kNextMessageTime, now, notifier);
    return row ? timeOf(std::get<0>(*row)) : std::nullopt;
}

std::vector<Notification> notifications(Connection& sql, DeploymentId id) {
    std::vector<Notification> all;
    for (auto& [notifier, event, state, attempts, delivered_at, reason] :
         sql.ask<std::string, std::string, std::string, std::int64_t, std::optional<std::int64_t>,
                 std::string>(sql::kNotifications, id))
        all.push_back({std::move(notifier), std::move(event), std::move(state),
                       static_cast<int>(attempts), timeOf(delivered_at), std::move(reason)});
    return all;
}

}  // namespace iac::history
