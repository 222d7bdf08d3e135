#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_watch.hpp"
#include "generation.hpp"
#include "service_manager.hpp"
#include "stop_bound.hpp"

namespace iac {

/// The daemon: what lasts as long as it does, and the generation of parts that its configuration
/// decides. On SIGHUP the configuration is read again, and when a secret file has changed, the
/// secrets: a new generation takes over, or nothing changes and the log says why.
class Runner {
public:
    /// The configurations that may be in use at once, by what began in them; beyond, a reload is
    /// refused.
    static constexpr std::size_t kMostGenerations = 8;

    /// Makes everything, and starts nothing. Throws with a sentence.
    Runner(std::unique_ptr<const PluginsInUse> plugins, Masker& masker);

    /// Runs until SIGTERM or SIGINT, which must be blocked in every thread, as must be SIGHUP. A
    /// second one stops at once.
    void serve();

private:
    class Signals;
    /// Reads what is to be used; empty: nothing is new.
    using Read = std::function<std::optional<config::Settings>()>;

    Ground ground();
    void serveUntilStopped(http::Server& server, Signals& signals);
    void stop(http::Server& server, Signals& signals);
    void letGo();
    void renewConfiguration(http::Server& server);
    void renewSecrets(http::Server& server);
    void tellHowItWent();
    std::string takeOver(http::Server& server, std::string_view what, const Read& read);
    std::unique_ptr<Generation> prepare(http::Server& server, config::Settings settings);
    void watchSecrets();

    /// First, and so destroyed last: what does not come down is bounded too.
    std::optional<StopBound> stop_bound_;
    Cancellation stopping_;  ///< nobody waits for an answer of git any more
    SystemClock clock_;
    http::Reloads reloads_;
    Masker& masker_;
    history::History history_;
    repository::Mirror mirror_;
    engine::LaneClaims lane_claims_;
    const ServiceManager service_manager_{};
    const std::unique_ptr<const Cgroups> cgroups_;
    std::unique_ptr<Generation> generation_;
    std::vector<std::unique_ptr<Generation>> retired_;  ///< something of them runs still
    std::unique_ptr<FileWatch> secret_files_;
    bool secrets_due_ = false;     ///< they are to be compared with those in use
    std::string file_refused_;     ///< why the configuration was not taken over last; empty: it was
    std::string secrets_refused_;  ///< the same of the secrets
};

}  // namespace iac
