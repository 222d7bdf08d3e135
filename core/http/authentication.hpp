#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "history/history.hpp"
#include "http/request.hpp"
#include "http/routes.hpp"

namespace iac::http {

/// What every token begins with: so that a leaked one can be found, and that the token of somebody
/// else's trigger is not taken for one of ours.
inline constexpr std::string_view kTokenPrefix = "iac_";

/// The timestamp and nonce of a request that is protected against being sent twice.
struct Stamp {
    std::string timestamp, nonce;
    Time expires{};  ///< from then on the timestamp itself is refused
};

/// Who may ask: the rules of http-api "Authentication" for the routes of the runner itself, and the
/// protection against replays for all. Neither a token nor a signature is ever logged or answered.
/// [any-thread]
class Authentication {
public:
    static constexpr Duration kWindow{300'000};

    Authentication(const config::Server& settings, history::History& history, const Clock& clock)
        : settings_(settings), history_(history), clock_(clock) {}

    /// Throws Problem (401, 403) or history::NonceUsed unless the request may do what the route is
    /// for; sets request.caller. Open routes pass, and those of triggers, unless a token of ours
    /// says otherwise.
    void check(Request& request, const Route& route) const;

    /// The stamp of a request that has one; its time is checked here, its nonce not yet. Throws
    /// Problem 401.
    std::optional<Stamp> stamp(const Request& request) const;

private:
    /// Uses the nonce up. Only for a request whose signature was checked: nobody else may fill the
    /// table. Throws NonceUsed.
    void use(const Stamp& stamp) const;
    void checkToken(Request& request, std::string_view token, Role needed) const;
    void checkSignature(const Request& request, const Route& route) const;
    /// Whether a signature of the body alone is not enough.
    bool mustCountOnce(const Request& request, const Route& route) const;
    bool isSigned(std::string_view bytes, std::string_view hex) const;

    const config::Server& settings_;
    history::History& history_;
    const Clock& clock_;
};

}  // namespace iac::http
