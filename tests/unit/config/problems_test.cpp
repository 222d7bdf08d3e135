#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace iac::config;

namespace {

/// Exactly one sentence about kBase with `more` from line 5 on.
void checkMore(const std::string& more, const std::string& sentence) {
    CHECK(problem(kBase + more + "\n") == "iac-runner.yaml:" + sentence);
}

/// The same about a file without kBase's server and repository.
void checkServer(const std::string& server, const std::string& sentence) {
    CHECK(problem("server: " + server +
                  "\nrepository: { url: /srv/a }\nenvironments: { staging: }\n") ==
          "iac-runner.yaml:" + sentence);
}

void checkRepository(const std::string& repository, const std::string& sentence) {
    CHECK(problem("server: { secret: abcdef }\nrepository: " + repository +
                  "\nenvironments: { staging: }\n") == "iac-runner.yaml:" + sentence);
}

}  // namespace

TEST_CASE("an unknown key names the known ones, and the nearest", "[problems]") {
    checkServer("{ secret: abcdef, lisen: 127.0.0.1:80 }",
                "1: server.lisen: there is no such key; did you mean \"listen\"? (known: listen, "
                "secret, replay_protection, public_url, compatibility, trusted_proxies, limits, "
                "anonymous)");
    checkMore("engine: { colour: red }",
              "5: engine.colour: there is no such key; (known: on_failure, on_interrupt, "
              "parallel, steps_at_once, stop_grace, deadline, umask, step_user, "
              "step_limits, cgroup)");
    checkMore("environmets: { x: }",
              "5: environmets: there is no such key; did you mean \"environments\"? (known: "
              "server, data, plugins, secrets, repository, environments, services, triggers, "
              "mappers, executors, notifiers, engine, diagnosis, reconcile, keep)");
}

TEST_CASE("a missing key is named with what it is for", "[problems]") {
    checkServer("{ listen: 127.0.0.1:80 }",
                "1: server.secret: is missing: it signs the API requests that no trigger answers");
    checkRepository("{ branch: main }", "2: repository.url: is missing: https, ssh or a path");
    CHECK(problem("server: { secret: abcdef }\nrepository: { url: /srv/a }\n") ==
          "iac-runner.yaml:1: environments: is missing: the places that can be deployed to, such "
          "as staging: {}");
    checkMore("services:\n  - executor: invoke",
              "6: services[0].id: is missing: the name of the service, or \"platform/{name}\" "
              "beside discover");
    checkMore("services:\n  - id: a/b",
              "6: services[0].executor: is missing: the name of an entry of executors");
    checkMore("triggers: { github: { environment: staging } }",
              "5: triggers.github.plugin: is missing: the id of a plugin such as iac.invoke");
}

TEST_CASE("a wrong type says what was expected and what was found", "[problems]") {
    checkMore("services: {}", "5: services: expected a list, found a mapping");
    checkMore("engine: []", "5: engine: expected a mapping (key: value), found a list");
    checkMore("engine: { steps_at_once: two }",
              "5: engine.steps_at_once: expected a whole number, found the text \"two\"");
    checkMore("engine: { steps_at_once: 1.5 }",
              "5: engine.steps_at_once: expected a whole number, found the number 1.5");
    checkMore("engine: { steps_at_once: true }",
              "5: engine.steps_at_once: expected a whole number, found true");
    checkMore("data: 5", "5: data: expected a folder, found the number 5");
    checkMore("services: [ { id: a, executor: invoke, depends_on: [1] } ]",
              "5: services[0].depends_on[0]: expected text, found the number 1: write it in quotes "
              "if it is meant as text");
    checkMore("services:\n  - id:\n    executor: invoke",
              "6: services[0].id: expected the name of a service such as platform/postgres, found "
              "nothing");
}

TEST_CASE("a secret of a wrong type is not shown", "[problems]") {
    checkServer("{ secret: 123456789 }",
                "1: server.secret: expected text, or a list of two while one is being replaced "
                "(write a number in quotes), found a number");
    checkServer("{ secret: [123456789] }",
                "1: server.secret[0]: expected text, found a number: "
                "write it in quotes if it is meant as text");
}

TEST_CASE("a server needs a secret that is none of nothing", "[problems]") {
    const std::string empty =
        "1: server.secret: is empty: with no secret everybody could sign requests";
    checkServer("{ secret: \"\" }", empty);
    checkServer("{ secret: [abcdef, \"\"] }", empty);
    checkServer("{ secret: [] }", "1: server.secret: expected 1 to 2 entries");
    checkServer("{ secret: [a, b, c] }", "1: server.secret: expected 1 to 2 entries");
}

TEST_CASE("durations, sizes and numbers are checked", "[problems]") {
    checkMore("engine: { deadline: 10 minutes }",
              "5: engine.deadline: \"10 minutes\" is not a duration such as 30s, 10m or 1h30m");
    checkMore("engine: { deadline: 600 }",
              "5: engine.deadline: expected a duration such as 30s, 10m or 1h30m, found the number "
              "600");
    checkMore("engine: { deadline: 0s }",
              "5: engine.deadline: must be longer than no time at all: "
              "write 30s, 10m or 1h30m");
    checkMore("engine: { deadline: 99999999999d }",
              "5: engine.deadline: \"99999999999d\" is longer than a hundred years");
    checkServer("{ secret: abcdef, limits: { body: 3MB } }",
                "1: server.limits.body: \"3MB\" is not a size such as 512KiB, 25MiB or 1GiB");
    checkServer("{ secret: abcdef, limits: { body: 0B } }",
                "1: server.limits.body: must be more than nothing: write 512KiB, 25MiB or 1GiB");
    checkServer("{ secret: abcdef, limits: { body: 9999999TiB } }",
                "1: server.limits.body: \"9999999TiB\" is more than 1024TiB");
    checkServer("{ secret: abcdef, limits: { connections: 0 } }",
                "1: server.limits.connections: 0 is out of range: expected at least 1, at most "
                "100000");
    checkServer("{ secret: abcdef, limits: { bodies_in_flight: 1MiB } }",
                "1: server.limits.bodies_in_flight: is less than one body may be, so no such body "
                "could come in: make it at least as large as webhook_body and body");
    checkServer("{ secret: abcdef, trusted_proxies: [10.0.0.0/33] }",
                "1: server.trusted_proxies: has \"10.0.0.0/33\", which is not an address or a "
                "network such as 10.0.0.0/8 or fd00::/8");
    checkServer("{ secret: abcdef, trusted_proxies: [127.0.0.1, \"::/0\"] }",
                "1: server.trusted_proxies: has \"::/0\", which holds every address: then each "
                "caller could choose the address it is known by");
}

TEST_CASE("a text that is too long to be matched is refused and ends nothing", "[problems]") {
    std::string duration;
    while (duration.size() < 64'000) duration += "1s";
    checkMore("engine: { deadline: " + duration + " }",
              "5: engine.deadline: is longer than the 2048 bytes it may have");
    duration.resize(2048);
    CHECK(problem(kBase + "engine: { deadline: " + duration + " }\n").empty());
}

TEST_CASE("a word of few allowed ones names them", "[problems]") {
    checkMore("engine: { on_failure: contine }",
              "5: engine.on_failure: \"contine\" is not known here; did you mean \"continue\"? "
              "(allowed: stop, continue)");
}

TEST_CASE("where to listen has to be an address and a port", "[problems]") {
    const std::string wanted =
        " is not an address and a port such as 127.0.0.1:8080 or \"[::1]:8080\"";
    for (const auto* text : {"localhost", "8080", ":8080", "::1:8080", "127.0.0.1:http"})
        checkServer(std::string("{ secret: abcdef, listen: \"") + text + "\" }",
                    std::string("1: server.listen: \"") + text + "\"" + wanted);
    checkServer("{ secret: abcdef, listen: \"127.0.0.1:70000\" }",
                "1: server.listen: has a port above 65535");
}

TEST_CASE("git is not given what it would take for something else", "[problems]") {
    checkRepository("{ url: --upload-pack=evil }",
                    "2: repository.url: begins with \"-\", which git would take for an option");
    checkRepository(
        "{ url: \"ext::sh -c evil\" }",
        "2: repository.url: names a helper of git (\"ext::\"): expected an https or ssh "
        "address, or a path");
    checkRepository("{ url: http://example.com/a }",
                    "2: repository.url: begins with \"http://\", which is not used: expected "
                    "https://, ssh://, file:// or a path");
    checkRepository("{ url: ssh://-oProxyCommand=evil/a }",
                    "2: repository.url: has a host that begins with \"-\"");
    checkRepository("{ url: \"-o@host:a\" }",
                    "2: repository.url: begins with \"-\", which git would take for an option");
    checkRepository("{ url: \"https:///a\" }", "2: repository.url: names no host");
    checkRepository("{ url: \"a\\nb\" }", "2: repository.url: contains a control character");
    checkRepository("{ url: \"\" }",
                    "2: repository.url: is empty: expected an https or ssh address, or a path");
    for (const auto* branch : {"-x", "a..b", "a b", "a/", "a.lock", "a~1", "@{1}", ".a"})
        checkRepository(std::string("{ url: /srv/a, branch: \"") + branch + "\" }",
                        std::string("2: repository.branch: \"") + branch +
                            "\" is not the name of a branch such as main");
}

TEST_CASE("a path that begins with a tilde is refused", "[problems]") {
    const std::string why =
        "begins with \"~\", which only a shell replaces: write the whole path, such as "
        "/home/ada/infrastructure";
    for (const auto* path : {"~/r", "~ada/r", "~"}) {
        checkRepository(std::string("{ url: \"") + path + "\" }", "2: repository.url: " + why);
        checkMore(std::string("data: \"") + path + "\"", "5: data: " + why);
        checkMore(std::string("plugins: [./plugins, \"") + path + "\"]", "5: plugins: " + why);
        checkMore(std::string("secrets: [ { file: \"") + path + "\", optional: true } ]",
                  "5: secrets[0].file: " + why);
    }
    // There it is the other host that replaces it.
    CHECK(loadText(Folder(),
                   "server: { secret: abcdef }\nrepository: { url: \"git@host:~/r\" }\n"
                   "environments: { staging: }\n")
              .repository.url == "git@host:~/r");
    checkRepository("{ url: \"file://~/r\" }",
                    "2: repository.url: names no absolute path: write file:///srv/infrastructure, "
                    "or the path alone");
}

TEST_CASE("a branch is configured by its name", "[problems]") {
    for (const auto* branch : {"main", "ünï", "日本語", "#1", "@a", "+x", "a.b/c-d", "refs"})
        CHECK(
            loadText(Folder(), std::string("server: { secret: abcdef }\nrepository: { url: /srv/a, "
                                           "branch: \"") +
                                   branch + "\" }\nenvironments: { staging: }\n")
                .repository.branch == branch);
    const std::string full =
        "2: repository.branch: is a full ref, and the name of a branch is expected: write ";
    checkRepository("{ url: /srv/a, branch: refs/heads/main }", full + "\"main\"");
    checkRepository("{ url: /srv/a, branch: refs/heads/feature/x }", full + "\"feature/x\"");
    checkRepository("{ url: /srv/a, branch: refs/tags/v1 }",
                    "2: repository.branch: is a ref that is no branch; write the name of a branch "
                    "such as main");
    for (const auto* branch : {"@", "/a", "-ünï", "ü..n"})
        checkRepository(std::string("{ url: /srv/a, branch: \"") + branch + "\" }",
                        std::string("2: repository.branch: \"") + branch +
                            "\" is not the name of a branch such as main");
}

TEST_CASE("a name that refers to nothing names what there is", "[problems]") {
    checkMore(
        "services:\n  - { id: a/b, executor: invok }",
        "6: services[0].executor: \"invok\" is not an executor here; did you mean \"invoke\"? "
        "(there are: invoke)");
    checkMore("services:\n  - { id: a/b, executor: invoke, environments: [prod] }",
              "6: services[0].environments: \"prod\" is not an environment here (there are: "
              "staging, production)");
    checkMore("triggers:\n  github: { plugin: iac.github, environment: stagin }",
              "6: triggers.github.environment: \"stagin\" is not an environment here; did you mean "
              "\"staging\"? (there are: staging, production)");
    checkMore("notifiers:\n  - { plugin: iac.log, when: { environment: [staging, test] } }",
              "6: notifiers[0].when.environment: \"test\" is not an environment here (there are: "
              "staging, production)");
    checkMore(
        "notifiers:\n  - { plugin: iac.log, when: { status: sucess } }",
        "6: notifiers[0].when.status: \"sucess\" is not the end of a deployment here; did you "
        "mean \"success\"? (there are: success, failed, cancelled)");
    CHECK(problem("server: { secret: abcdef }\nrepository: { url: /srv/a }\n"
                  "environments: { staging: }\nservices: [ { id: a, executor: invoke } ]\n") ==
          "iac-runner.yaml:4: services[0].executor: \"invoke\" is not an executor here (there are "
          "none)");
}

TEST_CASE("dependencies have to exist and may not go in a circle", "[problems]") {
    const auto services = [](const std::string& lines) { return "services:\n" + lines; };
    checkMore(services("  - { id: a/b, executor: invoke, depends_on: [a/x] }\n"
                       "  - { id: a/c, executor: invoke }"),
              "6: services[0].depends_on: \"a/x\" is not a service here; did you mean \"a/b\"? "
              "(there are: a/b, a/c)");
    checkMore(services("  - { id: a, executor: invoke, depends_on: [a] }"),
              "6: services[0].depends_on: goes in a circle: a -> a");
    checkMore(services("  - { id: a, executor: invoke, depends_on: [b] }\n"
                       "  - { id: b, executor: invoke, depends_on: [c] }\n"
                       "  - { id: c, executor: invoke, depends_on: [a] }\n"
                       "  - { id: d, executor: invoke, depends_on: [a] }"),
              "6: services[0].depends_on: goes in a circle: a -> b -> c -> a");
    checkMore(services("  - { discover: \"p/{name}/x\", id: \"p/{name}\", executor: invoke, "
                       "depends_on: [edge] }\n"
                       "  - { id: edge, executor: invoke, depends_on: [p/q] }"),
              "6: services[0].depends_on: goes in a circle: p/{name} -> edge -> p/{name}");
}

TEST_CASE("a dependency may be a service that is found later", "[problems]") {
    CHECK(problem(kBase + "services:\n"
                          "  - { discover: \"p/{order}.{name}/x\", id: \"p/{name}\", executor: "
                          "invoke, depends_on: [p/base] }\n"
                          "  - { id: edge, executor: invoke, depends_on: [p/q] }\n")
              .empty());
    checkMore(
        "services:\n  - { discover: \"p/{name}/x\", id: \"p/{name}\", executor: invoke }\n"
        "  - { id: edge, executor: invoke, depends_on: [p/q/r] }",
        "7: services[1].depends_on: \"p/q/r\" is not a service here (there are: p/{name}, "
        "edge)");
}

TEST_CASE("the services that a rule finds have to be told apart", "[problems]") {
    checkMore("services:\n  - { discover: \"p/{order}/x\", id: \"p/{order}\", executor: invoke }",
              "6: services[0].discover: \"p/{order}/x\" has no {name}, so the services it finds "
              "could not be told apart");
    checkMore("services:\n  - { discover: \"p/{name}/x\", id: \"p\", executor: invoke }",
              "6: services[0].id: \"p\" has no {name}, so all services it finds would have one id");
    checkMore(
        "services:\n  - { discover: \"p/{name}/x\", id: \"{team}/{name}\", executor: invoke }",
        "6: services[0].id: {team} is not in discover (there are: name)");
    checkMore("services:\n  - { id: \"p/{name}\", executor: invoke }",
              "6: services[0].id: \"p/{name}\" has a placeholder, but there is no \"discover\" to "
              "fill it: write the name of one service");
    for (const auto* path : {"/p/{name}", "../{name}", "p/../{name}", "p//{name}", "p/{name}/"})
        checkMore(std::string("services:\n  - { discover: \"") + path +
                      "\", id: \"p/{name}\", executor: invoke }",
                  std::string("6: services[0].discover: \"") + path +
                      "\" is not a path in the repository such as "
                      "\"platform/{order}.{name}/deploy.py\"");
}

TEST_CASE("names are given once and can be shown", "[problems]") {
    checkMore("services:\n  - { id: a, executor: invoke }\n  - { id: a, executor: invoke }",
              "7: services[1].id: \"a\" is a service already, see iac-runner.yaml:6: services[0]");
    for (const auto* id : {"/a", "a/", "../a", "a//b", "-a", "a b"})
        checkMore(std::string("services:\n  - { id: \"") + id + "\", executor: invoke }",
                  std::string("6: services[0].id: \"") + id +
                      "\" is not the name of a service such as platform/postgres");
    checkMore("notifiers:\n  - { plugin: iac.log, name: a }\n  - { plugin: iac.log, name: a }",
              "7: notifiers[1].name: \"a\" is the name of an earlier entry too");
    checkMore(
        "triggers: { \"a b\": { plugin: iac.github } }",
        "5: triggers[\"a b\"]: is no name: letters, digits and . _ - only, at most 64, and no "
        ". or - first");
    checkMore("triggers: { a: { plugin: GitHub } }",
              "5: triggers.a.plugin: \"GitHub\" is not the id of a plugin such as iac.invoke");
    CHECK(problem("server: { secret: abcdef }\nrepository: { url: /srv/a }\n"
                  "environments: { staging: { variables: { \"A B\": c } } }\n") ==
          "iac-runner.yaml:3: environments.staging.variables[\"A B\"]: is no name of a variable: "
          "letters, digits and _ only, and no digit first");
}

TEST_CASE("what is planned and not there yet says what to do instead", "[problems]") {
    checkServer("{ secret: abcdef, tls: { certificate: a, key: b } }",
                "1: server.tls: this version does not speak TLS itself: let it listen on 127.0.0.1 "
                "and put a reverse proxy such as nginx, Caddy or Traefik before it");
}

TEST_CASE("a freeze, a gate and a reconcile that make no sense are refused", "[problems]") {
    const auto check = [](const std::string& environment, const std::string& sentence) {
        CHECK(problem("server: { secret: abcdef }\nrepository: { url: /srv/a }\n"
                      "environments: { staging: " +
                      environment + " }\n") == "iac-runner.yaml:" + sentence);
    };
    check(
        "{ freeze: [ { cron: \"0 25 * * *\", for: 1h, reason: r } ] }",
        "3: environments.staging.freeze[0].cron: has an hour that is not understood: \"25\" (0 to "
        "23)");
    check("{ freeze: [ { cron: \"0 1 * * *\", for: 32d, reason: r } ] }",
          "3: environments.staging.freeze[0].for: is longer than 31 days: place a hold instead");
    check("{ require: { succeeded_in: stage } }",
          "3: environments.staging.require.succeeded_in: \"stage\" is not an environment here "
          "(there are: staging)");
    checkMore("reconcile: { interval: 1h, environments: [prod] }",
              "5: reconcile.environments: \"prod\" is not an environment here (there are: staging, "
              "production)");
}

TEST_CASE("everything that is wrong is told at once, in the order of the file", "[problems]") {
    CHECK(problem("server:\n"
                  "  listen: nowhere\n"
                  "  limits: { body: 1 }\n"
                  "services:\n"
                  "  - { id: a, executor: b }\n"
                  "engine: { deadline: never }\n"
                  "repository: { url: \"${IAC_TEST_NOT_SET}\" }\n"
                  "environments: { staging: }\n") ==
          "iac-runner.yaml:1: server.secret: is missing: it signs the API requests that no trigger "
          "answers\n"
          "iac-runner.yaml:2: server.listen: \"nowhere\" is not an address and a port such as "
          "127.0.0.1:8080 or \"[::1]:8080\"\n"
          "iac-runner.yaml:3: server.limits.body: expected a size such as 512KiB, 25MiB or 1GiB, "
          "found the number 1\n"
          "iac-runner.yaml:5: services[0].executor: \"b\" is not an executor here (there are "
          "none)\n"
          "iac-runner.yaml:6: engine.deadline: \"never\" is not a duration such as 30s, 10m or "
          "1h30m\n"
          "iac-runner.yaml:7: repository.url: the secret IAC_TEST_NOT_SET is not in the process "
          "environment");
}

TEST_CASE("after fifty findings the rest is counted", "[problems]") {
    std::string services = "services:\n";
    for (int i = 0; i < 60; ++i) services += "  - { executor: invoke }\n";
    const auto told = problem(kBase + services);
    CHECK(std::count(told.begin(), told.end(), '\n') == 50);
    CHECK(told.substr(told.rfind('\n') + 1) == "iac-runner.yaml: and 10 more findings");
}
