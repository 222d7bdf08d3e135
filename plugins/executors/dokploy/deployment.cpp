#include "deployment.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "conclusion.hpp"
#include "configuration.hpp"
#include "difference.hpp"
#include "follow.hpp"
#include "remote.hpp"
#include "verify.hpp"

namespace iac::dokploy {
namespace {

const char* const kNotMarked = "written";
const Version kShowsQueue{0, 28, 3};
const Version kShowsLogs{0, 29, 6};
const Version kWritesCommits{0, 25, 7};
constexpr int kMostWrites = 3;
constexpr std::size_t kFullList = 10;  // deployments; Dokploy removes the oldest beyond that
constexpr double kSettle = 5;          // seconds for what an earlier attempt asked for to be seen

std::string valueOf(const Variables& variables, const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
}

class Deployment {
public:
    Deployment(const Step& step, const Call& call, World& world, const Server& server,
               const Variables& inherited)
        : step_(step),
          call_(call),
          server_(server),
          service_(serviceOf(step, server)),
          wanted_(configurationOf(step, service_, inherited)),
          title_(titleOf(step)),
          api_(call, world, server) {}

    Outcome run() {
        version_ = api_.version();
        place_ = find(api_, service_, step_.dry_run, server_.patience);
        if (place_.id.empty()) return wouldMake();
        take(read(api_, place_));
        lookAround();
        if (step_.dry_run) return rehearse();
        std::string note = mindSettings();
        if (isBegun()) {
            const auto earlier = followed(beforeOf(rows_, after()));
            // A queue that is not shown may still hold it: asking again could deploy it twice.
            const double settle = std::min(kSettle, server_.appear);
            if (!earlier.queue_shown || isThere(api_, server_, earlier, settle)) {
                call_.output("an earlier attempt of this step has asked for its deployment\n");
                return finish(earlier, note);
            }
            // So many have come since that Dokploy no longer lists the first of them: it may have
            // been ours, and asking again could deploy it twice.
            if (earlier.before.ids.empty() && rows_.size() >= kFullList)
                failWith({End::row_gone}, place_, server_);
        } else if (!service_.force && isInPlace()) {
            // If somebody stopped it in Dokploy, it is left stopped, and that is reported.
            if (remote_.status == "idle")
                return inPlace("; Dokploy says that it is stopped" + note);
            // The deployment of this configuration may have failed at just this.
            const auto health = verifiedInPlace();
            if (health) return inPlace(*health + note);
        }
        sayWhatChanges();
        writeConfiguration();
        ask();
        return finish(followed(beforeOf(rows_)), note);
    }

private:
    void take(Remote remote) {
        remote_ = std::move(remote);
        if (service_.from_runner && remote_.source_chosen && remote_.source != "raw")
            fail(place_.name + " gets its compose file from " + remote_.source +
                     " in Dokploy, not from the runner",
                 {"foreign_source",
                  "Say source: dokploy in `with` of the service, or set its provider to Raw in "
                  "Dokploy."});
        there_ = variablesOf(remote_.environment);
        difference_ = differenceOf(remote_, there_, wanted_);
    }

    // The deployments as they are now; asked until Dokploy answers.
    void lookAround() {
        const double end = api_.world().now() + server_.patience;
        while (!lookAtRows(api_, place_, rows_)) {
            if (api_.world().now() >= end)
                retry(api_.place() + " does not show its deployments: it does not answer",
                      {"dokploy_unreachable", "See that Dokploy runs, and retry the deployment."});
            api_.world().pause(server_.poll);
        }
    }

    bool showsQueue() const { return !(version_ < kShowsQueue); }
    std::string after() const { return valueOf(there_, kAfterName); }

    // Whether an earlier attempt of this very step has come so far that it may have asked.
    bool isBegun() const {
        return valueOf(there_, kStepName) == title_ && !hashIsOther() && after() != kNotMarked;
    }

    // Whether what is wanted is written, and was deployed after it was written. The hash alone does
    // not tell: it is written first, and what follows may fail.
    bool isInPlace() const {
        if (hashIsOther() || difference_.any() || isOtherRevision()) return false;
        if (after() == kNotMarked) return false;
        // No deployment is left in the list, and nobody said which was the last before it.
        if (rows_.empty()) return after().empty() && remote_.status == "done";
        const auto& newest = rows_.front();
        return newest.id != after() && newest.status == "done" &&
               tookRevision(newest.commit(), valueOf(there_, kRefName));
    }

    // Where the compose file is one of this repository, Dokploy's source has to be it too.
    // Elsewhere (an application, a service without `file`) nobody knows which commit is right.
    bool tookRevision(const std::string& commit, const std::string& revision) const {
        return commit.empty() || !commitCounts() || commit == revision;
    }
    bool commitCounts() const {
        return service_.kind == Kind::compose && !service_.file.empty() && !service_.from_runner;
    }
    // Where the commit counts, a Dokploy that writes it has to have written it.
    bool saysRevision(const std::string& commit) const {
        const bool writes = remote_.overwritesTitles() && !(version_ < kWritesCommits);
        return !commit.empty() || !commitCounts() || !writes;
    }

    Outcome inPlace(const std::string& note) const {
        return Outcome::unchanged(place_.name + " has this configuration already" + note)
            .hash(wanted_.hash);
    }

    // Empty: it is not healthy. Whoever asks for it again wants it deployed again, and not to be
    // told what was said before.
    std::optional<std::string> verifiedInPlace() {
        if (!service_.check.any()) return std::string();
        try {
            return "; " + verified(api_, server_, service_, place_, remote_);
        } catch (const Error& error) {
            if (error.diagnosis().kind != "unhealthy") throw;
            call_.output(std::string(error.what()) + "; it is deployed again\n");
            return std::nullopt;
        }
    }

    // Where Dokploy fetches the code and nobody said which files belong to the service, every
    // revision may be another one of it: which pushes concern it is for the mappers to say.
    bool isOtherRevision() const {
        const bool unknown =
            !service_.from_runner && service_.file.empty() && service_.files.empty();
        return unknown && remote_.overwritesTitles() && valueOf(there_, kRefName) != step_.revision;
    }

    Followed followed(Before before) const {
        return {place_,
                title_,
                std::move(before),
                remote_.overwritesTitles() && !service_.from_runner,
                showsQueue(),
                !(version_ < kShowsLogs)};
    }

    // What is set in Dokploy and works against us: switched off where that is wanted, or else said.
    std::string mindSettings() {
        std::string note;
        if (remote_.auto_deploy && server_.auto_deploy_off) {
            switchAutoDeployOff(api_, place_);
            call_.output("switched off: Autodeploy of " + place_.name + "\n");
        } else if (remote_.auto_deploy) {
            note += "; Autodeploy is on in Dokploy, and may deploy it too";
        }
        if (service_.kind == Kind::compose && !remote_.create_env_file)
            note += "; Dokploy writes no .env for it (Create Environment File is off)";
        return note;
    }

    void sayWhatChanges() {
        if (!hashIsOther() && difference_.any())
            call_.log(place_.name + " was changed in Dokploy since the last deployment: " +
                          difference_.summary(),
                      IAC_WARNING);
        call_.output(place_.name + ": " + difference_.summary() + "\n" + names());
    }

    std::string names() const {
        std::string out;
        const auto list = [&out](const std::vector<std::string>& all, const char* sign) {
            for (const auto& one : all) out += std::string("  ") + sign + " " + one + "\n";
        };
        list(difference_.added, "+");
        list(difference_.changed, "~");
        list(difference_.removed, "-");
        return out;
    }

    Variables ownVariables(const std::string& mark) const {
        std::string keys;
        for (const auto& [name, value] : wanted_.variables)
            keys += (keys.empty() ? "" : " ") + name;
        return {{kHashName, wanted_.hash},
                {kRefName, step_.revision},
                {kKeysName, keys},
                {kStepName, title_},
                {kAfterName, mark}};
    }

    // Written first, and marked then with what is there: whatever is newer than the mark has begun
    // with this configuration, whoever asked for it.
    void writeConfiguration() {
        writeEnvironment(kNotMarked);
        lookAround();
        writeEnvironment(markOf(rows_));
    }

    // Dokploy has no way to write only if nothing changed meanwhile: it is read directly before and
    // directly after, and written again when somebody else was there.
    void writeEnvironment(const std::string& mark) {
        for (int i = 0; i < kMostWrites; ++i) {
            take(read(api_, place_));
            Variables ours = ownVariables(mark);
            ours.insert(wanted_.variables.begin(), wanted_.variables.end());
            const std::set<std::string> gone(difference_.removed.begin(),
                                             difference_.removed.end());
            Change change{merged(remote_.environment, ours, gone), {}};
            if (service_.from_runner) change.compose_file = wanted_.compose_file;
            if (write(api_, place_, remote_, change)) return;
            call_.log("somebody else changed " + place_.name + " in Dokploy at the same time",
                      IAC_WARNING);
        }
        fail("Somebody else keeps changing " + place_.name + " in Dokploy: after writing it " +
                 std::to_string(kMostWrites) + " times it still says something else",
             {"lost_write", "Find out who else writes its environment, and retry the deployment."});
    }

    void ask() {
        const auto sent = askToDeploy(api_, place_, title_,
                                      "revision " + step_.revision + ", by " + step_.triggered_by);
        call_.output(sent.certain ? "asked Dokploy for \"" + title_ + "\"\n"
                                  : "asked Dokploy for \"" + title_ + "\", and " + sent.doubt +
                                        "; looking whether it is there\n");
    }

    Outcome finish(const Followed& followed, const std::string& note) {
        const Ending ending = follow(api_, server_, followed);
        if (ending.end != End::done) failWith(ending, place_, server_);
        if (!saysRevision(ending.commit)) failWithUnknownRevision(ending, place_, server_);
        if (!tookRevision(ending.commit, step_.revision))
            failWithOtherRevision(ending, place_, step_.revision);
        const Remote now = read(api_, place_);
        const Variables there = variablesOf(now.environment);
        const auto since = differenceOf(now, there, wanted_);
        if (since.any() || valueOf(there, kHashName) != wanted_.hash)
            fail("Somebody else changed " + place_.name + " in Dokploy while it was deployed (" +
                     since.summary() + "): what it runs with is not certain",
                 {"lost_write", "Find out who writes its environment, and retry the deployment."});
        const auto health = verified(api_, server_, service_, place_, now);
        return Outcome::changed(place_.name + " deployed, Dokploy's deployment " + ending.id +
                                ": " + health + note)
            .hash(wanted_.hash);
    }

    Outcome wouldMake() const {
        call_.output(place_.name + " would be made in Dokploy, and deployed\n");
        return Outcome::changed("would make " + place_.name + " in Dokploy and deploy it")
            .hash(wanted_.hash);
    }

    Outcome rehearse() const {
        Object drift;
        drift.set("remote_config_hash", valueOf(there_, kHashName));
        drift.set("remote_revision", valueOf(there_, kRefName));
        drift.set("added", difference_.added).set("changed", difference_.changed);
        drift.set("removed", difference_.removed).set("compose_file", difference_.compose_file);
        call_.emit(drift);
        if (isInPlace() && !service_.force)
            return Outcome::unchanged(place_.name + " has this configuration").hash(wanted_.hash);
        call_.output(place_.name + ": " + difference_.summary() + "\n" + names());
        if (difference_.compose_file)
            call_.output("compose file, from Dokploy's to " + service_.file + ":\n" +
                         lineDifference(remote_.compose_file, wanted_.compose_file));
        const std::string why = difference_.any()   ? difference_.summary()
                                : service_.force    ? "force is set"
                                : hashIsOther()     ? "files of it changed"
                                : isOtherRevision() ? "it is at another revision"
                                                    : "its last deployment did not end well";
        return Outcome::changed("would deploy " + place_.name + ": " + why).hash(wanted_.hash);
    }

    bool hashIsOther() const { return valueOf(there_, kHashName) != wanted_.hash; }

    const Step& step_;
    const Call& call_;
    const Server& server_;
    const Service service_;
    const Configuration wanted_;
    const std::string title_;
    Api api_;
    Version version_;
    Place place_;
    Remote remote_;
    Variables there_;  // the environment of remote_
    Difference difference_;
    std::vector<Row> rows_;
};

}  // namespace

std::string titleOf(const Step& step) {
    constexpr std::size_t kShortRevision = 12;
    return "iac-runner " + std::to_string(step.deployment) + " " + step.service + " " +
           step.revision.substr(0, kShortRevision);
}

Outcome deploy(const Step& step, const Call& call, World& world, const Server& server,
               const Variables& inherited) {
    return Deployment(step, call, world, server, inherited).run();
}

}  // namespace iac::dokploy
