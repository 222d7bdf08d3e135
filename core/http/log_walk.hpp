#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/settings.hpp"
#include "model/deployment.hpp"

namespace iac::http {

/// A place in the logs of a deployment: what comes behind it was not told yet. It stays the same
/// place when the deployment is planned again and its steps change their positions.
struct LogPlace {
    StepId step = 0;
    int attempt = 0;       ///< its number
    std::uint64_t at = 0;  ///< in the file of the attempt
};

/// Output of one attempt that is in its file and was not told yet.
struct LogPiece {
    const Step& step;
    const Attempt& attempt;
    int file;              ///< to be read with pread(2)
    std::uint64_t end;     ///< of what is there now; behind it nothing may be read
    bool last;             ///< the attempt has ended: no more will come
    const LogPlace& from;  ///< its beginning
};

/// Hears what a LogWalk comes by. Each function: false when it has heard enough, or cannot go on.
class LogListener {
public:
    virtual ~LogListener() = default;
    virtual bool attemptBegins(const Step& step, const Attempt& attempt) = 0;
    /// `taken`: how much of the piece was told; what is left comes again with the next one.
    virtual bool output(const LogPiece& piece, std::uint64_t& taken) = 0;
    virtual bool attemptEnds() = 0;
    /// A step that ended without an attempt: skipped, cancelled.
    virtual bool endedUntried(const Step& step) = 0;
};

/// Walks through the logs of a deployment's attempts in the order in which they began, each once,
/// and remembers what it told: while the deployment runs it is asked again and again. That order
/// only grows, so what was told before stays the beginning, also after a crash and another plan.
/// Steps that were never tried come last. One thread.
class LogWalk {
public:
    /// `service`: an id or a short name; empty: all. `from`: what comes before was told already.
    LogWalk(const config::Settings& settings, std::string service,
            std::optional<LogPlace> from = {})
        : settings_(settings), service_(std::move(service)), from_(from) {}

    /// Tells what there is behind the place it has got to. False: the listener said so.
    bool tell(const Deployment& deployment, LogListener& listener);

    bool concerns(const Step& step) const {
        return service_.empty() || step.service == service_ ||
               step.service.ends_with("/" + service_);
    }

private:
    /// One attempt, and whether it has ended.
    struct Try {
        const Step* step;
        const Attempt* attempt;
        bool ended;
    };
    /// What was told of an attempt.
    struct Told {
        std::uint64_t at = 0;
        bool begun = false, all = false;
    };
    std::vector<Try> triesOf(const Deployment& deployment) const;
    void skipUntil(const LogPlace& place, const std::vector<Try>& tries);
    bool tellTry(DeploymentId deployment, const Try& one, Told& told, LogListener& listener);
    bool tellOutput(const std::filesystem::path& path, const Try& one, Told& told,
                    LogListener& listener);

    const config::Settings& settings_;
    std::string service_;
    std::optional<LogPlace> from_;  // until the first look
    std::map<std::pair<StepId, int>, Told> told_;
    bool ended_ = false;  // the untried steps were told
};

}  // namespace iac::http
