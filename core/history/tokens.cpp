#include "history/tokens.hpp"

#include <string>
#include <utility>

#include "history/statements.hpp"

namespace iac::history {
namespace {

template <class... Arg>
std::vector<Token> readTokens(Connection& sql, std::string_view statement, const Arg&... arg) {
    std::vector<Token> tokens;
    for (auto& [id, name, role, created_by, created_at, revoked_at] :
         sql.ask<std::int64_t, std::string, std::string, std::string, std::int64_t,
                 std::optional<std::int64_t>>(statement, arg...))
        tokens.push_back({id, std::move(name), std::move(role), std::move(created_by),
                          timeOf(created_at), timeOf(revoked_at)});
    return tokens;
}

}  // namespace

std::int64_t addToken(Transaction& transaction, const Token& token, std::string_view digest) {
    const std::int64_t id = ++transaction.counters.token;
    if (transaction.sql.run(sql::kInsertToken, id, token.name, token.role, digest, token.created_by,
                            transaction.now) != 1)
        throw WrongState("There is a token \"" + token.name +
                         "\" already: revoke it, or choose another name.");
    return id;
}

bool revokeToken(Transaction& transaction, std::string_view name) {
    return transaction.sql.run(sql::kRevokeToken, transaction.now, name) == 1;
}

std::optional<Token> tokenOf(Connection& sql, std::string_view digest) {
    auto found = readTokens(sql, sql::kTokenByDigest, digest);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::vector<Token> tokens(Connection& sql) {
    return readTokens(sql, sql::kTokens);
}

}  // namespace iac::history
