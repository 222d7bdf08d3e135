#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/guarded.hpp"

namespace iac::engine {

/// Which environments a lane of this process works on. While a configuration is taken over, an
/// environment has two lanes: the claim says whose deployment is running, and a deployment that
/// the history calls running in an environment that nobody has claimed was abandoned. Thread-safe.
class LaneClaims {
public:
    /// Ends with its owner's scope.
    class Claim {
    public:
        Claim(LaneClaims& claims, std::string environment)
            : claims_(&claims), environment_(std::move(environment)) {}
        Claim(Claim&& other) noexcept
            : claims_(std::exchange(other.claims_, nullptr)),
              environment_(std::move(other.environment_)) {}
        Claim& operator=(Claim&&) = delete;
        ~Claim() {
            if (claims_ != nullptr) claims_->taken_.lock()->erase(environment_);
        }

    private:
        LaneClaims* claims_;
        std::string environment_;
    };

    /// Empty: another lane has it.
    std::optional<Claim> take(const std::string& environment) {
        if (!taken_.lock()->insert(environment).second) return std::nullopt;
        return std::optional<Claim>(std::in_place, *this, environment);
    }

private:
    Guarded<std::set<std::string>> taken_;
};

}  // namespace iac::engine
