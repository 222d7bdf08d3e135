#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace iac;
using namespace iac::config;

namespace {

// As a team writes it.
const std::string kWhole = R"(
server:
  listen: 127.0.0.1:8080
  secret: ${WEBHOOK_SECRET}

data: ./data
plugins: [ /usr/lib/iac-runner/plugins ]

secrets:
  - file: ./secrets.env
  - environment: {}

repository:
  url: ${GIT_REPO_URL}
  branch: main

environments:
  staging: { variables: { DEPLOY_ENV: staging, MODE: 0644, DEBUG: true } }
  production: { variables: { DEPLOY_ENV: production } }

services:
  - discover: "platform/{order}.{name}/deploy.py"
    id: "platform/{name}"
    executor: invoke
    with: { task: "{name}.sync" }
  - id: edge/traefik
    executor: dokploy
    with: { project: edge, compose: traefik, file: edge/traefik/compose.yaml }
    depends_on: [platform/postgres]
    secrets: [TRAEFIK_TOKEN]
    environments: [production]

triggers:
  github: { plugin: iac.github, environment: staging, with: { secret: "${WEBHOOK_SECRET}" } }
  manual: { plugin: iac.manual, with: { secret: "${WEBHOOK_SECRET}", wait: 60 } }

mappers:
  - plugin: iac.path-rules
    with:
      rules:
        - { path: "bootstrap/**", skip: "deployed by hand" }

executors:
  invoke: { plugin: iac.invoke, timeout: 15m, grace: 0s, retries: 2, memory: 2GiB }
  dokploy: { plugin: iac.dokploy, with: { url: "https://cloud.example.com/api", api_key: "${DOKPLOY_API_KEY}" } }

notifiers:
  - plugin: iac.slack
    when: { environment: [production], status: [failed, success] }
    with: { webhook_url: "${SLACK_WEBHOOK_URL}" }
  - plugin: iac.slack
    when: { environment: staging, status: failed }
)";

}  // namespace

TEST_CASE("a whole configuration becomes settings", "[load]") {
    const Folder folder;
    folder.write("secrets.env",
                 "WEBHOOK_SECRET=from-the-file\nDOKPLOY_API_KEY='key-key'\nUNUSED=unused-value\n");
    const Variable url("GIT_REPO_URL", "https://git.example.com/infrastructure.git");
    const Variable slack("SLACK_WEBHOOK_URL", "https://hooks.example.com/T/B/X");
    const Variable token("TRAEFIK_TOKEN", "traefik-token");
    const Variable shadowed("WEBHOOK_SECRET", "from-the-environment");
    const auto settings = loadText(folder, kWhole);

    CHECK(settings.file == folder.path() / "iac-runner.yaml");
    CHECK(settings.data == folder.path() / "data");
    REQUIRE(settings.plugin_folders.size() == 1);
    CHECK(settings.plugin_folders[0] == "/usr/lib/iac-runner/plugins");
    CHECK(settings.server.host == "127.0.0.1");
    CHECK(settings.server.port == 8080);
    REQUIRE(settings.server.secrets.size() == 1);
    CHECK(settings.server.secrets[0].reveal() == "from-the-file");
    CHECK(settings.server.replay_protection_required);
    CHECK(settings.repository.url == "https://git.example.com/infrastructure.git");

    SECTION("with its environments, their variables as they were written") {
        REQUIRE(settings.environment("staging"));
        CHECK(settings.environment("staging")->variables ==
              std::map<std::string, std::string>{
                  {"DEPLOY_ENV", "staging"}, {"MODE", "0644"}, {"DEBUG", "true"}});
        CHECK(settings.environment("elsewhere") == nullptr);
    }
    SECTION("with its services in the order of the file") {
        REQUIRE(settings.services.size() == 2);
        const auto& found = settings.services[0];
        CHECK(found.discover == "platform/{order}.{name}/deploy.py");
        CHECK(found.id == "platform/{name}");
        CHECK(found.with->getValue<std::string>("task") == "{name}.sync");
        const auto& listed = settings.services[1];
        CHECK(listed.discover.empty());
        CHECK(listed.executor == "dokploy");
        CHECK(listed.depends_on == std::vector<std::string>{"platform/postgres"});
        CHECK(listed.secrets == std::vector<std::string>{"TRAEFIK_TOKEN"});
        CHECK(listed.environments == std::vector<std::string>{"production"});
        CHECK(listed.place == (folder.path() / "iac-runner.yaml").string() + ":26: services[1]");
    }
    SECTION("with its plugins, secrets put in") {
        REQUIRE(settings.triggers.size() == 2);
        CHECK(settings.triggers[0].name == "github");
        CHECK(settings.triggers[0].environment == "staging");
        CHECK(settings.triggers[0].with->getValue<std::string>("secret") == "from-the-file");
        CHECK(settings.triggers[1].with->getValue<int>("wait") == 60);
        CHECK(settings.triggers[1].environment.empty());
        REQUIRE(settings.mappers.size() == 1);
        CHECK(settings.mappers[0].name == "iac.path-rules");
        const auto* invoke = settings.executor("invoke");
        REQUIRE(invoke);
        CHECK(invoke->timeout == Duration(900'000));
        CHECK(invoke->grace == Duration(0));
        CHECK(invoke->retries == 2);
        CHECK(invoke->memory == 2ull << 30);
        CHECK(invoke->with->size() == 0);
    }
    SECTION("with notifiers that can be told apart") {
        REQUIRE(settings.notifiers.size() == 2);
        CHECK(settings.notifiers[0].name == "iac.slack");
        CHECK(settings.notifiers[1].name == "iac.slack-2");
        CHECK(settings.notifiers[0].states == std::vector<std::string>{"failed", "success"});
        CHECK(settings.notifiers[1].environments == std::vector<std::string>{"staging"});
        CHECK(settings.notifiers[1].states == std::vector<std::string>{"failed"});
    }
    SECTION("and every secret that is to be masked") {
        std::map<std::string, std::string> known;
        for (const auto& [name, secret] : settings.secrets) known[name] = secret.reveal();
        CHECK(known["WEBHOOK_SECRET"] == "from-the-file");
        CHECK(known["UNUSED"] == "unused-value");
        CHECK(known["TRAEFIK_TOKEN"] == "traefik-token");
        CHECK(known["SLACK_WEBHOOK_URL"] == "https://hooks.example.com/T/B/X");
        CHECK(known.count("HOME") == 0);
    }
}

TEST_CASE("what may be left out has its default", "[load]") {
    const Folder folder;
    const auto settings = loadText(folder, kBase);
    CHECK(settings.server.host == "127.0.0.1");
    CHECK(settings.server.port == 8080);
    CHECK(settings.server.limits.webhook_body == 25u << 20);
    CHECK(settings.data == folder.path() / "data");
    CHECK(settings.repository.branch == "main");
    CHECK(settings.repository.timeout == Duration(300'000));
    CHECK(settings.plugin_folders.empty());
    CHECK(settings.services.empty());
    CHECK(settings.engine.on_failure == OnFailure::proceed);
    CHECK(settings.engine.on_interrupt == OnInterrupt::rerun);
    CHECK(settings.executor("invoke")->timeout == Duration(600'000));
    CHECK(settings.executor("invoke")->memory == 0);
    CHECK(settings.environments.size() == 2);
}

TEST_CASE("sections that hold nothing yet may stand empty", "[load]") {
    CHECK(
        problem(kBase + "plugins:\nsecrets:\nservices:\ntriggers:\nmappers:\nnotifiers:\nengine:\n")
            .empty());
}

TEST_CASE("a secret written into the file is masked too", "[load]") {
    const Folder folder;
    const auto settings = loadText(folder, kBase);
    REQUIRE(settings.secrets.size() == 1);
    CHECK(settings.secrets.begin()->second.reveal() == "a-secret-of-the-test");
}

TEST_CASE("the server and the engine are what the file says", "[load]") {
    const Folder folder;
    const auto settings = loadText(folder, R"(
server:
  listen: "[::1]:0"
  secret: [ new-secret, old-secret ]
  replay_protection: optional
  public_url: https://deploy.example.com/
  compatibility: { deployment_id: string, bad_signature: 403 }
  limits: { body: 2MiB, request: 30s, connections: 8, waiting_callers: 0 }
repository: { url: ./infrastructure, branch: release/1.x, timeout: 90s, fsck: strict }
environments: { staging: {} }
engine: { on_failure: stop, on_interrupt: fail, steps_at_once: 3, stop_grace: 0s, deadline: 1h30m, umask: "0027" }
)");
    CHECK(settings.server.host == "::1");
    CHECK(settings.server.port == 0);
    REQUIRE(settings.server.secrets.size() == 2);
    CHECK(settings.server.secrets[1].reveal() == "old-secret");
    CHECK_FALSE(settings.server.replay_protection_required);
    CHECK(settings.server.public_url == "https://deploy.example.com");
    CHECK(settings.server.compatibility.text_ids);
    CHECK(settings.server.compatibility.bad_signature == 403);
    CHECK(settings.server.limits.body == 2u << 20);
    CHECK(settings.server.limits.request == Duration(30'000));
    CHECK(settings.server.limits.connections == 8);
    CHECK(settings.server.limits.waiting_callers == 0);
    CHECK(settings.repository.url == (folder.path() / "infrastructure").string());
    CHECK(settings.repository.branch == "release/1.x");
    CHECK(settings.repository.timeout == Duration(90'000));
    CHECK(settings.repository.strict_fsck);
    CHECK(settings.engine.on_failure == OnFailure::stop);
    CHECK(settings.engine.on_interrupt == OnInterrupt::fail);
    CHECK(settings.engine.steps_at_once == 3);
    CHECK(settings.engine.stop_grace == Duration(0));
    CHECK(settings.engine.deadline == Duration(5'400'000));
    CHECK(settings.engine.umask == 0027);
}

TEST_CASE("addresses that git knows are left as they are", "[load]") {
    const Folder folder;
    const auto url = [&](const std::string& text) {
        return loadText(folder, "server: { secret: abcdef }\nrepository: { url: \"" + text +
                                    "\" }\nenvironments: { staging: }\n")
            .repository.url;
    };
    for (const auto* same : {"https://github.com/a/b.git", "ssh://git@host:2222/a/b",
                             "git@github.com:a/b.git", "file:///srv/a", "/srv/a"})
        CHECK(url(same) == same);
    CHECK(url("../a") == (folder.path().parent_path() / "a").string());
    CHECK(url("a:b/c") == "a:b/c");
    CHECK(url("./a:b") == (folder.path() / "a:b").string());
}

TEST_CASE("secrets are read again without a look at the file", "[load]") {
    const Folder folder;
    const std::string text = kBase + "secrets: [ { file: ./a.env } ]\n" +
                             "triggers: { github: { plugin: iac.github, environment: staging,"
                             " with: { secret: \"${HOOK}\" } } }\n";
    folder.write("a.env", "HOOK=the-first\n");
    const auto before = loadText(folder, text);
    folder.write("a.env", "HOOK=the-second\n");
    // Somebody is in the middle of a change.
    folder.write("iac-runner.yaml", "server: {");
    const auto after = withSecretsReadAgain(before);
    CHECK(before.triggers.at(0).with->getValue<std::string>("secret") == "the-first");
    CHECK(after.triggers.at(0).with->getValue<std::string>("secret") == "the-second");
    CHECK(after.file == before.file);
    CHECK(after.origins.file == before.origins.file);
    SECTION("and what is missing now is a finding in the file that is in use") {
        folder.write("a.env", "OTHER=1\n");
        CHECK_THROWS_WITH(withSecretsReadAgain(after),
                          Catch::Contains("iac-runner.yaml:6: triggers.github.with.secret: ") &&
                              Catch::Contains("HOOK is not in "));
    }
}

TEST_CASE("what a running daemon cannot take over is said", "[load]") {
    const Folder folder;
    const auto load = [&](const std::string& more) { return loadText(folder, kBase + more); };
    const auto running = load("");
    CHECK(whyRestart(running, load("reconcile: { interval: 1h }\n")).empty());
    CHECK(whyRestart(running, load("data: ./elsewhere\n")) ==
          "data cannot change while the runner runs: restart it");
    auto next = running;
    next.server.port = 8081;
    CHECK(whyRestart(running, next) ==
          "server.listen cannot change while the runner runs: restart it");
    next = running;
    next.server.limits.body = 5;
    CHECK(whyRestart(running, next) ==
          "server.limits cannot change while the runner runs: restart it");
    next = running;
    next.server.trusted_proxies = {*Network::parse("10.0.0.0/8")};
    CHECK(whyRestart(running, next) ==
          "server.trusted_proxies cannot change while the runner runs: restart it");
    next = running;
    next.repository.branch = "next";
    CHECK(whyRestart(running, next) ==
          "repository cannot change while the runner runs: restart it");
    auto with = running;
    with.repository.url = "https://ada:token-1@example.com/infrastructure.git";
    next = with;
    next.repository.url = "https://ada:token-2@example.com/infrastructure.git";
    CHECK(whyRestart(with, next).empty());
    next.repository.url = "https://ada:token-2@example.org/infrastructure.git";
    CHECK_FALSE(whyRestart(with, next).empty());
    next = running;
    next.repository.username = "ci";
    next.repository.password = iac::Secret("token-3");
    CHECK(whyRestart(running, next).empty());
    next.repository.limits.files = 7;
    CHECK_FALSE(whyRestart(running, next).empty());
    next = running;
    next.server.secrets.emplace_back("another");
    CHECK(whyRestart(running, next).empty());
}

TEST_CASE("an executor takes what it does not say of user and limits from the engine", "[load]") {
    const Folder folder;
    const auto settings = load(folder.write("iac-runner.yaml", R"(
server: { secret: s }
repository: { url: /srv/x }
environments: { staging: {} }
executors:
  plain: { plugin: iac.command }
  own: { plugin: iac.command, user: deploy, limits: { pids: 7, cpu: 50% } }
engine: { step_user: steps, step_limits: { memory: 1GiB, pids: 100 }, cgroup: groups }
)"));
    const auto* plain = settings.executor("plain");
    CHECK(plain->user == "steps");
    CHECK(plain->limits == CgroupLimits{1u << 30, 100, 0});
    const auto* own = settings.executor("own");
    CHECK(own->user == "deploy");
    CHECK(own->limits == CgroupLimits{1u << 30, 7, 50});
    CHECK(settings.engine.cgroup == folder.path() / "groups");
}
