#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace iac::config;

namespace {

std::string withSecrets(const std::string& secrets, const std::string& secret = "${IAC_TEST_KEY}") {
    return "server: { secret: \"" + secret + "\" }\n" + "secrets:\n" + secrets +
           "repository: { url: /srv/a }\nenvironments: { staging: }\n";
}

std::string secretOf(const Folder& folder, const std::string& text) {
    return loadText(folder, text).server.secrets.at(0).reveal();
}

}  // namespace

TEST_CASE("the first place that has a name provides it", "[secrets]") {
    const Folder folder;
    const Variable variable("IAC_TEST_KEY", "of-the-environment");
    folder.write("one.env", "OTHER=1\n");
    folder.write("two.env", "IAC_TEST_KEY=of-the-file\n");
    CHECK(secretOf(folder, withSecrets("  - file: one.env\n  - file: two.env\n"
                                       "  - environment: {}\n")) == "of-the-file");
    CHECK(secretOf(folder, withSecrets("  - environment: {}\n  - file: two.env\n")) ==
          "of-the-environment");
    CHECK(secretOf(folder, withSecrets("  - file: one.env\n  - environment:\n")) ==
          "of-the-environment");
}

TEST_CASE("a name that nothing provides says where it was looked for", "[secrets]") {
    const Folder folder;
    folder.write("one.env", "OTHER=1\n");
    CHECK(problem(folder, withSecrets("  - file: one.env\n  - environment: {}\n")) ==
          "iac-runner.yaml:1: server.secret: the secret IAC_TEST_KEY is not in one.env, nor in the "
          "process environment");
    CHECK(problem(folder, withSecrets("  - environment: {}\n", "${IAC_A}-${IAC_B}")) ==
          "iac-runner.yaml:1: server.secret: the secret IAC_A is not in the process environment; "
          "the secret IAC_B is not in the process environment");
    CHECK(problem(folder,
                  "server: { secret: \"${IAC_A}\" }\nsecrets: []\n"
                  "repository: { url: /srv/a }\nenvironments: { staging: }\n") ==
          "iac-runner.yaml:1: server.secret: the secret IAC_A is not in any place of secrets, for "
          "none is listed");
}

TEST_CASE("the environment is not asked when it is not listed, and that is said", "[secrets]") {
    const Folder folder;
    const Variable variable("IAC_TEST_KEY", "of-the-environment");
    folder.write("one.env", "OTHER=1\n");
    CHECK(
        problem(folder, withSecrets("  - file: one.env\n")) ==
        "iac-runner.yaml:1: server.secret: the secret IAC_TEST_KEY is not in one.env; the process "
        "environment has it: add \"- environment: {}\" to secrets");
}

TEST_CASE("a value that a template could not fill counts as missing", "[secrets]") {
    const Folder folder;
    folder.write("one.env", "IAC_TEST_KEY=<no value>\n");
    CHECK(problem(folder, withSecrets("  - file: one.env\n  - environment: {}\n")) ==
          "iac-runner.yaml:1: server.secret: the secret IAC_TEST_KEY is not in one.env, nor in the "
          "process environment; one.env says \"<no value>\": its template has no such key");
    const Variable variable("IAC_TEST_KEY", "of-the-environment");
    CHECK(secretOf(folder, withSecrets("  - file: one.env\n  - environment: {}\n")) ==
          "of-the-environment");
}

TEST_CASE("a secret file that cannot be read is one finding, not one for each name", "[secrets]") {
    const Folder folder;
    CHECK(
        problem(folder, withSecrets("  - file: none.env\n  - environment: {}\n")) ==
        "iac-runner.yaml:3: secrets[0].file: none.env: cannot be read: No such file or directory");
    folder.write("bad.env", "A=1\nhunter2\n");
    CHECK(problem(folder, withSecrets("  - file: bad.env\n")) ==
          "iac-runner.yaml:3: secrets[0].file: bad.env: line 2 is not KEY=value");
    std::filesystem::create_directory(folder.path() / "folder");
    CHECK(problem(folder, withSecrets("  - file: ./folder\n")) ==
          "iac-runner.yaml:3: secrets[0].file: folder: is a folder, not a file");
}

TEST_CASE("an optional secret file may be absent, a broken one may not be broken", "[secrets]") {
    const Folder folder;
    const Variable variable("IAC_TEST_KEY", "of-the-environment");
    const std::string entry = "  - { file: some.env, optional: true }\n";
    CHECK(secretOf(folder, withSecrets(entry + "  - environment: {}\n")) == "of-the-environment");
    CHECK(problem(folder, withSecrets(entry, "${IAC_A}")) ==
          "iac-runner.yaml:1: server.secret: the secret IAC_A is not in some.env (which does not "
          "exist)");
    folder.write("some.env", "hunter2\n");
    CHECK(problem(folder, withSecrets(entry + "  - environment: {}\n")) ==
          "iac-runner.yaml:3: secrets[0].file: some.env: line 1 is not KEY=value");
}

TEST_CASE("the place of a secret file may be in the environment", "[secrets]") {
    const Folder folder;
    folder.write("one.env", "IAC_TEST_KEY=of-the-file\n");
    const Variable variable("IAC_TEST_PLACE", folder.path().string());
    CHECK(secretOf(folder, withSecrets("  - file: ${IAC_TEST_PLACE}/one.env\n")) == "of-the-file");
    CHECK(problem(folder, withSecrets("  - file: ${IAC_TEST_NOWHERE}/one.env\n")) ==
          "iac-runner.yaml:3: secrets[0].file: the secret IAC_TEST_NOWHERE is not in the process "
          "environment");
}

TEST_CASE("an entry of secrets that makes no sense is one finding", "[secrets]") {
    CHECK(problem(withSecrets("  - vault: { address: a, path: b, token_env: C }\n")) ==
          "iac-runner.yaml:3: secrets[0].vault: this version does not read Vault itself: let a "
          "Vault Agent render a file of KEY=value lines (best on a tmpfs) and name it here with "
          "\"file:\"");
    CHECK(problem(withSecrets("  - fil: a\n")) ==
          "iac-runner.yaml:3: secrets[0].fil: there is no such key; did you mean \"file\"? (known: "
          "file, optional, environment)");
    CHECK(problem(withSecrets("  - {}\n")) ==
          "iac-runner.yaml:3: secrets[0]: is empty: expected a source: file or environment");
    CHECK(problem(withSecrets("  - a.env\n")) ==
          "iac-runner.yaml:3: secrets[0]: expected a source: file or environment, found the text "
          "\"a.env\"");
    const Folder folder;
    folder.write("a.env", "IAC_TEST_KEY=abcdef\n");
    CHECK(problem(folder, withSecrets("  - { file: a.env, environment: {} }\n"))
              .find("iac-runner.yaml:3: secrets[0]: names a file and the environment: make two "
                    "entries of "
                    "it") != std::string::npos);
}

TEST_CASE("$${ is the text ${, and what is no name is refused", "[secrets]") {
    const Folder folder;
    const Variable variable("IAC_TEST_KEY", "value");
    const std::string environment = "  - environment: {}\n";
    CHECK(secretOf(folder, withSecrets(environment, "a${IAC_TEST_KEY}b${IAC_TEST_KEY}")) ==
          "avaluebvalue");
    CHECK(secretOf(folder, withSecrets(environment, "$${IAC_TEST_KEY}")) == "${IAC_TEST_KEY}");
    CHECK(secretOf(folder, withSecrets(environment, "$a $1 {b} $")) == "$a $1 {b} $");
    for (const auto* text : {"${", "${}", "${A", "${A-B}", "${A:-b}", "${{a}}", "${1}"})
        CHECK(problem(folder, withSecrets(environment, text)) ==
              "iac-runner.yaml:1: server.secret: \"${\" is not followed by a NAME and \"}\": write "
              "$${ where the text ${ is meant");
}

TEST_CASE("what a secret holds is not expanded again", "[secrets]") {
    const Folder folder;
    const Variable variable("IAC_TEST_KEY", "${HOME} and $${HOME}");
    CHECK(secretOf(folder, withSecrets("  - environment: {}\n")) == "${HOME} and $${HOME}");
}

TEST_CASE("a secret that a service asks for has to be there at the start", "[secrets]") {
    const Folder folder;
    const std::string service =
        "services:\n  - { id: a, executor: invoke, secrets: [IAC_TEST_KEY, IAC_TEST_OTHER] }\n";
    const Variable variable("IAC_TEST_KEY", "value-of-the-key");
    CHECK(problem(folder, kBase + service) ==
          "iac-runner.yaml:6: services[0].secrets[1]: the secret IAC_TEST_OTHER is not in the "
          "process environment");
    const Variable other("IAC_TEST_OTHER", "value-of-the-other");
    CHECK(loadText(folder, kBase + service).secrets.at("IAC_TEST_OTHER").reveal() ==
          "value-of-the-other");
}

TEST_CASE("no sentence shows the value of a secret", "[secrets]") {
    const Folder folder;
    const Variable variable("IAC_TEST_KEY", "hunter2-and-more");
    const std::string key = "\"${IAC_TEST_KEY}\"";
    for (const auto& more :
         {"services: [ { id: a, executor: " + key + " } ]",
          "services: [ { id: " + key + ", executor: invoke, depends_on: [" + key + "] } ]",
          "engine: { deadline: " + key + ", on_failure: " + key + ", steps_at_once: " + key + " }",
          "triggers: { a: { plugin: " + key + ", environment: " + key + " } }",
          "notifiers: [ { plugin: iac.log, when: { status: [" + key + "] } } ]"}) {
        const auto told = problem(folder, kBase + more + "\n");
        CHECK_FALSE(told.empty());
        CHECK(told.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("a password may not be written into the repository's address", "[secrets]") {
    const auto repository = [](const std::string& url) {
        return "server: { secret: abcdef }\nrepository: { url: \"" + url +
               "\" }\nenvironments: { staging: }\n";
    };
    const Folder folder;
    const auto told = problem(folder, repository("https://ci:hunter2@example.com/a.git"));
    CHECK(told ==
          "iac-runner.yaml:2: repository.url: has a password in it: leave it out, and set "
          "repository.username and repository.password, or give the runner's user an ssh key");

    SECTION("but it may come from a secret, and is masked then") {
        const Variable token("IAC_TEST_TOKEN", "hunter2");
        const auto part =
            loadText(folder, repository("https://ci:${IAC_TEST_TOKEN}@example.com/a"));
        CHECK(part.repository.url == "https://ci:hunter2@example.com/a");
        CHECK(part.secrets.at("IAC_TEST_TOKEN").reveal() == "hunter2");
        const Variable url("IAC_TEST_URL", "https://ci:hunter3@example.com/a");
        const auto whole = loadText(folder, repository("${IAC_TEST_URL}"));
        CHECK(whole.secrets.at("repository.url").reveal() == "hunter3");
    }
    SECTION("a name without a password is no secret") {
        CHECK(problem(folder, repository("https://ci@example.com/a.git")).empty());
        CHECK(problem(folder, repository("ssh://git@example.com:22/a.git")).empty());
    }
}

TEST_CASE("a login that cannot be told from the rest of the address is refused", "[secrets]") {
    const auto repository = [](const std::string& url) {
        return "server: { secret: abcdef }\nrepository: { url: \"" + url +
               "\" }\nenvironments: { staging: }\n";
    };
    const Folder folder;
    const std::string token =
        GENERATE("to%41ken", "to/ken", "12/34", "%", "a/", "ghp%2Fx", "x@y/z");
    CAPTURE(token);
    const Variable variable("IAC_TEST_TOKEN", token);
    const std::string refused =
        "iac-runner.yaml:2: repository.url: has a \"/\" or \"%\" in its user or password, which "
        "cannot "
        "be told from the rest of the address: leave both out, and set repository.username and "
        "repository.password";
    for (const auto* url :
         {"https://ci:${IAC_TEST_TOKEN}@example.com/a", "https://${IAC_TEST_TOKEN}@example.com/a",
          "https://${IAC_TEST_TOKEN}:${IAC_TEST_TOKEN}@example.com:8443/a/b@c"})
        CHECK(problem(folder, repository(url)) == refused);
}

TEST_CASE("an address that is a secret is judged as far as its login can be found", "[secrets]") {
    const Folder folder;
    const auto told = [&](const std::string& url) {
        const Variable variable("IAC_TEST_URL", url);
        return problem(folder,
                       "server: { secret: abcdef }\nrepository: { url: \"${IAC_TEST_URL}\" "
                       "}\nenvironments: { staging: }\n");
    };
    CHECK_THAT(told("https://ci:to%41ken@example.com/a"), Catch::Contains("repository.password"));
    CHECK_THAT(told("https://ci:to/ken@example.com/a"), Catch::Contains("repository.password"));
    CHECK_THAT(told("https://ci:to/ken@example.com/a"), !Catch::Contains("ken@"));
    for (const auto* url : {"https://ci:token@example.com/a%20b", "https://example.com/x@y.git",
                            "https://[::1]:80/x.git", "https://ci:t@k@example.com:80/a",
                            "git@host:team/a%b.git", "ssh://git@host/a%b", "/srv/100%"})
        CHECK(told(url).empty());
}

TEST_CASE("repository.password logs in at an https address, and is a secret", "[secrets]") {
    const Folder folder;
    const auto text = [](const std::string& repository) {
        return "server: { secret: abcdef }\nrepository: { " + repository +
               " }\nenvironments: { staging: }\n";
    };
    const Variable token("IAC_TEST_TOKEN", "to%41/k@n:");
    const auto settings =
        loadText(folder, text("url: https://example.com/a, password: \"${IAC_TEST_TOKEN}\""));
    CHECK(settings.repository.username == "git");
    CHECK(settings.repository.password.reveal() == "to%41/k@n:");
    CHECK(settings.secrets.at("repository.password").reveal() == "to%41/k@n:");
    CHECK(loadText(folder, text("url: https://example.com/a, username: ci, password: "
                                "\"${IAC_TEST_TOKEN}\""))
              .repository.username == "ci");
    const auto told = [&](const std::string& repository) {
        return problem(folder, text(repository));
    };
    const std::string password = ", password: \"${IAC_TEST_TOKEN}\"";
    CHECK(told("url: https://example.com/a, password: hunter22") ==
          "iac-runner.yaml:2: repository.password: is written into the file: write ${NAME} in its "
          "place and provide NAME as a secret");
    CHECK(told("url: https://example.com/a, username: ci") ==
          "iac-runner.yaml:2: repository.username: is of no use without repository.password");
    for (const auto* url :
         {"/srv/a", "git@example.com:a.git", "ssh://git@example.com/a", "file:///a"})
        CHECK_THAT(told("url: \"" + std::string(url) + "\"" + password),
                   Catch::Contains("2: repository.password: is for an https address"));
    CHECK_THAT(told("url: https://ada@example.com/a" + password),
               Catch::Contains("2: repository.url: has a user in it"));
    CHECK_THAT(told("url: https://example.com/a, username: \"a:b\"" + password),
               Catch::Contains("without \":\""));
    CHECK_THAT(told("url: https://example.com/a, password: \"\""),
               Catch::Contains("repository.password: is empty"));
}
