#pragma once

#include <atomic>
#include <chrono>
#include <iac/plugin.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace iac::triggers {

/// The secrets a trigger checks signatures with: its setting `secret`, one text or an array of two,
/// so that a secret can be replaced without losing a request. [any-thread]
class Secrets {
public:
    static constexpr std::size_t kMost = 2;

    explicit Secrets(const Value& config) {
        const auto setting = config.find<Value>("secret");
        if (!setting) return;
        if (setting->isArray()) {
            secrets_ = config.get<std::vector<std::string>>("secret");
        } else {
            secrets_.push_back(config.get<std::string>("secret"));
        }
        if (secrets_.size() > kMost)
            invalid("secret: at most two can be valid at once, there are " +
                    std::to_string(secrets_.size()));
    }

    /// Whether the request is refused because no secret is configured: then nobody can be told from
    /// anybody. Says so in the runner's log, but not once for each request of a stranger.
    bool missing(const Call& call) const {
        for (const auto& secret : secrets_)
            if (!secret.empty()) return false;
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        auto next = next_log_.load();
        if (now.count() >= next && next_log_.compare_exchange_strong(next, (now + kQuiet).count()))
            call.log("no secret is configured, so every request is refused; set `secret`",
                     IAC_WARNING);
        return true;
    }

    /// Whether signature is "sha256=<64 hex>" over bytes by one of the secrets.
    bool signedBy(const HttpRequest& request, std::string_view bytes,
                  std::string_view signature) const {
        return signatureMatches(request.input, secrets_, bytes, signature);
    }

private:
    using Ticks = std::chrono::steady_clock::duration;
    static constexpr Ticks kQuiet = std::chrono::minutes(1);

    std::vector<std::string> secrets_;
    mutable std::atomic<Ticks::rep> next_log_{0};
};

inline constexpr std::string_view kNoSecret =
    "this trigger refuses every request: no secret is configured for it";

}  // namespace iac::triggers
