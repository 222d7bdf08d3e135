#include "history/retention.hpp"

#include <limits>
#include <set>

#include "history/queries.hpp"
#include "history/statements.hpp"

namespace iac::history {
namespace {

// Of one transaction: other work does not wait long for it.
constexpr std::size_t kDeploymentsAtOnce = 50;
constexpr std::size_t kEventsAtOnce = 500;
constexpr std::size_t kHoldsAtOnce = 500;
constexpr std::size_t kTokensAtOnce = 500;

constexpr Time kEver{Duration{std::numeric_limits<Duration::rep>::max()}};
constexpr DeploymentId kNewest = std::numeric_limits<DeploymentId>::max();

// What each target was last deployed with, and what it would be rolled back to.
std::set<DeploymentId> needed(Connection& sql) {
    std::set<DeploymentId> ids;
    for (const auto& [environment] : sql.ask<std::string>(sql::kTargetEnvironments)) {
        for (const Target& target : readTargets(sql, environment)) {
            ids.insert({target.last_good_deployment, target.last_deployment});
            if (const auto before = readGoodBefore(sql, target))
                ids.insert(before->last_good_deployment);
        }
    }
    return ids;
}

void remove(Transaction& transaction, DeploymentId id, EventId event) {
    transaction.sql.run(sql::kDeleteAttempts, id);
    transaction.sql.run(sql::kDeleteSteps, id);
    transaction.sql.run(sql::kDeleteMessages, id);
    transaction.sql.run(sql::kForgetDeployment, event, id);
    transaction.sql.run(sql::kDeleteDeployment, id);
}

std::vector<DeploymentId> removeSome(Transaction& transaction, Time before, DeploymentId up_to) {
    std::vector<DeploymentId> gone;
    // Mostly there is nothing that old: only then it is looked up what has to stay.
    if (transaction.sql
            .ask<std::int64_t, std::int64_t>(sql::kOldDeployments, before, up_to, std::size_t{1})
            .empty())
        return gone;
    const auto kept = needed(transaction.sql);
    for (const auto& [id, event] : transaction.sql.ask<std::int64_t, std::int64_t>(
             sql::kOldDeployments, before, up_to, kDeploymentsAtOnce + kept.size())) {
        if (kept.contains(id) || gone.size() == kDeploymentsAtOnce) continue;
        remove(transaction, id, event);
        gone.push_back(id);
    }
    return gone;
}

}  // namespace

Pruned prune(Transaction& transaction, const Retention& retention) {
    Pruned gone;
    if (retention.deployments > Duration{0}) {
        const Time before = transaction.now - retention.deployments;
        gone.deployments = removeSome(transaction, before, kNewest);
        gone.holds = transaction.sql.run(sql::kDeleteHolds, before, kHoldsAtOnce);
        gone.tokens = transaction.sql.run(sql::kDeleteTokens, before, kTokensAtOnce);
    }
    if (gone.deployments.empty() && retention.most_deployments > 0) {
        const auto beyond =
            transaction.sql.askOne<std::int64_t>(sql::kNewestBeyond, retention.most_deployments);
        if (beyond) gone.deployments = removeSome(transaction, kEver, std::get<0>(*beyond));
    }
    if (retention.events > Duration{0})
        gone.events = transaction.sql.run(sql::kDeleteEvents, transaction.now - retention.events,
                                          kEventsAtOnce);
    return gone;
}

}  // namespace iac::history
