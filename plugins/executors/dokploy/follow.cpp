#include "follow.hpp"

#include <array>
#include <optional>

#include "remote_log.hpp"

namespace iac::dokploy {
namespace {

constexpr int kLooksToDoubt = 3;  // without a trace, before anything is concluded from it

enum Phase { kAsked, kQueued, kStarted };

/// What one look does to what we know.
struct Move {
    Phase next;
    std::optional<End> end = std::nullopt;   // now
    std::optional<End> loss = std::nullopt;  // if it stays so for as long as `appear` says
};

// By phase, then by what is seen: nothing, waiting, running, done, error, cancelled.
constexpr std::array<std::array<Move, 6>, 3> kMoves{{
    {{{kAsked, {}, End::never_appeared},
      {kQueued},
      {kStarted},
      {kStarted, End::done},
      {kStarted, End::error},
      {kStarted, End::cancelled}}},
    {{{kQueued, {}, End::vanished},
      {kQueued},
      {kStarted},
      {kStarted, End::done},
      {kStarted, End::error},
      {kStarted, End::cancelled}}},
    {{{kStarted, {}, End::row_gone},
      {kStarted},
      {kStarted},
      {kStarted, End::done},
      {kStarted, End::error},
      {kStarted, End::cancelled}}},
}};

class Follower {
public:
    Follower(Api& api, const Server& server, const Followed& followed)
        : api_(api),
          server_(server),
          followed_(followed),
          sighting_(followed.title, followed.before, followed.overwrites),
          log_(api) {}

    Ending toEnd() {
        answered_at_ = api_.world().now();
        const double end = api_.world().now() + server_.deadline;
        Ending ending;
        while (true) {
            if (const auto now = step()) {
                ending.end = *now;
                break;
            }
            const double now = api_.world().now();
            if (answered_) answered_at_ = now;
            if (now >= end || now - answered_at_ >= server_.patience) {
                ending.end = answered_ ? End::too_late : End::unknown;
                break;
            }
            api_.world().pause(server_.poll);
        }
        if (ending.end == End::done && followed_.overwrites) awaitCommit();
        if (followed_.logs_shown && !sighting_.id().empty()) log_.carry(sighting_.id());
        ending.id = sighting_.id();
        ending.commit = sighting_.commit();
        ending.was_running = phase_ == kStarted;
        ending.last_line = log_.lastLine();
        return ending;
    }

    // Dokploy says that it is done first, then tells those who want to hear of it, and only then
    // writes which commit it took.
    void awaitCommit() {
        const double end = api_.world().now() + server_.patience;
        while (sighting_.commit().empty() && api_.world().now() < end) {
            api_.world().pause(server_.poll);
            look();
        }
    }

    bool isThere(double seconds) {
        const double end = api_.world().now() + seconds;
        for (int looks = 0; looks < kLooksToDoubt || api_.world().now() < end;) {
            const auto seen = look();
            if (seen && *seen != Seen::nothing) return true;
            if (seen) ++looks;
            if (!seen && api_.world().now() >= end + server_.patience)
                retry(api_.place() +
                          " does not say whether the deployment of an earlier attempt is "
                          "there: it does not answer",
                      {"dokploy_unreachable", "See that Dokploy runs, and retry the deployment."});
            api_.world().pause(server_.poll);
        }
        return false;
    }

private:
    // One look, and what follows from it: how it ended, if it did.
    std::optional<End> step() {
        const auto seen = look();
        answered_ = seen.has_value();
        if (!seen) {
            doubted_ = 0;  // what is not shown while Dokploy starts again may still come
            return std::nullopt;
        }
        const Move& move = kMoves[phase_][static_cast<std::size_t>(*seen)];
        if (move.next != phase_) announce(move.next);
        phase_ = move.next;
        if (move.end) return move.end;
        if (*seen == Seen::running && followed_.logs_shown) log_.carry(sighting_.id());
        // An old Dokploy does not show its queue: there, nothing to be seen means nothing.
        const bool blind = phase_ == kAsked && !followed_.queue_shown;
        if (!move.loss || blind) {
            doubted_ = 0;
            return std::nullopt;
        }
        if (doubted_++ == 0) doubted_since_ = api_.world().now();
        const bool long_enough = api_.world().now() - doubted_since_ >= server_.appear;
        return doubted_ >= kLooksToDoubt && long_enough ? move.loss : std::nullopt;
    }

    std::optional<Seen> look() {
        std::vector<Row> rows;
        std::vector<Job> jobs;
        if (followed_.queue_shown && !lookAtJobs(api_, followed_.place, jobs)) return std::nullopt;
        if (!lookAtRows(api_, followed_.place, rows)) return std::nullopt;
        return sighting_.see(rows, jobs);
    }

    void announce(Phase phase) {
        const char* const what = phase == kQueued ? "waits in Dokploy's queue" : "runs in Dokploy";
        api_.call().progress(phase == kQueued ? 0.1 : 0.3, followed_.place.name + " " + what);
        api_.call().output(followed_.place.name + " " + what +
                           (phase == kStarted ? ": deployment " + sighting_.id() : "") + "\n");
    }

    Api& api_;
    const Server& server_;
    const Followed& followed_;
    Sighting sighting_;
    RemoteLog log_;
    Phase phase_ = kAsked;
    bool answered_ = true;
    double answered_at_ = 0;
    int doubted_ = 0;
    double doubted_since_ = 0;
};

}  // namespace

Ending follow(Api& api, const Server& server, const Followed& followed) {
    try {
        return Follower(api, server, followed).toEnd();
    } catch (const Error& error) {
        if (error.status() != IAC_FAILED) throw;
        fail(std::string(error.what()) +
                 "; the deployment was asked for, and what became of it is "
                 "not known",
             error.diagnosis());
    }
}

bool isThere(Api& api, const Server& server, const Followed& followed, double seconds) {
    return Follower(api, server, followed).isThere(seconds);
}

}  // namespace iac::dokploy
