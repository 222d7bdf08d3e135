#include "http/log_walk.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/descriptor.hpp"
#include "history/step_log.hpp"

namespace iac::http {

bool LogWalk::tell(const Deployment& deployment, LogListener& listener) {
    for (; place_.step < deployment.steps.size(); ++place_.step, place_.attempt = 0) {
        const Step& step = deployment.steps[place_.step];
        if (!concerns(step)) continue;
        if (!tellStep(deployment.id, step, listener)) return false;
        if (!isFinal(step.state)) return true;  // there is more to come of this one
    }
    return true;
}

bool LogWalk::tellStep(DeploymentId deployment, const Step& step, LogListener& listener) {
    for (; place_.attempt < step.attempts.size(); ++place_.attempt, place_.at = 0, begun_ = false) {
        const Attempt& attempt = step.attempts[place_.attempt];
        if (!begun_ && !listener.attemptBegins(step, attempt)) return false;
        begun_ = true;
        const bool ended =
            attempt.finished_at || isFinal(step.state) || place_.attempt + 1 < step.attempts.size();
        const auto file = history::stepLogFile(settings_.data, deployment, step.id, attempt.number);
        if (!tellOutput(file, step, ended, listener)) return false;
        if (!ended) return true;
        if (!listener.attemptEnds()) return false;
    }
    if (isFinal(step.state) && step.attempts.empty()) return listener.endedUntried(step);
    return true;
}

/// Of an attempt that is over its limit, the end is put into order only when it has ended: until
/// then only its first half is told.
bool LogWalk::tellOutput(const std::filesystem::path& path, const Step& step, bool last,
                         LogListener& listener) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    // Nothing was printed, or it was cleaned away.
    if (!file || ::fstat(file.get(), &status) != 0) return true;
    auto end = static_cast<std::uint64_t>(status.st_size);
    if (!last) end = std::min<std::uint64_t>(end, settings_.server.limits.step_output / 2);
    if (end <= place_.at) return true;
    std::uint64_t taken = 0;
    const bool go_on = listener.output(
        {step, step.attempts[place_.attempt], file.get(), end, last, place_}, taken);
    place_.at += taken;
    return go_on;
}

}  // namespace iac::http
