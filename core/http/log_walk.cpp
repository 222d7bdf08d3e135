#include "http/log_walk.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <tuple>

#include "base/descriptor.hpp"
#include "history/step_log.hpp"

namespace iac::http {

bool LogWalk::tell(const Deployment& deployment, LogListener& listener) {
    const auto tries = triesOf(deployment);
    if (from_) skipUntil(*std::exchange(from_, std::nullopt), tries);
    for (const Try& one : tries) {
        Told& told = told_[{one.step->id, one.attempt->number}];
        if (told.all) continue;
        if (!tellTry(deployment.id, one, told, listener)) return false;
        if (!told.all) return true;  // there is more to come of this one
    }
    if (!isFinal(deployment.state) || ended_) return true;
    ended_ = true;
    for (const Step& step : deployment.steps)
        if (concerns(step) && isFinal(step.state) && step.attempts.empty() &&
            !listener.endedUntried(step))
            return false;
    return true;
}

std::vector<LogWalk::Try> LogWalk::triesOf(const Deployment& deployment) const {
    std::vector<Try> tries;
    for (const Step& step : deployment.steps) {
        if (!concerns(step)) continue;
        for (const Attempt& attempt : step.attempts)
            tries.push_back({&step, &attempt,
                             attempt.finished_at || isFinal(step.state) ||
                                 attempt.number != step.attempts.back().number});
    }
    std::ranges::sort(tries, {}, [](const Try& one) {
        return std::tuple(one.attempt->started_at, one.step->id, one.attempt->number);
    });
    return tries;
}

void LogWalk::skipUntil(const LogPlace& place, const std::vector<Try>& tries) {
    const auto found = std::ranges::find_if(tries, [&](const Try& one) {
        return one.step->id == place.step && one.attempt->number == place.attempt;
    });
    if (found == tries.end()) return;  // it is told from its beginning
    for (auto one = tries.begin(); one != found; ++one)
        told_[{one->step->id, one->attempt->number}].all = true;
    told_[{place.step, place.attempt}] = {.at = place.at, .begun = true};
}

bool LogWalk::tellTry(DeploymentId deployment, const Try& one, Told& told, LogListener& listener) {
    if (!told.begun && !listener.attemptBegins(*one.step, *one.attempt)) return false;
    told.begun = true;
    const auto file =
        history::stepLogFile(settings_.data, deployment, one.step->id, one.attempt->number);
    if (!tellOutput(file, one, told, listener)) return false;
    if (!one.ended) return true;
    told.all = true;
    return listener.attemptEnds();
}

/// Of an attempt that is over its limit, the end is put into order only when it has ended: until
/// then only its first half is told.
bool LogWalk::tellOutput(const std::filesystem::path& path, const Try& one, Told& told,
                         LogListener& listener) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    // Nothing was printed, or it was cleaned away.
    if (!file || ::fstat(file.get(), &status) != 0) return true;
    auto end = static_cast<std::uint64_t>(status.st_size);
    if (!one.ended) end = std::min<std::uint64_t>(end, settings_.server.limits.step_output / 2);
    if (end <= told.at) return true;
    std::uint64_t taken = 0;
    const LogPlace from{one.step->id, one.attempt->number, told.at};
    const bool go_on =
        listener.output({*one.step, *one.attempt, file.get(), end, one.ended, from}, taken);
    told.at += taken;
    return go_on;
}

}  // namespace iac::http
