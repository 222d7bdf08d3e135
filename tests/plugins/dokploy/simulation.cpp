#include "simulation.hpp"

#include <algorithm>
#include <sstream>

#include "dokploy/configuration.hpp"
#include "dokploy/deployment.hpp"
#include "dokploy/difference.hpp"
#include "spoken_call.hpp"

namespace iac::test {
namespace {

using dokploy::Variables;
using fakes::Dokploy;

const std::string kSecret = "s3cret-${value}-\"quoted\"";
const std::string kForeignSecret = "foreign-s3cret";
const std::string kCompose = "services:\n  web:\n    image: nginx:alpine\n";
const std::vector<std::string> kVersions{"v0.30.2", "v0.29.6", "v0.28.3", "v0.25.7", "canary"};

std::string revisionOf(std::uint64_t number) {
    const std::string hash = dokploy::sha256(std::to_string(number));
    return hash.substr(0, 40);
}

/// The repository all of them deploy from: two compose files, of which a step takes one.
const fixtures::Folder& workTree() {
    static const fixtures::Folder folder;
    static const bool made = [] {
        fixtures::writeFile(folder / "a.yaml", kCompose);
        fixtures::writeFile(folder / "b.yaml", kCompose + "  db:\n    image: postgres:16\n");
        return true;
    }();
    return made ? folder : folder;
}

class Scenario {
public:
    explicit Scenario(std::uint64_t seed)
        : seed_(seed), world_(seed, Faults::of(severityOf(seed))) {
        auto& dokploy = world_.dokploy;
        dokploy.version = kVersions[static_cast<std::size_t>(world_.pick(0, 9)) % kVersions.size()];
        if (world_.chance(0.5)) dokploy.version = kVersions[0];
        dokploy.dev_mode = world_.chance(0.1);
        kind_ = world_.pick(0, 9);
        revision_ = revisionOf(seed);
        create_ = world_.chance(0.15) && !isApplication();
        server_.url = "http://dokploy/api";
        server_.key = dokploy.key;
        server_.project = "platform";
        server_.deadline = 540;
        // What each job comes to follows from its number.
        const auto course_seed = world_.random();
        dokploy.course = [this, course_seed](const Dokploy::Job& job) {
            std::mt19937_64 random(course_seed + static_cast<std::uint64_t>(job.number));
            Dokploy::Course course;
            course.seconds = random() % 12 == 0 ? 700.0 : static_cast<double>(random() % 60) + 0.2;
            course.end = random() % 6 == 0 ? "error" : "done";
            course.clone_fails = course.end == "error" && random() % 2 == 0;
            course.commit = random() % 8 == 0 ? revisionOf(course_seed) : revision_;
            return course;
        };
        if (!create_) makeService();
    }

    SimulatedDeployment run() {
        if (!create_ && world_.chance(0.4)) deployBefore(world_.chance(0.5));
        if (world_.chance(0.04)) world_.dokploy.uses_left = world_.pick(0, 60);
        SimulatedDeployment result;
        Ended ended{};
        for (int attempt = 1; attempt <= 6; ++attempt) {
            result.attempts = attempt;
            ended = attemptOnce(attempt);
            if (ended.how != Ended::How::retry && ended.how != Ended::How::crashed) break;
            world_.pass(world_.pick(1, 30));
        }
        result.ended = ended;
        check(ended);
        if (!complaint_.empty())
            result.complaint = "seed " + std::to_string(seed_) + ": " + complaint_ +
                               "\nended: " + ended.kind + " " + ended.sentence + "\n" + said_;
        return result;
    }

private:
    static int severityOf(std::uint64_t seed) { return static_cast<int>(seed % 4 + 1) / 2; }
    bool isApplication() const { return kind_ == 0; }
    bool isGit() const { return kind_ <= 3 && !isApplication(); }

    void makeService() {
        auto& dokploy = world_.dokploy;
        const char* source = isApplication() ? "docker" : isGit() ? "git" : "raw";
        id_ = dokploy.add("platform", "production", "web", source, !isApplication());
        other_ = dokploy.add("platform", "production", "other");
        dokploy.service(id_).environment =
            "# kept\nFOREIGN=\"" + kForeignSecret + "\"\nREF=${{project.X}}\nOLD='a\"b'";
        for (int i = world_.pick(0, 3); i > 0; --i) dokploy.deploy(other_, "another service", "");
        for (int i = world_.pick(0, 2) - 1; i > 0; --i)
            dokploy.deploy(id_, "Manual deployment", "");
        world_.watched = id_;
    }

    std::string inputOf(std::int64_t deployment, const std::string& revision, int attempt,
                        const std::string& variable) const {
        Object with;
        with.set("type", isApplication() ? "application" : "compose").set("name", "web");
        with.set("create", create_).set("variables", Object().set("PLAIN", variable));
        with.set("source", isGit() ? "dokploy" : "runner");
        if (!isApplication()) with.set("file", revision == revision_ ? "a.yaml" : "b.yaml");
        Object input;
        input.set("deployment", deployment).set("service", "platform/web").set("name", "web");
        input.set("environment", "production").set("revision", revision).set("attempt", attempt);
        input.set("triggered_by", "octocat").set("directory", workTree().path().string());
        return input.set("dry_run", false).set("with", with).text();
    }

    Ended deployOnce(std::int64_t deployment, const std::string& revision, int attempt,
                     const std::string& variable) {
        SpokenCall spoken;
        Ended ended{};
        try {
            const auto call = spoken.call();
            const Step step(spoken.parse(inputOf(deployment, revision, attempt, variable)));
            const auto outcome =
                dokploy::deploy(step, call, world_, server_, {{"SECRET", kSecret}});
            const auto json = outcome.json().text();
            const Value value = spoken.parse(json);
            ended.how = value.get<std::string>("outcome") == "changed" ? Ended::How::changed
                                                                       : Ended::How::unchanged;
            ended.hash = value.get<std::string>("config_hash", "");
            ended.sentence = json;
        } catch (const Error& error) {
            ended.how = error.status() == IAC_CANCELLED ? Ended::How::cancelled
                        : error.status() == IAC_RETRY   ? Ended::How::retry
                                                        : Ended::How::failed;
            ended.kind = error.diagnosis().kind;
            ended.sentence = error.what();
            if (ended.kind.empty() && error.status() != IAC_CANCELLED)
                complain("a failure without its kind");
        } catch (const Crash&) {
            ended.how = Ended::How::crashed;
        }
        said_ += spoken.said + ended.sentence + "\n--\n";
        return ended;
    }

    Ended attemptOnce(int attempt) { return deployOnce(7, revision_, attempt, "now"); }

    // An earlier deployment: of the same configuration, or of another.
    void deployBefore(bool same) {
        world_.disturbing = world_.chance(0.5);
        deployOnce(6, same ? revision_ : revisionOf(1), 1, same ? "now" : "before");
        world_.disturbing = true;
    }

    std::string title() const { return "iac-runner 7 platform/web " + revision_.substr(0, 12); }
    std::vector<Dokploy::Run> ours() const {
        std::vector<Dokploy::Run> all;
        for (const auto& run : world_.dokploy.runs())
            if (run.title == title()) all.push_back(run);
        return all;
    }
    bool isListed() {
        for (const auto& row : world_.dokploy.service(id_).rows)
            if (row.title == title()) return true;
        return false;
    }
    bool queued() const {
        const auto& queue = world_.dokploy.queue();
        return std::any_of(queue.begin(), queue.end(),
                           [&](const auto& job) { return job.title == title(); });
    }
    void complain(const std::string& what) {
        if (complaint_.empty()) complaint_ = what;
    }
    void expect(bool holds, const std::string& what) {
        if (!holds) complain(what);
    }

    static bool holds(const std::string& environment, const std::string& hash) {
        const auto there = dokploy::variablesOf(environment);
        const auto is = [&](const char* name, const std::string& value) {
            const auto found = there.find(name);
            return found != there.end() && found->second == value;
        };
        return is(dokploy::kHashName, hash) && is("SECRET", kSecret) && is("PLAIN", "now");
    }

    // The deployment a sentence names. Of git it may be another's, where ours was never seen: then
    // it has to be one that carried what our step wants.
    std::optional<Dokploy::Run> namedIn(const std::string& sentence) const {
        for (const auto& run : world_.dokploy.runs()) {
            if (sentence.find(run.row) == std::string::npos) continue;
            const auto there = dokploy::variablesOf(run.environment);
            const auto hash = there.find(dokploy::kHashName);
            const bool carries = hash != there.end() && holds(run.environment, hash->second);
            if (run.title == title() || (isGit() && carries)) return run;
        }
        return std::nullopt;
    }

    void check(const Ended& ended) {
        const auto named = namedIn(ended.sentence);
        const std::string status = named ? named->status : "";
        switch (ended.how) {
            case Ended::How::changed:
                expect(status == "done", "changed, and no deployment of ours was done");
                expect(named && holds(named->environment, ended.hash),
                       "changed, and what was deployed is not what was wanted");
                break;
            case Ended::How::unchanged:
                expect(ours().empty() && !queued(), "unchanged, and something was deployed");
                expect(isInPlace(ended.hash), "unchanged, and it is not in place");
                break;
            case Ended::How::failed:
            case Ended::How::retry:
                checkFailure(ended.kind, status);
                break;
            default:
                break;
        }
        checkAfterwards(ended);
    }

    bool isInPlace(const std::string& hash) const {
        const auto& runs = world_.dokploy.runs();
        for (auto run = runs.rbegin(); run != runs.rend(); ++run)
            if (run->service == id_ && run->status != "running")
                return run->status == "done" && holds(run->environment, hash);
        return false;
    }

    void checkFailure(const std::string& kind, const std::string& status) {
        if (kind == "deployment_failed")
            expect(status == "error", "said to have ended with an error, and has not");
        else if (kind == "deployment_cancelled")
            expect(status == "cancelled", "said to be cancelled, and is not");
        else if (kind == "deployment_never_appeared" || kind == "deployment_vanished")
            expect(ours().empty() && !queued(), "said to be lost, and is not");
        else if (kind == "deployment_unfinished")
            expect(ours().empty() || ours().back().status == "running" || world_.dokploy.dev_mode,
                   "said to be unfinished, and has ended");
        else if (kind == "other_revision")
            expect(status == "done", "said to have taken another revision, and has not");
        else if (kind == "lost_write")
            expect(world_.other_writes > 0, "said that somebody else wrote, and nobody has");
        else if (kind == "deployment_lost")
            expect(!isListed(), "said to be gone, and is listed");
        else if (kind == "dokploy_key")
            expect(world_.dokploy.uses_left.value_or(2) < 2, "the key was good");
        else
            expect(kind == "dokploy_unreachable", "failed with " + kind);
    }

    // Whatever waits is carried out now: nothing of ours may be among it twice.
    void checkAfterwards(const Ended& ended) {
        world_.disturbing = false;
        for (int i = 0; i < 40; ++i) world_.pass(701);
        expect(ours().size() <= 1, "deployed " + std::to_string(ours().size()) + " times");
        if (ended.kind == "deployment_never_appeared" || ended.kind == "deployment_vanished")
            expect(ours().empty(), "said to be lost, and was deployed later");
        for (const auto& secret : {kSecret, kForeignSecret, server_.key})
            expect(said_.find(secret) == std::string::npos, "a secret was printed");
        world_.dokploy.uses_left.reset();
        expect(world_.dokploy.projects().size() <= 1, "made the project twice");
        expect(world_.dokploy.services().size() <= (create_ ? 1u : 2u), "made the service twice");
        if (create_ || world_.blind_loss) return;
        const auto there =
            dokploy::variablesOf(world_.dokploy.service(id_).environment.value_or(""));
        for (const char* name : {"FOREIGN", "REF", "OLD"})
            expect(there.count(name) > 0, std::string("lost the foreign variable ") + name);
        for (int i = 1; i <= world_.other_writes; ++i)
            expect(there.count("OTHER_" + std::to_string(i)) > 0, "lost what somebody else wrote");
    }

    const std::uint64_t seed_;
    FaultyWorld world_;
    dokploy::Server server_;
    int kind_ = 0;
    bool create_ = false;
    std::string revision_, id_, other_, said_, complaint_;
};

}  // namespace

SimulatedDeployment simulate(std::uint64_t seed) {
    return Scenario(seed).run();
}

}  // namespace iac::test
