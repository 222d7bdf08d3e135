// `iac-runner plugins ...`, as it is typed.
#include <Poco/JSON/Parser.h>

#include <catch2/catch.hpp>

#include "base/process.hpp"
#include "fixtures/folder.hpp"

using namespace iac;
namespace fs = std::filesystem;

namespace {

struct End {
    int exit_code = 0;
    std::string out, err;

    Poco::JSON::Object::Ptr json() const {
        INFO(out << err);
        return Poco::JSON::Parser().parse(out).extract<Poco::JSON::Object::Ptr>();
    }
};

End runner(std::vector<std::string> arguments, const fs::path& directory) {
    arguments.insert(arguments.begin(), IAC_BUILD_DIR "/bin/iac-runner");
    // A crash in the middle leaves its temporary files there.
    const fixtures::Folder temporary;
    const std::vector<std::string> environment{"PATH=/usr/bin:/bin", "LANG=C.UTF-8",
                                               "TMPDIR=" + temporary.path().string()};
    End end;
    RunLimits limits;
    limits.timeout = Duration{120'000};
    limits.output = [&](int stream, std::string_view bytes) {
        (stream == 1 ? end.out : end.err) += bytes;
    };
    end.exit_code = run({arguments, environment, directory.string()}, {}, limits).exit.code;
    return end;
}

End plugins(std::vector<std::string> arguments, const fs::path& directory = "/") {
    arguments.insert(arguments.begin(), "plugins");
    return runner(std::move(arguments), directory);
}

// The first-party plugins in a folder that nobody else may write to, whatever the umask was.
struct PluginFolder {
    fixtures::Folder folder;
    PluginFolder() {
        for (const char* name : {"invoke", "github"}) {
            const auto file = folder / (std::string(name) + ".so");
            fs::copy_file(fs::path(IAC_BUILD_DIR) / "lib/iac-runner/plugins" / file.filename(),
                          file);
            fs::permissions(file, fs::perms::owner_all);
        }
    }
    std::string path() const { return folder.path(); }
};

}  // namespace

TEST_CASE("plugins list names every plugin, and every file that is refused with its reason",
          "[plugins]") {
    const PluginFolder folder;
    fixtures::writeFile(folder.folder / "broken.so", "no library at all");
    fs::permissions(folder.folder / "broken.so", fs::perms::owner_all);

    const End table = plugins({"list", "--folder", folder.path()});
    CHECK(table.exit_code == 0);
    CHECK_THAT(table.out, Catch::StartsWith("KIND") && Catch::Contains("iac.invoke") &&
                              Catch::Contains("broken.so is not a shared object"));
    const auto all = plugins({"list", "--json", "--folder", folder.path()}).json();
    CHECK(all->getArray("plugins")->size() == 2);
    CHECK(all->getArray("refused")->size() == 1);
}

TEST_CASE("plugins list looks where the configuration says, when it can be read", "[plugins]") {
    const PluginFolder folder;
    const fixtures::Folder place;
    const std::string begin = "server: { secret: \"a secret of the tests\" }\ndata: ./data\n";
    const std::string rest =
        "repository: { url: ./here }\nenvironments: { staging: {} }\nservices: []\n";
    fixtures::writeFile(place / "iac-runner.yaml",
                        begin + rest + "plugins: [ " + folder.path() + " ]\n");
    const End known = plugins({"list"}, place.path());
    INFO(known.err);
    CHECK(known.exit_code == 0);
    CHECK_THAT(known.out, Catch::Contains(folder.path()) && !Catch::Contains("iac.manual"));

    fixtures::writeFile(place / "iac-runner.yaml", "nonsense: true\n");
    const End unknown = plugins({"list", "--json"}, place.path());
    CHECK_THAT(unknown.err, Catch::Contains("cannot be read"));
    CHECK_THAT(unknown.out, !Catch::Contains(folder.path()));
}

TEST_CASE("a file that is refused stops the start when the configuration needs it, and only then",
          "[plugins]") {
    const PluginFolder folder;
    fixtures::writeFile(folder.folder / "helm.so", "no library at all");
    fs::permissions(folder.folder / "helm.so", fs::perms::owner_all);
    const fixtures::Folder place;
    const std::string common =
        "server: { listen: \"127.0.0.1:0\", secret: \"a secret of the tests\" }\ndata: ./data\n"
        "repository: { url: ./here }\nenvironments: { staging: {} }\nservices: []\nplugins: [ " +
        folder.path() + " ]\n";
    fixtures::writeFile(place / "iac-runner.yaml",
                        common + "executors: { helm: { plugin: acme.helm } }\n");
    for (const auto& start : {std::vector<std::string>{"serve"}, {"config", "check"}}) {
        const End needed = runner(start, place.path());
        CHECK(needed.exit_code != 0);
        CHECK_THAT(needed.err, Catch::Contains("acme.helm") &&
                                   Catch::Contains("helm.so is not a shared object"));
    }
    fixtures::writeFile(place / "iac-runner.yaml",
                        common + "executors: { tasks: { plugin: iac.invoke } }\n");
    const End unused = runner({"config", "check"}, place.path());
    INFO(unused.err);
    CHECK(unused.exit_code == 0);
}

TEST_CASE("plugins show makes a table of the settings from the schemas", "[plugins]") {
    const PluginFolder folder;
    const End executor = plugins({"show", "iac.invoke", "--folder", folder.path()});
    CHECK(executor.exit_code == 0);
    CHECK_THAT(executor.out, Catch::Contains("iac.invoke 1.0.0, executor"));
    CHECK_THAT(
        executor.out,
        Catch::Contains("program             string           \"invoke\"  The program, looked up"));
    CHECK_THAT(executor.out, Catch::Contains("Settings of each service"));
    CHECK_THAT(executor.out, Catch::Matches("[^]*task +string +required +The task[^]*"));

    const End trigger = plugins({"show", "iac.github", "--folder", folder.path()});
    CHECK_THAT(trigger.out, Catch::Contains("answers POST /webhook"));
    CHECK_THAT(trigger.out, Catch::Contains("(secret)"));
    const auto json = plugins({"show", "iac.github", "--json", "--folder", folder.path()}).json();
    CHECK(json->getObject("schema")->has("properties"));

    const End none = plugins({"show", "iac.none", "--folder", folder.path()});
    CHECK(none.exit_code == 2);
    CHECK_THAT(none.err, Catch::Contains("there is no plugin \"iac.none\"; there are:") &&
                             Catch::Contains("iac.invoke"));

    const fixtures::Folder place;
    fixtures::writeFile(place / "open.so", "anybody may write here");
    fs::permissions(place / "open.so", fs::perms::all);
    const End refused = plugins({"show", "acme.open", "--folder", place.path()});
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.err, Catch::Contains("there is none; refused: ") &&
                                Catch::Contains("can be changed by other users; run: chmod go-w "));
}

TEST_CASE("plugins check ends with 1 when a test fails, and speaks JSON", "[plugins]") {
    const std::string faulty = IAC_BUILD_DIR "/tests/sdk/plugins/second_symbol.so";
    const End table = plugins({"check", faulty});
    CHECK(table.exit_code == 1);
    CHECK_THAT(table.out, Catch::Contains("FAIL") && Catch::Contains("1 test failed"));
    const End one = plugins({"check", faulty, "--only", "cancel", "--json"});
    CHECK(one.exit_code == 0);
    CHECK(one.json()->getValue<bool>("good"));
    CHECK(one.json()->getArray("results")->getObject(0)->getValue<std::string>("test") == "cancel");
    CHECK(plugins({"check", faulty, "--only", "nothing"}).exit_code == 2);
    CHECK(plugins({"check", faulty, "--example", "/no/such/file"}).exit_code == 2);
}

TEST_CASE("plugins check --in-process names the test that a crash belongs to", "[plugins]") {
    const End end = plugins({"check", IAC_BUILD_DIR "/tests/sdk/plugins/faulty.so", "--in-process",
                             "--only", "missing-input"});
    CHECK(end.exit_code != 0);
    CHECK(end.out.empty());
    const auto last = end.err.rfind("now in this process: ");
    REQUIRE(last != end.err.npos);
    CHECK_THAT(end.err.substr(last),
               Catch::StartsWith("now in this process: missing-input of faulty.believes\n"));
}

TEST_CASE("plugins check --run makes one call for real, after the tests that pretend",
          "[plugins]") {
    const fixtures::Folder place;
    fixtures::writeFile(place / "tree/compose.yaml", "services: {}\n");
    fixtures::writeFile(place / "docker",
                        "#!/bin/sh\ncase \"$*\" in *' config '*) echo {}; exit;; esac\n"
                        "pwd >> calls\necho \" Container $IAC_SERVICE Started\"\n");
    fs::permissions(place / "docker", fs::perms::owner_all);
    fixtures::writeFile(place / "example.json",
                        R"({"with": {"program": ")" + (place / "docker").string() +
                            R"("}, "input": {"directory": ")" + (place / "tree").string() +
                            R"(", "with": {"file": "compose.yaml"}}})");
    std::vector<std::string> asked{"check", IAC_BUILD_DIR "/tests/sdk/plugins/docker_compose.so",
                                   "--example", (place / "example.json").string()};
    const auto calls = place / "tree/calls";
    CHECK(plugins(asked).exit_code == 0);
    CHECK_FALSE(fs::exists(calls));

    asked.emplace_back("--run");
    if (GENERATE(false, true)) asked.emplace_back("--in-process");
    const End end = plugins(asked);
    INFO(end.out << end.err);
    CHECK(end.exit_code == 0);
    CHECK_THAT(end.out, Catch::Matches(R"([^]*ok +run +it said \{"outcome":"changed"[^]*)"));
    CHECK_THAT(end.err, Catch::Contains("Container platform/example Started"));
    CHECK(fixtures::readFile(calls) == (place / "tree").string() + "\n");

    fixtures::writeFile(place / "docker", "#!/bin/sh\necho it is unhealthy >&2; exit 1\n");
    const End failed = plugins(asked);
    CHECK(failed.exit_code == 1);
    CHECK_THAT(failed.out, Catch::Contains("it ended with failed (docker compose for example ended "
                                           "with exit code 1: it is unhealthy)"));
}

TEST_CASE("plugins check --run wants to be told what to run", "[plugins]") {
    const End end =
        plugins({"check", IAC_BUILD_DIR "/tests/sdk/plugins/docker_compose.so", "--run"});
    CHECK(end.exit_code == 2);
    CHECK_THAT(end.err, Catch::Contains("give an example with \"input\""));
}

TEST_CASE("every first-party plugin passes its check", "[plugins]") {
    for (const auto& file :
         fs::directory_iterator(fs::path(IAC_BUILD_DIR) / "lib/iac-runner/plugins")) {
        if (file.path().extension() != ".so") continue;
        const End end = plugins({"check", file.path().string()});
        INFO(end.out << end.err);
        CHECK(end.exit_code == 0);
    }
}

TEST_CASE("plugins new writes a project of that name, and nothing over another", "[plugins]") {
    const fixtures::Folder place;
    const End end = plugins({"new", "executor", "acme.helm-upgrade"}, place.path());
    INFO(end.err);
    REQUIRE(end.exit_code == 0);
    const auto folder = place / "helm-upgrade";
    for (const char* name : {"helm-upgrade.cpp", "CMakeLists.txt", "example.yaml", "README.md"}) {
        const std::string text = fixtures::readFile(folder / name);
        CHECK_THAT(text, Catch::Contains("helm-upgrade") || Catch::Contains("acme.helm-upgrade"));
        CHECK_THAT(text, !Catch::Contains("@"));
    }
    CHECK_THAT(fixtures::readFile(folder / "helm-upgrade.cpp"),
               Catch::Contains("IAC_PLUGINS(HelmUpgrade)"));
    CHECK_THAT(fixtures::readFile(folder / "CMakeLists.txt"),
               Catch::Contains("iac-runner-plugin-acme-helm-upgrade"));
    CHECK(fs::exists(folder / "example.json"));
    CHECK(plugins({"new", "trigger", "with_line"}, place.path()).exit_code == 0);
    CHECK_THAT(fixtures::readFile(place / "with_line/with_line.cpp"),
               Catch::Contains("IAC_PLUGINS(WithLine)"));

    CHECK(plugins({"new", "mapper", "short"}, place.path()).exit_code == 0);
    CHECK_THAT(fixtures::readFile(place / "short/short.cpp"), Catch::Contains("\"local.short\""));

    const End again = plugins({"new", "executor", "acme.helm-upgrade"}, place.path());
    CHECK(again.exit_code == 2);
    CHECK_THAT(again.err, Catch::Contains("is there already"));
}

TEST_CASE("plugins new refuses what can be no plugin, and leaves nothing", "[plugins]") {
    const fixtures::Folder place;
    const auto [kind, name, sentence] = GENERATE(table<const char*, const char*, const char*>(
        {{"executor", "Helm", "cannot be the id of a plugin"},
         {"executor", "../helm", "cannot be the id of a plugin"},
         {"executor", "acme..helm", "cannot be the id of a plugin"},
         {"executor", "test", "a target that CMake has already"},
         {"reporter", "helm", "there are: executor, mapper, notifier, trigger"}}));
    const End end = plugins({"new", kind, name}, place.path());
    CHECK(end.exit_code == 2);
    CHECK_THAT(end.err, Catch::Contains(sentence));
    CHECK(fs::is_empty(place.path()));
}
