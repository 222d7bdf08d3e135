// iac.invoke, with the real invoke and a real tasks.py.
#include <iac/plugin.h>

#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"
#include "hosted.hpp"

using namespace iac;
using test::failure;
using test::outcome;

namespace {

const std::string kSha = "1f5a3a0c8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b";

const char* const kTasks = R"(
import os, sys
from pathlib import Path
from invoke import Collection, Exit, task

@task
def sync(c, name="postgres", force=False):
    Path("ran").write_text(f"{name} {force} {os.environ['DEPLOY_ENV']}")
    print("synced", name)

@task(aliases=["other"])
def my_task(c):
    c.run("echo first >&2; echo 'no such \033[31mdatabase\033[0m' >&2; echo >&2; exit 7", pty=False)

@task
def quiet(c):
    sys.exit(9)

@task
def raises(c):
    raise ValueError("the \n compose file is empty")

@task
def killed(c):
    os.kill(os.getpid(), 9)

@task
def floods(c):
    for _ in range(40000):
        sys.stderr.write("x" * 99 + "\n")
    sys.stderr.write("y" * 5000)
    sys.exit(1)

@task
def nested(c):
    c.run("invoke nowhere")

postgres = Collection("postgres")
postgres.add_task(sync, default=True)
ns = Collection(my_task, quiet, raises, killed, floods, nested)
ns.add_collection(postgres)
)";

class WorkTree {
public:
    WorkTree() { fixtures::writeFile(folder_ / "tasks.py", kTasks); }

    test::Hosted run(const std::string& with, bool dry_run = false,
                     const std::string& config = "{}") const {
        plugin::HostedCall call;
        call.plugin = &test::shipped().find("executor", "iac.invoke");
        call.config = config;
        call.input = R"({"deployment": 1042, "service": "platform/postgres", "name": "postgres",
                         "environment": "staging", "revision": ")" +
                     kSha + R"(", "directory": ")" + folder_.path().string() + R"(", "dry_run": )" +
                     (dry_run ? "true" : "false") + R"(, "with": )" + with + "}";
        call.environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "DEPLOY_ENV=staging"};
        call.directory = folder_.path();
        call.timeout = Duration{60'000};
        return test::callInHost(call);
    }

    std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

private:
    const fixtures::Folder folder_;
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("invoke: a task runs in the work tree with its arguments and the step's environment") {
    const WorkTree tree;
    const auto hosted =
        tree.run(R"({"task": "postgres.sync", "args": ["--name", "$(id) a;b", "--force"]})");
    CHECK(outcome(hosted) == R"({"outcome":"changed","summary":""})");
    CHECK(fixtures::readFile(tree / "ran") == "$(id) a;b True staging");
    CHECK(hosted.output == "synced $(id) a;b\n");
    CHECK(hosted.result.exit_code == 0);
}

TEST_CASE("invoke: a task that does not exist fails with its name and what to do") {
    const WorkTree tree;
    const auto missing = failure(tree.run(R"({"task": "postgres.nope"})"));
    CHECK(missing.message == "No task \"postgres.nope\" in tasks.py at " + kSha);
    CHECK(has(missing.diagnosis, R"("error_kind":"missing_task")"));
    CHECK(has(missing.diagnosis, "change `with.task` of the service"));

    const auto dashes = failure(tree.run(R"({"task": "my_task"})"));
    CHECK(dashes.message == "No task \"my_task\" in tasks.py at " + kSha);
    CHECK(has(dashes.diagnosis, "invoke spells names with \\\"-\\\""));

    // Also one that only an argument was taken for.
    CHECK(failure(tree.run(R"({"task": "postgres.sync", "args": ["extra"]})")).message ==
          "No task \"extra\" in tasks.py at " + kSha);
    CHECK_FALSE(std::filesystem::exists(tree / "ran"));

    const auto option = failure(tree.run(R"({"task": "postgres.sync", "args": ["--fast"]})"));
    CHECK(option.message == "Task \"postgres.sync\" takes no option \"--fast\"");
    CHECK(has(option.diagnosis, R"("error_kind":"bad_arguments")"));
}

TEST_CASE("invoke: a revision without tasks.py fails with that reason") {
    const WorkTree tree;
    std::filesystem::remove(tree / "tasks.py");
    const auto missing = failure(tree.run(R"({"task": "postgres.sync"})"));
    CHECK(missing.message == "No tasks.py (nor a package of that name) at " + kSha);
    CHECK(has(missing.diagnosis, R"("error_kind":"missing_collection")"));
    CHECK(failure(tree.run(R"({"task": "sync", "collection": "deploy_tasks"})")).message ==
          "No deploy_tasks.py (nor a package of that name) at " + kSha);
}

TEST_CASE("invoke: a failed task says its exit code and its last words") {
    const WorkTree tree;
    const auto failed = failure(tree.run(R"({"task": "my-task"})"));
    CHECK(failed.message == "invoke my-task ended with exit code 7: no such database");
    CHECK(failed.diagnosis.empty());
    CHECK(failure(tree.run(R"({"task": "quiet"})")).message ==
          "invoke quiet ended with exit code 9");
    CHECK(failure(tree.run(R"({"task": "raises"})")).message ==
          "invoke raises ended with exit code 1: ValueError: the");
}

TEST_CASE("invoke: a task ended by a signal says which") {
    const WorkTree tree;
    const auto killed = failure(tree.run(R"({"task": "killed"})"));
    CHECK(killed.message == "invoke killed was ended by signal 9 (SIGKILL)");
    CHECK(has(killed.diagnosis, R"("error_kind":"signal")"));
    CHECK(has(killed.diagnosis, "ran out of memory"));
}

TEST_CASE("invoke: of a flood on standard error only a short last line is kept") {
    const WorkTree tree;
    const auto flooded = failure(tree.run(R"({"task": "floods"})"));
    CHECK(flooded.message ==
          "invoke floods ended with exit code 1: " + std::string(300, 'y') + "...");
}

TEST_CASE("invoke: a program that is not there says how to get it") {
    const WorkTree tree;
    const auto missing =
        failure(tree.run(R"({"task": "sync"})", false, R"({"program": "no-such-invoke"})"));
    CHECK(has(missing.message, "no-such-invoke could not be run: "));
    CHECK(has(missing.diagnosis, R"("error_kind":"program_missing")"));
    CHECK(has(missing.diagnosis, "apt-get install python3-invoke"));
}

TEST_CASE("invoke: nothing a service says is taken for an option or leaves the work tree") {
    const WorkTree tree;
    CHECK(has(failure(tree.run(R"({"task": "--list"})"), IAC_INVALID).message,
              "with.task: \"--list\" would be taken for an option"));
    CHECK(has(failure(tree.run(R"({"task": ""})"), IAC_INVALID).message, "with.task"));
    CHECK(has(failure(tree.run(R"({"task": "a", "collection": "-r"})"), IAC_INVALID).message,
              "with.collection"));
    for (const char* directory : {"/etc", "..", "a/../../b"}) {
        INFO(directory);
        CHECK(has(
            failure(tree.run(R"({"task": "a", "directory": ")" + std::string(directory) + "\"}"),
                    IAC_INVALID)
                .message,
            "is not inside the work tree"));
    }
    const auto missing = failure(tree.run(R"({"task": "a", "directory": "nowhere"})"));
    CHECK(missing.message == "No folder \"nowhere\" at " + kSha);
    CHECK(has(missing.diagnosis, R"("error_kind":"missing_directory")"));
    CHECK(has(failure(tree.run("{}"), IAC_INVALID).message, "missing value at /task"));
}

TEST_CASE("invoke: a service may have its own folder and collection") {
    const WorkTree tree;
    fixtures::writeFile(tree / "edge/proxy/proxy_tasks.py",
                        "from invoke import task\n"
                        "@task\n"
                        "def reload(c):\n"
                        "    open('reloaded', 'w').close()\n");
    const std::string with =
        R"({"task": "reload", "directory": "edge/proxy", "collection": "proxy_tasks"})";
    CHECK(outcome(tree.run(with, true)) ==
          R"({"outcome":"unknown","summary":"would run invoke reload"})");
    CHECK_FALSE(std::filesystem::exists(tree / "edge/proxy/reloaded"));
    outcome(tree.run(with));
    CHECK(std::filesystem::exists(tree / "edge/proxy/reloaded"));
}

TEST_CASE("invoke: a dry run knows whether the task is there, and runs nothing") {
    const WorkTree tree;
    for (const std::string task : {"postgres.sync", "postgres", "my-task", "other", "quiet"}) {
        INFO(task);
        const auto hosted = tree.run(R"({"task": ")" + task + "\"}", true);
        CHECK(outcome(hosted) ==
              R"({"outcome":"unknown","summary":"would run invoke )" + task + "\"}");
        CHECK(hosted.output.empty());
    }
    CHECK_FALSE(std::filesystem::exists(tree / "ran"));
    for (const std::string task :
         {"sync", "postgres.nope", "nowhere.sync", "postgres.", ".", "a.b.c"}) {
        INFO(task);
        CHECK(failure(tree.run(R"({"task": ")" + task + "\"}", true)).message ==
              "No task \"" + task + "\" in tasks.py at " + kSha);
    }
    fixtures::writeFile(tree / "tasks.py", "import no_such_module\n");
    CHECK(has(failure(tree.run(R"({"task": "sync"})", true)).message,
              "ModuleNotFoundError: No module named 'no_such_module'"));
}

TEST_CASE("invoke: a package that is called as a module of Python does no harm") {
    const WorkTree tree;
    // As in the repository of the first users: tasks load, and invoke itself still works.
    for (const char* package : {"platform", "shutil", "json"})
        fixtures::writeFile(tree / (std::string(package) + "/__init__.py"), "");
    fixtures::writeFile(tree / "tasks.py",
                        "import platform\n"
                        "from invoke import task\n"
                        "@task\n"
                        "def sync(c):\n"
                        "    c.run('echo on ' + platform.system() + ' $COLUMNS', pty=False)\n");
    SECTION("with the program as it is installed") {
        const auto hosted = tree.run(R"({"task": "sync"})");
        CHECK(outcome(hosted) == R"({"outcome":"changed","summary":""})");
        CHECK(has(hosted.output, "on Linux"));
    }
    SECTION("with a script elsewhere, named by its path") {
        fixtures::writeFile(
            tree / "bin/run",
            "#!/usr/bin/env python3\nfrom invoke.main import program\nprogram.run()\n");
        std::filesystem::permissions(tree / "bin/run", std::filesystem::perms::owner_all);
        const std::string config = R"({"program": ")" + (tree / "bin/run").string() + "\"}";
        CHECK(has(tree.run(R"({"task": "sync"})", false, config).output, "on Linux"));
    }
    SECTION("and a program that is no script of Python is started as it is") {
        fixtures::writeFile(tree / "bin/run", "#!/bin/sh\nPYTHONSAFEPATH=1 exec echo sh \"$@\"\n");
        std::filesystem::permissions(tree / "bin/run", std::filesystem::perms::owner_all);
        const std::string config = R"({"program": ")" + (tree / "bin/run").string() + "\"}";
        CHECK(tree.run(R"({"task": "sync"})", false, config).output == "sh sync\n");
    }
}

TEST_CASE("invoke: a dry run reads the list of tasks whatever tasks.py prints") {
    const WorkTree tree;
    fixtures::writeFile(tree / "tasks.py",
                        "import json\n"
                        "print('loading 12 modules', flush=True)\n"
                        "print(json.dumps({'loaded': True}))\n"
                        "print('{not json')\n"
                        "from invoke import task\n"
                        "@task\n"
                        "def sync(c):\n"
                        "    print('never')\n");
    CHECK(outcome(tree.run(R"({"task": "sync"})", true)) ==
          R"({"outcome":"unknown","summary":"would run invoke sync"})");
    CHECK(failure(tree.run(R"({"task": "nope"})", true)).message ==
          "No task \"nope\" in tasks.py at " + kSha);
    // A program that lists nothing.
    const auto silent = failure(tree.run(R"({"task": "sync"})", true, R"({"program": "true"})"));
    CHECK(has(silent.message, "printed no list of tasks"));
    CHECK(has(silent.diagnosis, R"("error_kind":"unreadable_task_list")"));
}

TEST_CASE("invoke: a dry run runs a task that says it has --dry-run") {
    const WorkTree tree;
    fixtures::writeFile(tree / "tasks.py",
                        "from invoke import task\n"
                        "@task\n"
                        "def sync(c, name='x', dry_run=False):\n"
                        "    assert dry_run\n"
                        "    print('Config unchanged, skipping deploy' if name == 'x' else 'would "
                        "change ' + name)\n"
                        "@task\n"
                        "def other(c, dry_run_file=''):\n"
                        "    raise ValueError('never')\n");
    const std::string config = R"({"outcomes": {"unchanged": ["unchanged, skipping"]}})";
    CHECK(outcome(tree.run(R"({"task": "sync"})", true, config)) ==
          R"({"outcome":"unchanged","summary":"Config unchanged, skipping deploy"})");
    CHECK(has(outcome(tree.run(R"({"task": "sync", "args": ["--name=redis"]})", true, config)),
              R"("outcome":"changed")"));
    CHECK(outcome(tree.run(R"({"task": "sync"})", true)) ==
          R"({"outcome":"unknown","summary":"ran invoke sync --dry-run"})");
    CHECK(has(outcome(tree.run(R"({"task": "other"})", true)), "would run invoke other"));
}

TEST_CASE("invoke: texts in the output say how a task ended that knows no IAC_OUTPUT") {
    const WorkTree tree;
    fixtures::writeFile(tree / "tasks.py",
                        "import sys\n"
                        "from invoke import task\n"
                        "@task\n"
                        "def say(c, text, code=0):\n"
                        "    print(text.replace('|', '\\n'))\n"
                        "    sys.exit(code)\n"
                        "@task\n"
                        "def warn(c, text):\n"
                        "    sys.stderr.write('\\033[31m' + text + '\\033[0m')\n");
    const std::string config =
        R"({"outcomes": {"unchanged": ["unchanged, skipping"], "failed": ["deploy FAILED"], "retry": ["connection refused"]}})";
    const auto say = [&](const std::string& text, int code = 0) {
        return tree.run(R"({"task": "say", "args": ["--text", ")" + text + R"(", "--code=)" +
                            std::to_string(code) + "\"]}",
                        false, config);
    };
    CHECK(outcome(say("all well")) == R"({"outcome":"changed","summary":""})");
    CHECK(outcome(say("redis|Config UNCHANGED, skipping deploy|bye")) ==
          R"({"outcome":"unchanged","summary":"Config UNCHANGED, skipping deploy"})");
    CHECK(failure(say("Deploy failed: no space|Config unchanged, skipping deploy")).message ==
          "invoke say printed: Deploy failed: no space");
    CHECK(failure(say("dial tcp: Connection refused", 1), IAC_RETRY).message ==
          "invoke say: dial tcp: Connection refused");
    CHECK(failure(say("unchanged, skipping", 3)).message ==
          "invoke say ended with exit code 3: unchanged, skipping");
    // In the middle of a long line.
    CHECK(failure(say(std::string(5'000, 'x') + " deploy failed " + std::string(9'000, 'y')))
              .message.find("invoke say printed: ") == 0);
    // On standard error, coloured, without an end of line.
    CHECK(has(
        outcome(tree.run(R"({"task": "warn", "args": ["Unchanged, skipping"]})", false, config)),
        R"("outcome":"unchanged","summary":"Unchanged, skipping")"));
}

TEST_CASE("invoke: the tasks before a task run first, and the first that fails ends the step") {
    const WorkTree tree;
    fixtures::writeFile(tree / "tasks.py",
                        "import sys\n"
                        "from invoke import task\n"
                        "@task\n"
                        "def login(c):\n"
                        "    open('order', 'a').write('login ')\n"
                        "@task\n"
                        "def broken(c):\n"
                        "    sys.exit('no such role')\n"
                        "@task\n"
                        "def sync(c, force=False):\n"
                        "    open('order', 'a').write('sync ' + str(force))\n");
    outcome(tree.run(R"({"task": "sync", "args": ["--force"], "before": ["login", "login"]})"));
    CHECK(fixtures::readFile(tree / "order") == "login login sync True");
    std::filesystem::remove(tree / "order");
    CHECK(failure(tree.run(R"({"task": "sync", "before": ["login", "broken"]})")).message ==
          "invoke broken ended with exit code 1: no such role");
    CHECK(fixtures::readFile(tree / "order") == "login ");
    CHECK(
        has(failure(tree.run(R"({"task": "sync", "before": ["--version"]})"), IAC_INVALID).message,
            "with.before"));
}
