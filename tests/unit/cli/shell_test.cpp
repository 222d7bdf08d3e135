// What shells and man(1) make of what the command line says of itself.
#include <catch2/catch.hpp>

#include "base/process.hpp"
#include "cli/command_tree.hpp"
#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "cli/query.hpp"
#include "fixtures/folder.hpp"
#include "unit/cli/command.hpp"

namespace iac::cli {
namespace {

using Catch::Contains;

struct Output {
    int code = -1;
    std::string out, err;
};

Output start(std::vector<std::string> argv) {
    Output ended;
    RunLimits limits;
    limits.timeout = Duration(60'000);
    limits.output = [&](int stream, std::string_view bytes) {
        (stream == 1 ? ended.out : ended.err) += bytes;
    };
    ended.code = iac::run({std::move(argv),
                           {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "MANWIDTH=80"},
                           ""},
                          {}, limits)
                     .exit.code;
    return ended;
}

bool isThere(const std::string& program) {
    const bool found = start({"sh", "-c", "command -v " + program}).code == 0;
    if (!found) WARN("skipped: " << program << " is not installed");
    return found;
}

/// What a command prints, in a file.
struct Printed {
    explicit Printed(const std::vector<std::string>& arguments) {
        const auto ended = run(arguments);
        REQUIRE(ended.code == kDone);
        fixtures::writeFile(folder / "printed", ended.out);
        file = (folder / "printed").string();
        text = ended.out;
    }
    fixtures::Folder folder;
    std::string file, text;
};

/// What bash offers for the last of these words, joined with spaces.
std::string offered(const Printed& script, const std::string& words) {
    const auto ended = start(
        {"bash", "-c",
         "source \"$0\"; COMP_WORDS=(" + words +
             "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _iac_runner; echo \"${COMPREPLY[*]}\"",
         script.file});
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    CHECK(ended.err.empty());
    return ended.out.substr(0, ended.out.find('\n'));
}

}  // namespace

TEST_CASE("bash completes commands, options and their values") {
    const Printed script({"completion", "bash"});
    CHECK(start({"bash", "-n", script.file}).err.empty());
    CHECK(offered(script, "iac-runner hist") == "history");
    CHECK(offered(script, "iac-runner ro") == "rollback");
    CHECK(offered(script, "iac-runner token ''") == "create list revoke");
    CHECK(offered(script, "iac-runner token create --r") == "--role");
    CHECK(offered(script, "iac-runner token create --role ''") == "read deploy admin");
    CHECK(offered(script, "iac-runner history --status s") == "success superseded");
    CHECK(offered(script, "iac-runner history --status = f") == "failed");
    CHECK(offered(script, "iac-runner completion ''") == "bash zsh");
    CHECK(offered(script, "iac-runner deploy staging v1 --dry") == "--dry-run");
    CHECK(offered(script, "iac-runner history --since ''").empty());
    // A value that reads like a command is none.
    CHECK(offered(script, "iac-runner --config token hist") == "history");
    CHECK(offered(script, "iac-runner log --config /etc/host") != "");
    CHECK(offered(script, "iac-runner man").empty());
}

TEST_CASE("zsh understands its completion") {
    const Printed script({"completion", "zsh"});
    CHECK_THAT(script.text, Catch::StartsWith("#compdef iac-runner\n"));
    CHECK_THAT(script.text, Contains("'(--role)--role[") && Contains(":ROLE:(read deploy admin)'"));
    if (!isThere("zsh")) return;
    const auto checked = start({"zsh", "-n", script.file});
    CHECK(checked.err.empty());
    CHECK(checked.code == 0);
    // Sourced as a user does it, with the functions of completion.
    const auto loaded = start({"zsh", "-f", "-c",
                               "autoload -Uz compinit && compinit -u -D && source \"$0\" && "
                               "print ${_comps[iac-runner]}",
                               script.file});
    INFO(loaded.err);
    CHECK(loaded.out == "_iac-runner\n");
}

TEST_CASE("the manual page has every command and option of the help, and roff without a warning") {
    const Printed page({"man"});
    CHECK_THAT(page.text, Contains(".TH IAC-RUNNER 1 2") && Contains(".SH EXIT STATUS") &&
                              Contains("\\fBIAC_TOKEN\\fR"));
    for (const char* usage :
         {"token create [OPTIONS]", "plugins check [OPTIONS] FILE", "sync [OPTIONS] [ID...]",
          "rollback [OPTIONS] ENV", "backup [OPTIONS] FILE", "plan [OPTIONS] [ENV] [REF]"})
        CHECK_THAT(page.text, Contains(std::string(".SS \"") + usage + "\"\n"));
    CHECK_THAT(page.text, !Contains(".SS \"man"));
    if (isThere("groff")) {
        const auto made = start({"groff", "-man", "-ww", "-Tutf8", "-z", page.file});
        CHECK(made.code == 0);
        CHECK(made.err.empty());
    }
    if (isThere("mandoc")) {
        const auto judged = start({"mandoc", "-T", "lint", "-W", "warning", page.file});
        INFO(judged.out);
        CHECK(judged.code == 0);
    }
}

TEST_CASE("text of the help cannot become an order of roff") {
    Command root;
    root.name = "iac-runner";
    root.description = ".so /etc/passwd\n'\\n";
    CHECK_THAT(manualPage(root, "1.0", "2025-01-24"),
               Contains(".SH DESCRIPTION\n\\&.so /etc/passwd\n\\&'\\en.\n"));
}

TEST_CASE("every command that asks the daemon names its exit codes in its help") {
    for (const std::string command :
         {"deploy", "sync", "plan", "history", "show", "log", "cancel", "retry", "rollback", "hold",
          "holds", "release", "services", "events", "token", "backup"})
        CHECK_THAT(run({command, "--help"}).out, Contains("Exit codes: 0"));
    CHECK_THAT(run({"--help"}).out, Contains("3  The daemon cannot be reached") &&
                                        Contains("IAC_TOKEN") && !Contains("manual page"));
}

TEST_CASE("a query is encoded, and what is empty is left out") {
    CHECK(target("/deployments", {}) == "/deployments");
    CHECK(target("/deployments", {{"env", ""}, {"ref", "a&b=c#d e"}, {"limit", "5"}}) ==
          "/deployments?ref=a%26b%3Dc%23d%20e&limit=5");
    CHECK(segment("platform/postgres") == "platform%2Fpostgres");
    CHECK(segment("../tokens?x") == "..%2Ftokens%3Fx");
}

TEST_CASE("a moment is a duration before now, or what the daemon has to judge") {
    const Time now = Time(std::chrono::hours(1'000'000));
    CHECK(momentOf("2h", now) == toText(now - std::chrono::hours(2)));
    CHECK(momentOf("7d", now) == toText(now - std::chrono::hours(7 * 24)));
    CHECK(momentOf("2025-01-24T04:51:00Z", now) == "2025-01-24T04:51:00Z");
    CHECK(momentOf("", now).empty());
}

}  // namespace iac::cli
