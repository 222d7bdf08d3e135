// Steps that run as another user than the daemon.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "end_to_end/world.hpp"
#include "fixtures/other_user.hpp"

using namespace iac::tests;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

// Everything that a task could try; a line in capitals says that it succeeded.
constexpr const char* kTask = R"sh(#!/bin/sh
data=$1
echo "uid=$(id -u) gid=$(id -g) groups=$(id -G) HOME=$HOME USER=$USER LOGNAME=$LOGNAME"
grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status
host=$PPID
daemon=$(cut -d' ' -f4 /proc/$host/stat)
echo "daemon=$daemon"
echo "host: $(grep ^Uid: /proc/$host/status)"
for file in environ mem maps; do
    head -c1 /proc/$daemon/$file >/dev/null 2>&1 && echo "READ $file OF THE DAEMON"
    head -c1 /proc/$host/$file >/dev/null 2>&1 && echo "READ $file OF THE HOST"
done
ls /proc/$daemon/fd >/dev/null 2>&1 && echo "LISTED THE DAEMON"
kill -0 $daemon 2>/dev/null && echo "SIGNALLED THE DAEMON"
for name in . users logs scratch work mirror.git mirror.git/objects users/$(id -u) users/$(id -u)/work \
        users/$(id -u)/scratch; do
    ls "$data/$name" >/dev/null 2>&1 && echo "LISTED $name"
    touch "$data/$name/x" 2>/dev/null && echo "WROTE INTO $name"
done
for name in history.db history.db-wal history.db-shm history.lock mirror.git/config; do
    head -c1 "$data/$name" >/dev/null 2>&1 && echo "READ $name"
done
set -e
pwd
stat -c '%u %a' .
git log -1 --format='commit=%H'
git describe --tags
git status --porcelain
echo changed >> README.md
git add README.md
git -c user.name=x -c user.email=x@example.com commit --quiet --message mine
git fsck
touch "$TMPDIR/temporary"
mkdir -p deep/er
ln -s / deep/root
chmod 0 deep/er deep
umask 077
echo "outcome=unchanged" > "$IAC_OUTPUT"
echo "summary=written by $(id -u)" >> "$IAC_OUTPUT"
chmod 700 .
)sh";

/// A daemon that runs as root, or as the user "daemon" with the capabilities of the package.
struct UserWorld {
    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    fs::path data = folder.path() / "data";
    std::unique_ptr<Daemon> daemon;
    std::string commit;

    UserWorld() {
        REQUIRE(::chmod(folder.path().c_str(), 0711) == 0);
        infrastructure.write("edge/pages/deploy.sh", kTask);
        fs::permissions(infrastructure.folder() / "edge/pages/deploy.sh", fs::perms(0755));
        commit = infrastructure.commit("A program");
        infrastructure.git({"tag", "v1"});
    }
    std::string text(const std::string& executors, const std::string& services = {}) const {
        return replaced(replaced(configuration(infrastructure.folder()), "triggers:\n",
                                 "  - { id: edge/pages, executor: command, with: { command: "
                                 "[edge/pages/deploy.sh, " +
                                     data.string() + "] } }\n" + services + "triggers:\n"),
                        "executors:\n", "executors:\n" + executors);
    }
    void start(const std::string& text, const std::vector<std::string>& prefix = {}) {
        daemon = std::make_unique<Daemon>(
            folder.path(), text,
            prefix.empty() ? std::vector<std::string>{}
                           // The leak checker attaches to its process, which only root may do here.
                           : std::vector<std::string>{"ASAN_OPTIONS=detect_leaks=0"},
            prefix);
    }
    Poco::JSON::Object::Ptr deploy(const std::string& services) {
        return daemon->awaitDeployment(idOf(daemon->signedPost(
            "/deploy", R"({"env":"staging","ref":"main","services":[)" + services + "]}")));
    }
    std::string log(const Poco::JSON::Object::Ptr& deployment) const {
        return daemon->get("/deployments/" + deployment->get("id").convert<std::string>() + "/log")
            .body;
    }
    /// What of the data folder others than its owner may do anything with.
    std::string openParts() const {
        std::string open;
        for (const auto& entry : fs::directory_iterator(data)) {
            struct stat status {};
            REQUIRE(::lstat(entry.path().c_str(), &status) == 0);
            if ((status.st_mode & 077) != 0) open += entry.path().filename().string() + " ";
        }
        return open;
    }
};

const std::vector<std::string> kAsDaemonUser{"/usr/bin/setpriv",
                                             "--reuid=daemon",
                                             "--regid=daemon",
                                             "--clear-groups",
                                             "--inh-caps=-all,+chown,+kill,+setgid,+setuid",
                                             "--ambient-caps=-all,+chown,+kill,+setgid,+setuid",
                                             "--bounding-set=-all,+chown,+kill,+setgid,+setuid"};

void giveAll(const fs::path& folder, const iac::UserIds& ids) {
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        REQUIRE(::lchown(entry.path().c_str(), ids.uid, ids.gid) == 0);
    REQUIRE(::lchown(folder.c_str(), ids.uid, ids.gid) == 0);
}

void checkStep(UserWorld& world) {
    const auto nobody = iac::fixtures::nobody();
    const std::string uid = std::to_string(nobody.ids.uid);
    const auto deployment = world.deploy(R"("edge/pages")");
    const std::string log = world.log(deployment);
    INFO(log);
    INFO(world.daemon->log());
    CHECK(deployment->getValue<std::string>("status") == "success");
    CHECK_THAT(log, Contains("uid=" + uid + " gid=" + std::to_string(nobody.ids.gid) +
                             " groups=" + std::to_string(nobody.ids.gid) + " HOME=" + nobody.home +
                             " USER=nobody LOGNAME=nobody\n"));
    CHECK_THAT(log,
               Contains("CapPrm:\t0000000000000000") && Contains("CapEff:\t0000000000000000") &&
                   Contains("CapInh:\t0000000000000000") && Contains("CapAmb:\t0000000000000000"));
    CHECK_THAT(log, Contains("daemon=" + std::to_string(world.daemon->pid()) + "\n"));
    CHECK_THAT(log, Contains("host: Uid:\t" + uid + "\t" + uid + "\t" + uid + "\t" + uid));
    for (const char* succeeded : {"READ ", "LISTED ", "SIGNALLED ", "WROTE "})
        CHECK_THAT(log, !Contains(succeeded));
    CHECK_THAT(log, Contains(uid + " 700\n"));
    CHECK_THAT(log, Contains("commit=" + world.commit));
    CHECK_THAT(log, Contains("\nv1\n"));
    const auto step = deployment->getArray("steps")->getObject(0);
    CHECK(step->getValue<std::string>("status") == "unchanged");
    CHECK(step->getValue<std::string>("summary") == "written by " + uid);
    // Nothing of it is left, and nothing else of the data folder was opened.
    CHECK(fs::is_empty(world.data / "users" / uid / "work"));
    CHECK(fs::is_empty(world.data / "users" / uid / "scratch"));
    CHECK(fs::is_empty(world.data / "work"));
    CHECK(world.openParts() == "users ");
}

}  // namespace

TEST_CASE("a step runs as the user of its executor, and reaches nothing of the daemon",
          "[step_user]") {
    if (!iac::fixtures::mayRunAsOthers()) return;
    UserWorld world;
    world.start(world.text("  command: { plugin: iac.command, user: nobody }\n"));
    checkStep(world);
    // A second one finds the folders as they are.
    checkStep(world);
    CHECK(world.daemon->stop() == iac::Exit{0});
}

TEST_CASE("a daemon that is not root runs steps as another user, with four capabilities",
          "[step_user]") {
    if (!iac::fixtures::mayRunAsOthers()) return;
    UserWorld world;
    const auto account = iac::findAccount("daemon");
    REQUIRE(account);
    giveAll(world.folder.path(), account->ids);
    // A task of the host's user can stop the host, so that only the daemon can end them.
    const fs::path pid_file = world.folder.path() / "pid";
    std::ofstream(pid_file).flush();
    fs::permissions(pid_file, fs::perms(0666));
    world.start(
        world.text("  command: { plugin: iac.command, user: nobody }\n"
                   "  hasty: { plugin: iac.command, user: nobody, timeout: 5s, grace: "
                   "100ms }\n",
                   "  - { id: edge/stopped, executor: hasty, with: { shell: \"trap '' TERM; "
                   "echo $$ > " +
                       pid_file.string() + "; kill -STOP $PPID; sleep 1000; sleep 1000\" } }\n"),
        kAsDaemonUser);
    checkStep(world);
    const auto stopped = world.deploy(R"("edge/stopped")");
    CHECK(stopped->getValue<std::string>("status") == "failed");
    pid_t pid = 0;
    std::ifstream(pid_file) >> pid;
    REQUIRE(pid > 0);
    CHECK((::kill(pid, 0) != 0 && errno == ESRCH));
    CHECK(world.daemon->stop() == iac::Exit{0});
}

TEST_CASE("steps of two users and of the daemon's have a work tree each", "[step_user]") {
    if (!iac::fixtures::mayRunAsOthers()) return;
    UserWorld world;
    const auto service = [&](const std::string& id, const std::string& executor) {
        return "  - { id: edge/" + id + ", executor: " + executor +
               ", with: { shell: \"test ! -e " + "mine-" + executor + " && touch mine-" + executor +
               " && ls mine-*; id -un; pwd\" } }\n";
    };
    world.start(
        world.text("  command: { plugin: iac.command }\n"
                   "  as-nobody: { plugin: iac.command, user: nobody }\n"
                   "  as-games: { plugin: iac.command, user: games }\n"
                   "  as-root: { plugin: iac.command, user: root }\n",
                   service("a", "as-nobody") + service("b", "as-games") + service("c", "as-root")) +
        "engine: { step_user: nobody, parallel: 3 }\n");
    const auto deployment = world.deploy(R"("edge/a","edge/b","edge/c")");
    const std::string log = world.log(deployment);
    INFO(log);
    INFO(world.daemon->log());
    CHECK(deployment->getValue<std::string>("status") == "success");
    for (const std::string user : {"nobody", "games", "root"})
        CHECK_THAT(log, Contains("mine-as-" + user + "\n" + user + "\n"));
    CHECK(fs::is_empty(world.data / "work"));
    CHECK(world.daemon->stop() == iac::Exit{0});
}

TEST_CASE("what a user's step left when the daemon was killed is removed at the next start",
          "[step_user]") {
    if (!iac::fixtures::mayRunAsOthers()) return;
    UserWorld world;
    const auto ids = iac::fixtures::nobody().ids;
    const fs::path left = world.data / "users" / std::to_string(ids.uid) / "work/7/deep";
    fs::create_directories(left);
    giveAll(world.data / "users", ids);
    fs::permissions(left, fs::perms::none);
    fs::permissions(world.data, fs::perms(0711));
    std::ofstream(world.data / "notes") << "of the operator";
    world.start(world.text("  command: { plugin: iac.command }\n"));
    CHECK_FALSE(fs::exists(left));
    CHECK(world.openParts().find("notes") == std::string::npos);
    CHECK(fs::status(world.data).permissions() == fs::perms::owner_all);
    CHECK(world.daemon->stop() == iac::Exit{0});
}

TEST_CASE("config check says why steps cannot run as a user", "[step_user]") {
    UserWorld world;
    const auto check = [&](const std::string& executors, const std::string& engine = {}) {
        const fs::path file = world.folder.path() / "checked.yaml";
        std::ofstream(file) << world.text(executors) << engine;
        return runCommand({"config", "check", file.string()});
    };
    const auto missing = check("  command: { plugin: iac.command, user: no-such-user }\n");
    CHECK(missing.exit_code == 2);
    CHECK_THAT(missing.err,
               Contains("checked.yaml:") &&
                   Contains(": executors.command.user: \"no-such-user\" is not a user of this "
                            "machine; create it (adduser --system --group no-such-user)"));
    const auto by_default =
        check("  command: { plugin: iac.command }\n", "engine: { step_user: no-such-user }\n");
    CHECK(by_default.exit_code == 2);
    CHECK_THAT(by_default.err, Contains(": engine.step_user: \"no-such-user\" is not a user"));
    if (!iac::fixtures::mayRunAsOthers()) return;
    CHECK(check("  command: { plugin: iac.command, user: nobody }\n").exit_code == 0);
    CHECK(check("  command: { plugin: iac.command, user: root }\n").exit_code == 0);
    fs::permissions(world.folder.path(), fs::perms::owner_all);
    CHECK_THAT(check("  command: { plugin: iac.command, user: nobody }\n").err,
               Contains("cannot enter " + world.folder.path().string()));
    fs::permissions(world.folder.path(), fs::perms(0755));
    giveAll(world.folder.path(), iac::findAccount("daemon")->ids);
    std::string err;
    iac::RunLimits limits;
    limits.output = [&](int, std::string_view bytes) { err += bytes; };
    const auto asDaemon = [&](const std::string& user) {
        err.clear();
        const fs::path file = world.folder.path() / "checked.yaml";
        std::ofstream(file) << world.text("  command: { plugin: iac.command, user: " + user +
                                          " }\n");
        return iac::run({{"/usr/bin/setpriv", "--reuid=daemon", "--regid=daemon", "--clear-groups",
                          binary().string(), "config", "check", file.string()},
                         {"PATH=/usr/bin:/bin", "ASAN_OPTIONS=detect_leaks=0"},
                         {}},
                        {}, limits)
            .exit.code;
    };
    CHECK(asDaemon("nobody") == 2);
    CHECK_THAT(err, Contains("executors.command.user: steps cannot run as \"nobody\": this process "
                             "is not root and has not CAP_CHOWN, CAP_KILL, CAP_SETGID, "
                             "CAP_SETUID; run it as root"));
    CHECK(asDaemon("root") == 2);
    CHECK_THAT(err, Contains("\"root\" may do anything on this machine"));
    CHECK(asDaemon("daemon") == 0);
}
