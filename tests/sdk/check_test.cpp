// `plugins check`: each fault is found by the test that looks for it, and by its name.
#include "plugin/check.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <stdexcept>

#include "fixtures/folder.hpp"

using namespace iac::plugin;
using Is = CheckResult::Is;

namespace {

std::filesystem::path built(const std::string& name) {
    ::setenv("IAC_LIBRARY_FOLDER", IAC_BUILD_DIR "/lib/iac-runner", 0);
    return std::filesystem::path(IAC_BUILD_DIR) / "tests/sdk/plugins" / (name + ".so");
}

CheckResult find(const std::vector<CheckResult>& results, const std::string& test,
                 const std::string& plugin) {
    const auto found = std::ranges::find_if(results, [&](const CheckResult& one) {
        return one.test == test && (one.plugin == plugin || plugin.empty());
    });
    if (found == results.end()) throw std::runtime_error("no result of " + test + ", " + plugin);
    return *found;
}

/// What a test says about one of the plugins of faulty.so.
CheckResult faulty(const std::string& test, const std::string& plugin) {
    static std::map<std::string, std::vector<CheckResult>> asked;
    if (!asked.contains(test)) asked[test] = checkFile(built("faulty"), {"", test});
    return find(asked[test], test, plugin);
}

CheckResult first(const std::string& file, const std::string& test, const CheckWish& wish = {}) {
    return find(checkFile(built(file), wish), test, {});
}

}  // namespace

TEST_CASE("a sound plugin passes every test, with settings made from its schema", "[check]") {
    const auto results = checkFile(built("faulty"), {});
    for (const auto& test : checkNames()) {
        const bool whole = test == "file" || test == "loads";
        const auto result = find(results, test, whole ? "" : "faulty.none");
        INFO(test << ": " << result.sentence);
        // The build folder may be writable for a group: what is tested here is not how it is kept.
        CHECK((result.is == Is::ok || (test == "file" && result.is == Is::warning)));
    }
}

TEST_CASE("what is left behind by create and destroy is counted", "[check]") {
    const auto threads = faulty("create", "faulty.threads"),
               descriptors = faulty("create", "faulty.descriptors");
    CHECK(threads.is == Is::failed);
    CHECK_THAT(threads.sentence, Catch::Contains("threads behind; destroy() has to join"));
    CHECK(descriptors.is == Is::failed);
    CHECK_THAT(descriptors.sentence, Catch::Contains("left 200 file descriptors open"));
}

TEST_CASE("a crash is a result, and says which plugin and how", "[check]") {
    const auto result = faulty("missing-input", "faulty.believes");
    CHECK(result.is == Is::crashed);
    CHECK_THAT(result.sentence, Catch::Contains("faulty.believes crashed: Segmentation fault"));
    CHECK(faulty("call", "faulty.believes").is == Is::ok);
}

TEST_CASE("an unknown member of the input has to be ignored", "[check]") {
    const auto result = faulty("unknown-input", "faulty.strict");
    CHECK(result.is == Is::failed);
    CHECK_THAT(result.sentence, Catch::Contains("from ok to invalid (what is this?)"));
}

TEST_CASE("a plugin that does not listen to cancelled() is found", "[check]") {
    const auto result = faulty("cancel", "faulty.late");
    CHECK(result.is == Is::failed);
    CHECK_THAT(result.sentence, Catch::Contains("2000 ms is the most"));
}

TEST_CASE("a plugin that says concurrent is held to it, and no other", "[check]") {
    CHECK(faulty("concurrent", "faulty.overlaps").is == Is::crashed);
    CHECK(faulty("concurrent", "faulty.late").is == Is::skipped);
}

TEST_CASE("every failure needs a sentence, and every result is JSON", "[check]") {
    const auto silent = faulty("call", "faulty.silent"),
               nonsense = faulty("call", "faulty.nonsense");
    CHECK(silent.is == Is::failed);
    CHECK(silent.sentence == "call() returned \"failed\" without a sentence");
    CHECK(nonsense.is == Is::failed);
    CHECK_THAT(nonsense.sentence, Catch::Contains("emitted what is not JSON"));
}

TEST_CASE("a result that the runner cannot read is found by its name", "[check]") {
    const std::pair<const char*, const char*> cases[] = {
        {"faulty.broken", "it is not JSON"},
        {"faulty.nonsense", "it is not JSON"},
        {"faulty.list", "it is not a JSON object"},
        {"faulty.number", "its member \"outcome\" is not text"},
        {"faulty.outcome", "its \"outcome\" is \"done\", and can be changed, unchanged, failed"}};
    for (const auto& [plugin, why] : cases) {
        const auto result = faulty("result", plugin);
        CHECK(result.is == Is::failed);
        CHECK_THAT(result.sentence, Catch::StartsWith("the runner cannot read its result: ") &&
                                        Catch::Contains(why));
    }
    CHECK(faulty("result", "faulty.none").is == Is::ok);
    CHECK(faulty("result", "faulty.silent").is == Is::skipped);
}

TEST_CASE("the cases of an example are held against what they expect", "[check]") {
    const auto run = [](const std::string& cases) {
        return checkFile(
            built("docker_compose"),
            {R"({"input": {"with": {"file": "a/compose.yaml"}}, "cases": [)" + cases + "]}",
             "case"});
    };
    const std::string files = R"("files": {"a/compose.yaml": "services: {}"}, )";
    const std::string up = R"({"name": "up", )" + files +
                           R"("exec": [{"argv": ["docker", "compose"], "output": "{}"},
                     {"argv": ["docker"], "error": " Container web-1  Started\n"}],
            "expect": {"emitted": {"outcome": "changed"}, "output": "Started"}})";
    auto results = run(up);
    REQUIRE(results.size() == 1);
    INFO(results[0].sentence);
    CHECK(results[0].is == Is::ok);
    CHECK(results[0].test == "case");
    CHECK(results[0].sentence == "up");

    results = run(up + R"(, {"name": "no file", "expect": {"status": "failed", "exec": [],
                             "message": "No file", "emitted": {"error_kind": "missing_file"}}})");
    REQUIRE(results.size() == 2);
    INFO(results[1].sentence);
    CHECK(results[1].is == Is::ok);

    const std::pair<const char*, const char*> wrong[] = {
        {R"("expect": {"emitted": {"outcome": "unchanged"}})",
         "it emitted \"outcome\": \"changed\", expected \"unchanged\""},
        {R"("expect": {"status": "retry"})", "it returned ok, expected retry"},
        {R"("expect": {"emitted": []})", "it emitted 1 results, expected 0"},
        {R"("expect": {"emitted": {"config_hash": "x"}})", "\"config_hash\": absent"},
        {R"("expect": {"exec": []})", "it ran: docker compose"},
        {R"("expect": {"http": ["GET https://example.com/"]})", "it sent: nothing"},
        {R"("expect": {"output": "Removed"})", "expected it to contain \"Removed\""},
        {R"("with": {"wait_seconds": 0}, "expect": {})", "it does not fit: with.wait_seconds"}};
    for (const auto& [member, why] : wrong) {
        CAPTURE(member);
        results = run(R"({"name": "up", )" + files +
                      R"("exec": [{"argv": ["docker", "compose"], "output": "{}"},
                         {"argv": ["docker"], "error": " Container web-1  Started\n"}], )" +
                      member + "}");
        REQUIRE(results.size() == 1);
        CHECK(results[0].is == Is::failed);
        CHECK_THAT(results[0].sentence, Catch::StartsWith("up: ") && Catch::Contains(why));
    }
    CHECK_THROWS_WITH(run(R"({"name": "up", "expects": {}})"),
                      Catch::Contains("up: there is no \"expects\" in a case"));
    CHECK_THROWS_WITH(run(R"({"name": "up"})"), Catch::Contains("it has no \"expect\""));
    CHECK_THROWS_WITH(run(R"({"name": "up", "files": {"../x": ""}, "expect": {}})"),
                      Catch::Contains("not inside the work tree"));
}

TEST_CASE("a schema is held to what the runner checks", "[check]") {
    const auto keyword = faulty("schema", "faulty.keyword"),
               silent = faulty("schema", "faulty.default"),
               useless = faulty("required", "faulty.default");
    CHECK(keyword.is == Is::failed);
    CHECK_THAT(keyword.sentence, Catch::Contains("\"format\" is not checked by this runner"));
    CHECK(silent.is == Is::warning);
    CHECK_THAT(silent.sentence, Catch::Contains("without a description") && Catch::Contains("url"));
    CHECK(useless.is == Is::warning);
    CHECK_THAT(useless.sentence, Catch::Contains("required and has a default"));
}

TEST_CASE("settings that cannot be made up are asked for", "[check]") {
    const auto pattern = faulty("example", "faulty.pattern"),
               picky = faulty("create", "faulty.picky");
    CHECK(pattern.is == Is::skipped);
    CHECK_THAT(pattern.sentence, Catch::Contains("--example"));
    CHECK(picky.is == Is::skipped);
    CHECK_THAT(picky.sentence, Catch::Contains("file: say an absolute path"));
}

TEST_CASE("an example that is given is used, and has to fit", "[check]") {
    CheckWish wish{R"({"with": {"file": "/tmp/x"}})", "call"};
    CHECK(find(checkFile(built("faulty"), wish), "call", "faulty.picky").is == Is::ok);
    wish.example = R"({"with": {"file": 7}})";
    CHECK(find(checkFile(built("faulty"), wish), "example", "faulty.picky").is == Is::failed);
    wish.example = R"({"with": {"file": ""}})";
    CHECK(find(checkFile(built("faulty"), wish), "create", "faulty.picky").is == Is::failed);
    wish.example = "not json";
    CHECK_THROWS_AS(checkFile(built("faulty"), wish), std::invalid_argument);
    CHECK_THROWS_WITH(checkFile(built("faulty"), {"", "nothing"}),
                      Catch::Contains("there is no test \"nothing\"; there are: file, loads"));
}

TEST_CASE("an input that is given has to fit what a service may say", "[check]") {
    CheckWish wish{R"({"input": {"with": {"fiel": "x"}}})", "call"};
    const auto misspelt = first("docker_compose", "example", wish);
    CHECK(misspelt.is == Is::failed);
    CHECK_THAT(misspelt.sentence, Catch::Contains("input.with"));
    wish.example = R"({"input": 7})";
    CHECK_THROWS_WITH(checkFile(built("docker_compose"), wish), Catch::Contains("not an object"));
}

TEST_CASE("a dry run that cannot be done says so, and what would help", "[check]") {
    const auto result = first("docker_compose", "call");
    CHECK(result.is == Is::warning);
    CHECK_THAT(result.sentence, Catch::Contains("the dry run could not be done") &&
                                    Catch::Contains("--example") && Catch::Contains("--run"));
}

TEST_CASE("without a child the same tests say the same", "[check]") {
    CheckWish wish;
    wish.in_process = true;
    std::string begun;
    wish.begins = [&](const std::string& test, const std::string&) { begun += test + " "; };
    const auto here = checkFile(built("abi_1_0"), wish), hosted = checkFile(built("abi_1_0"), {});
    REQUIRE(here.size() == hosted.size());
    for (std::size_t i = 0; i < here.size(); ++i) {
        INFO(here[i].test << ": " << here[i].sentence);
        CHECK(here[i].test == hosted[i].test);
        CHECK(here[i].is == hosted[i].is);
        CHECK(here[i].sentence == hosted[i].sentence);
    }
    CHECK_THAT(begun, Catch::StartsWith("file loads ") && Catch::EndsWith("concurrent "));
}

TEST_CASE("a second symbol, a library of the runner's and a slow constructor are found",
          "[check]") {
    const auto symbols = first("second_symbol", "exports"), poco = first("poco", "libraries"),
               slow = first("slow", "opening");
    CHECK(symbols.is == Is::failed);
    CHECK_THAT(symbols.sentence, Catch::Contains("a_second_symbol"));
    CHECK(poco.is == Is::failed);
    CHECK_THAT(poco.sentence, Catch::Contains("libPocoFoundation"));
    CHECK(slow.is == Is::warning);
    CHECK_THAT(slow.sentence, Catch::Contains("ms of processor time"));
}

TEST_CASE("a plugin that was built against ABI 1.0 is loaded, and passes", "[check]") {
    for (const auto& result : checkFile(built("abi_1_0"), {})) {
        INFO(result.test << ": " << result.sentence);
        CHECK(result.is != Is::failed);
        CHECK(result.is != Is::crashed);
    }
    CHECK(first("abi_1_0", "call").is == Is::ok);
}

TEST_CASE("a file that does not load says why, and nothing else is tried", "[check]") {
    const iac::fixtures::Folder folder;
    iac::fixtures::writeFile(folder / "text.so", "not a library");
    auto results = checkFile(folder / "text.so", {});
    REQUIRE(results.size() == 1);
    CHECK(results[0].is == Is::failed);
    CHECK_THAT(results[0].sentence, Catch::Contains("no ELF header"));

    // The half of a file: opening it is deadly, in a child.
    const std::string whole = iac::fixtures::readFile(built("faulty"));
    iac::fixtures::writeFile(folder / "half.so", whole.substr(0, whole.size() / 4));
    results = checkFile(folder / "half.so", {});
    REQUIRE(results.size() == 2);
    CHECK(results[1].test == "loads");
    CHECK((results[1].is == Is::failed || results[1].is == Is::crashed));
    CHECK_THROWS(find(checkFile(folder / "missing.so", {}), "loads", {}));
}
