// iac.command, with programs in Python, in shell and from the system.
#include <iac/plugin.h>

#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"
#include "hosted.hpp"

using namespace iac;
using Catch::Contains;
using test::failure;
using test::outcome;

namespace {

const std::string kSha = "1f5a3a0c8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b";

// Writes what it got to the file `got`, and ends as its settings say.
const char* const kPython = R"(#!/usr/bin/env python3
import json, os, sys
step = json.load(sys.stdin)
with open("got", "w") as out:
    print(sys.argv[1:], step["service"], step["attempt"], step["dry_run"], step["settings"],
          "with" in step, os.environ["DEPLOY_ENV"], os.environ.get("IAC_DRY_RUN"), file=out)
print("deploying", step["name"])
print("first", file=sys.stderr)
print("no such \033[31mdatabase\033[0m\n", file=sys.stderr)
sys.exit(step["settings"].get("code", 0))
)";

class WorkTree {
public:
    WorkTree() { program("deploy.py", kPython); }

    void program(const std::string& name, const std::string& text) const {
        fixtures::writeFile(folder_ / name, text);
        std::filesystem::permissions(folder_ / name, std::filesystem::perms::owner_all);
    }

    test::Hosted run(const std::string& with, bool dry_run = false,
                     const std::string& config = "{}") const {
        plugin::HostedCall call;
        call.plugin = &test::shipped().find("executor", "iac.command");
        call.config = config;
        call.input = R"({"deployment": 1042, "service": "platform/postgres", "name": "postgres",
                         "environment": "staging", "revision": ")" +
                     kSha + R"(", "directory": ")" + folder_.path().string() +
                     R"(", "attempt": 2, "dry_run": )" + (dry_run ? "true" : "false") +
                     R"(, "with": )" + with + "}";
        call.environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "DEPLOY_ENV=staging"};
        call.directory = folder_.path();
        call.timeout = Duration{60'000};
        return test::callInHost(call);
    }

    std::string got() const { return fixtures::readFile(folder_ / "got"); }
    std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

private:
    const fixtures::Folder folder_;
};

}  // namespace

TEST_CASE("command: a Python program gets its arguments, the step and the environment") {
    const WorkTree tree;
    const auto hosted = tree.run(
        R"j({"command": ["./deploy.py", "$(id)", "a;b c"], "settings": {"replicas": [3, "x"]}})j");
    CHECK(outcome(hosted) == R"({"outcome":"changed","summary":""})");
    CHECK(tree.got() ==
          "['$(id)', 'a;b c'] platform/postgres 2 False {'replicas': [3, 'x']} False staging "
          "None\n");
    CHECK_THAT(hosted.output, Contains("deploying postgres\n") && Contains("first\n"));
    CHECK(hosted.result.exit_code == 0);
}

TEST_CASE("command: a shell script that reads nothing runs in the folder of the service") {
    const WorkTree tree;
    tree.program("edge/proxy/deploy.sh",
                 "#!/bin/sh\npwd > where; echo \"$1 $DEPLOY_ENV\" >> where\n");
    outcome(tree.run(R"({"command": ["./deploy.sh", "now"], "directory": "edge/proxy"})"));
    CHECK(fixtures::readFile(tree / "edge/proxy/where") ==
          (tree / "edge/proxy").string() + "\nnow staging\n");
}

TEST_CASE("command: a shell runs only where the configuration says so, and stops at a failure") {
    const WorkTree tree;
    outcome(tree.run(R"({"shell": "printf '%s ' one two | tr o 0 > piped"})"));
    CHECK(fixtures::readFile(tree / "piped") == "0ne tw0 ");
    const auto failed = failure(tree.run(R"({"shell": "echo lost >&2\nfalse\ntouch never"})"));
    CHECK(failed.message == "the shell command ended with exit code 1: lost");
    CHECK_FALSE(std::filesystem::exists(tree / "never"));
}

TEST_CASE("command: a program that fails says its exit code and its last words") {
    const WorkTree tree;
    const auto failed =
        failure(tree.run(R"({"command": ["./deploy.py"], "settings": {"code": 7}})"));
    CHECK(failed.message == "./deploy.py ended with exit code 7: no such database");
    CHECK(failed.diagnosis.empty());
    CHECK(failure(tree.run(R"({"command": ["false"]})")).message == "false ended with exit code 1");
    const auto killed = failure(tree.run(R"({"shell": "kill -9 $$"})"));
    CHECK(killed.message == "the shell command was ended by signal 9 (SIGKILL)");
    CHECK_THAT(killed.diagnosis, Contains(R"("error_kind":"signal")"));
}

TEST_CASE("command: exit code 75 asks for another attempt, or those that the executor names") {
    const WorkTree tree;
    const auto with = [](int code) {
        return R"({"shell": "echo busy >&2; exit )" + std::to_string(code) + "\"}";
    };
    CHECK(failure(tree.run(with(75)), IAC_RETRY).message ==
          "the shell command ended with exit code 75: busy");
    const std::string config = R"({"retry_exit_codes": [9, 111]})";
    failure(tree.run(with(111), false, config), IAC_RETRY);
    failure(tree.run(with(75), false, config), IAC_FAILED);
    failure(tree.run(with(75), false, R"({"retry_exit_codes": []})"), IAC_FAILED);
}

TEST_CASE("command: a program that cannot be started says why and what to do") {
    const WorkTree tree;
    const auto missing = failure(tree.run(R"({"command": ["no-such-program"]})"));
    CHECK_THAT(missing.message, Contains("cannot start \"no-such-program\": there is no such"));
    CHECK_THAT(missing.diagnosis, Contains(R"("error_kind":"program_missing")"));
    fixtures::writeFile(tree / "plain.sh", "#!/bin/sh\n");
    const auto plain = failure(tree.run(R"({"command": ["./plain.sh"]})"));
    CHECK(plain.message == "cannot start \"./plain.sh\": Permission denied");
    CHECK_THAT(plain.diagnosis, Contains("git update-index --chmod=+x"));
}

TEST_CASE("command: a dry run says what it would run, and runs nothing") {
    const WorkTree tree;
    CHECK(outcome(tree.run(R"({"command": ["./deploy.py", "it's", "", "a b"]})", true)) ==
          R"({"outcome":"unknown","summary":"would run ./deploy.py 'it'\\''s' '' 'a b'"})");
    CHECK(outcome(tree.run(R"({"shell": "touch got"})", true)) ==
          R"({"outcome":"unknown","summary":"would run 'touch got'"})");
    CHECK_FALSE(std::filesystem::exists(tree / "got"));
}

TEST_CASE("command: a program that knows dry runs is run, and told") {
    const WorkTree tree;
    const std::string with = R"({"command": ["./deploy.py"], "dry_run": true})";
    CHECK(outcome(tree.run(with, true)) ==
          R"({"outcome":"unchanged","summary":"dry run of ./deploy.py"})");
    CHECK(tree.got() == "[] platform/postgres 2 True {} False staging 1\n");
    CHECK(outcome(tree.run(with)) == R"({"outcome":"changed","summary":""})");
    CHECK(tree.got() == "[] platform/postgres 2 False {} False staging None\n");
}

TEST_CASE("command: a service says a program or a shell command, inside its work tree") {
    const WorkTree tree;
    const auto refused = [&](const std::string& with) {
        return failure(tree.run(with), IAC_INVALID).message;
    };
    CHECK_THAT(refused("{}"), Contains("either `command`"));
    CHECK_THAT(refused(R"({"command": ["true"], "shell": "true"})"), Contains("not both"));
    CHECK_THAT(refused(R"({"command": []})"), Contains("has to name a program"));
    CHECK_THAT(refused(R"({"command": [""]})"), Contains("has to name a program"));
    CHECK_THAT(refused(R"({"command": ["true", "a\u0000b"]})"), Contains("NUL"));
    CHECK_THAT(refused(R"({"command": ["true"], "directory": "../x"})"),
               Contains("is not inside the work tree"));
    CHECK(failure(tree.run(R"({"command": ["true"], "directory": "nowhere"})")).message ==
          "No folder \"nowhere\" at " + kSha);
}

TEST_CASE("command: the reason is the line that says why, whatever stands around it") {
    const WorkTree tree;
    const auto reasonOf = [&](const std::string& script) {
        tree.program("fails.sh", "#!/bin/sh\n" + script + "\n");
        const std::string message = failure(tree.run(R"({"command": ["./fails.sh"]})")).message;
        return message.substr(std::string("./fails.sh ended with ").size());
    };
    const std::pair<const char*, const char*> cases[] = {
        // Progress that was overwritten on the screen.
        {R"(printf 'load 10%%\rload 99%%\rerror: no disk\n' >&2; exit 3)",
         "exit code 3: error: no disk"},
        // What a terminal would carry out.
        {R"(printf '\033]0;title\007\033(B\033[31mno \033]8;;https://x\033\\such\033]8;;\033\\ table\033[0m\n' >&2; exit 1)",
         "exit code 1: no such table"},
        // A traceback, with an exception of several lines, and its advice behind it.
        {"cat >&2 <<'END'\nTraceback (most recent call last):\n  File \"x.py\", line 1, in "
         "<module>\n"
         "    raise ValueError\nyaml.scanner.ScannerError: mapping values are not allowed here\n"
         "  in \"compose.yaml\", line 3, column 5\nsee the manual\nEND\nexit 1",
         "exit code 1: yaml.scanner.ScannerError: mapping values are not allowed here"},
        {"cat >&2 <<'END'\nTraceback (most recent call last):\n  File \"x.py\", line 1\n"
         "hvac.exceptions.Forbidden:\npermission denied\nEND\nexit 1",
         "exit code 1: hvac.exceptions.Forbidden: permission denied"},
        // What invoke writes about a command that failed.
        {"cat >&2 <<'END'\nthe real reason\nEncountered a bad command exit code!\n\nCommand: "
         "\"x\"\n\n"
         "Exit code: 7\n\nStdout: already printed\n\nStderr: already printed\nEND\nexit 7",
         "exit code 7: the real reason"},
        // A box.
        {"printf '╭─ Error ─╮\\n│ Missing option --env │\\n╰─────────╯\\n' >&2; exit 2",
         "exit code 2: │ Missing option --env │"},
        // Everything on the output, as with a terminal of its own.
        {"echo 'fatal: not found'; exit 4", "exit code 4: fatal: not found"},
        {"exit 137", "exit code 137 (a program of it was ended by signal 9, SIGKILL)"},
        {"echo x >&2; exit 247",
         "exit code 247 (a program of it was ended by signal 9, SIGKILL): x"},
        {"exit 200", "exit code 200"},
    };
    for (const auto& [script, reason] : cases) {
        INFO(script);
        CHECK(reasonOf(script) == reason);
    }
    // A last line that is longer than what is kept, cut in the middle of a character.
    const auto cut = reasonOf("printf 'é%.0s' $(seq 6000) >&2; exit 1");
    CHECK_THAT(cut, Contains("exit code 1: é") && Contains("..."));
}
