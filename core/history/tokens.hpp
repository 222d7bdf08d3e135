#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "history/history.hpp"
#include "history/writer.hpp"

namespace iac::history {

/// Tokens: see the functions of History with the same names.

/// [writer-thread]
std::int64_t addToken(Transaction& transaction, const Token& token, std::string_view digest);
bool revokeToken(Transaction& transaction, std::string_view name);

std::optional<Token> tokenOf(Connection& sql, std::string_view digest);
std::vector<Token> tokens(Connection& sql);

}  // namespace iac::history
