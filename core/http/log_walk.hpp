#pragma once

#include <cstdint>
#include <string>

#include "config/settings.hpp"
#include "model/deployment.hpp"

namespace iac::http {

/// A place in the logs of a deployment: what comes behind it was not told yet.
struct LogPlace {
    std::size_t step = 0, attempt = 0;
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

/// Walks through the logs of a deployment's steps in order, each attempt once, and remembers how
/// far it got: while the deployment runs it is asked again and again. One thread.
class LogWalk {
public:
    /// `service`: an id or a short name; empty: all.
    LogWalk(const config::Settings& settings, std::string service, LogPlace from = {})
        : settings_(settings), service_(std::move(service)), place_(from) {}

    /// Tells what there is behind the place it has got to. False: the listener said so.
    bool tell(const Deployment& deployment, LogListener& listener);

    bool concerns(const Step& step) const {
        return service_.empty() || step.service == service_ ||
               step.service.ends_with("/" + service_);
    }

private:
    bool tellStep(DeploymentId deployment, const Step& step, LogListener& listener);
    bool tellOutput(const std::filesystem::path& path, const Step& step, bool last,
                    LogListener& listener);

    const config::Settings& settings_;
    std::string service_;
    LogPlace place_;
    bool begun_ = false;  // the present attempt was announced
};

}  // namespace iac::http
