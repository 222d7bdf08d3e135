#include "history/holds.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "history/admission.hpp"
#include "history/statements.hpp"

namespace iac::history {
namespace {

using Number = std::int64_t;
using Text = std::string;
using MaybeNumber = std::optional<std::int64_t>;
using HoldRow =
    std::tuple<Number, Text, Text, Text, Text, Number, MaybeNumber, Number, MaybeNumber, Text>;

Hold holdOf(HoldRow row) {
    auto& [id, environment, service, reason, by, created_at, until, rollback, released_at,
           released_by] = row;
    return {id,
            std::move(environment),
            std::move(service),
            std::move(reason),
            std::move(by),
            timeOf(created_at),
            timeOf(until),
            rollback,
            timeOf(released_at),
            std::move(released_by)};
}

template <class... Arg>
std::vector<Hold> readHolds(Connection& sql, std::string_view statement, const Arg&... arg) {
    std::vector<Hold> holds;
    for (auto& row : sql.askRows<HoldRow>(statement, arg...))
        holds.push_back(holdOf(std::move(row)));
    return holds;
}

}  // namespace

Hold place(Transaction& transaction, Hold hold) {
    hold.id = ++transaction.counters.hold;
    hold.created_at = transaction.now;
    transaction.sql.run(sql::kInsertHold, hold.id, hold.environment, hold.service, hold.reason,
                        hold.by, hold.created_at, hold.until, hold.rollback_of);
    ++transaction.counters.holds;
    return hold;
}

std::vector<Hold> placeWhereFree(Transaction& transaction, const std::vector<Hold>& holds) {
    const auto open = openHolds(transaction.sql);
    std::vector<Hold> placed;
    for (const Hold& hold : holds) {
        const auto same = [&](const Hold& other) {
            return other.isOpen(transaction.now) && other.environment == hold.environment &&
                   other.service == hold.service;
        };
        if (std::ranges::none_of(open, same)) placed.push_back(place(transaction, hold));
    }
    return placed;
}

Admission release(Transaction& transaction, HoldId id, std::string_view by,
                  const std::optional<Event>& catchUp) {
    const auto open = readHolds(transaction.sql, sql::kOpenHold, id);
    if (open.empty()) throw WrongState("There is no hold " + std::to_string(id) + " to release.");
    transaction.sql.run(sql::kReleaseHold, transaction.now, by, id);
    ++transaction.counters.holds;
    const auto held = transaction.sql.askOne<Number>(sql::kTargetHeld, open.front().environment,
                                                     open.front().service);
    const bool nothing = std::get<0>(held.value()) == 0 && open.front().rollback_of == 0;
    if (nothing || !catchUp) return {};
    return admitCatchUp(transaction, *catchUp, "a hold has ended");
}

bool isHeld(Transaction& transaction, std::string_view environment, std::string_view service) {
    return std::ranges::any_of(openHolds(transaction.sql),
                               [&](const Hold& hold) { return hold.covers(environment, service); });
}

std::vector<Hold> openHolds(Connection& sql) {
    return readHolds(sql, sql::kAllOpenHolds);
}

std::vector<Hold> allHolds(Connection& sql, std::string_view environment, std::size_t limit) {
    return readHolds(sql, sql::kAllHolds, environment, limit);
}

std::optional<Hold> hold(Connection& sql, HoldId id) {
    auto found = readHolds(sql, sql::kHoldById, id);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

bool wasPlaced(Connection& sql, const Hold& hold) {
    return sql
        .askOne<Number>(sql::kHoldLike, hold.environment, hold.service, hold.by, hold.reason,
                        hold.until)
        .has_value();
}

}  // namespace iac::history
