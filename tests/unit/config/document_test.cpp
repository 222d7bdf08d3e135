#include "config/document.hpp"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Stringifier.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "fixture.hpp"

using namespace iac::config;

namespace {

std::string json(const std::string& yaml) {
    const auto document = parseDocument("a.yaml", yaml);
    std::ostringstream out;
    Poco::JSON::Stringifier::stringify(document.root, out);
    return out.str();
}

}  // namespace

TEST_CASE("scalars are typed as the core schema of YAML 1.2 does", "[document]") {
    CHECK(json("[true, True, FALSE, yes, on, Off]") == R"([true,true,false,"yes","on","Off"])");
    CHECK(json("[1, -2, +3, 0644, 0o17, 0x1F, 1_000]") == R"([1,-2,3,644,15,31,"1_000"])");
    CHECK(json("[1.5, -.5, 2., 1e3, 1.2.3, 12e]") == R"([1.5,-0.5,2,1000,"1.2.3","12e"])");
    CHECK(json("[null, ~, , Null, nil]") == R"([null,null,null,null,"nil"])");
    CHECK(json("['1', \"true\", !!str 5, 2001-01-01, 12:30]") ==
          R"(["1","true","5","2001-01-01","12:30"])");
    CHECK(json("a: |\n  1\n  2\n") == R"({"a":"1\n2\n"})");
}

TEST_CASE("keys are text and keep their order", "[document]") {
    CHECK(json("b: 1\na: 2\non: 3\n1: 4\n") == R"({"b":1,"a":2,"on":3,"1":4})");
}

TEST_CASE("an alias stands for a copy", "[document]") {
    CHECK(json("a: &x [1]\nb: *x\n") == R"({"a":[1],"b":[1]})");
}

TEST_CASE("every value has its line, by the path that messages show", "[document]") {
    const auto document = parseDocument(
        "a.yaml", "# first\nserver:\n  listen: x\nlist:\n  - a\n  - b: 1\n\n    c d:\n");
    const auto& lines = document.origins.lines;
    CHECK(lines.at("server") == 2);
    CHECK(lines.at("server.listen") == 3);
    CHECK(lines.at("list[0]") == 5);
    CHECK(lines.at("list[1].b") == 6);
    CHECK(lines.at("list[1][\"c d\"]") == 8);
    CHECK(document.origins.line("list[1].nowhere.at[4].all") == 6);
}

TEST_CASE("a number is kept as it was written, for where text is wanted", "[document]") {
    CHECK(parseDocument("a.yaml", "mode: 0644\n").written.at("mode") == "0644");
}

TEST_CASE("what is not YAML is refused with its line", "[document]") {
    CHECK(problem("a: 1\n\tb: 2\n") ==
          "iac-runner.yaml:2: is indented with a tab: YAML wants spaces");
    CHECK(problem("a:\n\tb: 2\n") ==
          "iac-runner.yaml:2: is indented with a tab: YAML wants spaces");
    CHECK(problem("a: [1,\nb: 2\n") ==
          "iac-runner.yaml:3: is not YAML: end of sequence flow not found");
    CHECK(problem("a: { b: ${NAME} }\nc: 1\n") ==
          "iac-runner.yaml:1: is not YAML: end of map flow not found (within { } and [ ], write "
          "\"${NAME}\" in quotes)");
    CHECK(problem("a: *nowhere\n") ==
          "iac-runner.yaml:1: is not YAML: the referenced anchor is not defined");
    CHECK(problem("a: 1\nb: \xff\n") ==
          "iac-runner.yaml:2: is not UTF-8 here: save the file as UTF-8");
    CHECK(problem("a: 1\n---\nb: 2\n") ==
          "iac-runner.yaml:2: begins a second YAML document: one file is one configuration");
}

TEST_CASE("a comma that nothing stands before is refused, and is not read for ever", "[document]") {
    for (const char* text : {",*[bab  #\n", ",\n", "a: 1\n, b\n", "[a],\n", "{a: 1}, {b: 2}\n"}) {
        INFO(text);
        CHECK_THAT(problem(text), Catch::StartsWith("iac-runner.yaml:"));
    }
}

TEST_CASE("an empty file is refused", "[document]") {
    for (const auto* text : {"", "\n\n", "# only a comment\n", "---\n", "~"})
        CHECK(problem(text) ==
              "iac-runner.yaml:1: is empty: `iac-runner config reference` prints a "
              "complete example");
}

TEST_CASE("a file that holds no mapping is refused", "[document]") {
    CHECK(problem("- a\n") == "iac-runner.yaml:1: expected a mapping (key: value), found a list");
    CHECK(problem("hello\n") ==
          "iac-runner.yaml:1: expected a mapping (key: value), found the text \"hello\"");
}

TEST_CASE("what YAML allows and nobody means is refused", "[document]") {
    CHECK(problem(kBase + "data: a\ndata: b\n") ==
          "iac-runner.yaml:6: data: is there twice, also in line 5: remove one of the two");
    CHECK(problem("x: &x { a: 1 }\ny:\n  <<: *x\n") ==
          "iac-runner.yaml:3: y[\"<<\"]: merge keys are not read: repeat the values");
    CHECK(problem("a: !!binary aGVsbG8=\n") ==
          "iac-runner.yaml:1: a: has the YAML tag \"tag:yaml.org,2002:binary\", which is not read: "
          "leave it out");
    CHECK(problem("? [1, 2]\n: 3\n") ==
          "iac-runner.yaml:1: has a key that is not text (a value "
          "such as {name} or [x] wants quotes)");
    CHECK(problem("a: 12345678901234567890\n") ==
          "iac-runner.yaml:1: a: is a number that cannot be kept exactly: write it in quotes if it "
          "is meant as text");
    CHECK(problem("a: .inf\n") ==
          "iac-runner.yaml:1: a: is a number that cannot be kept exactly: write it in quotes if it "
          "is meant as text");
    CHECK(problem("a: \"x\\0y\"\n") ==
          "iac-runner.yaml:1: a: contains a NUL byte, which no program can be given");
}

TEST_CASE("aliases of aliases cannot fill the memory", "[document]") {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 20; ++i) {
        const auto before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int j = 1; j < 10; ++j) bomb += ", " + before;
        bomb += "]\n";
    }
    CHECK(problem(bomb).find("holds more than 20000 values once its aliases are expanded") !=
          std::string::npos);
    CHECK(problem("a: &x\n  b: *x\n").find("is nested more than 64 deep") != std::string::npos);
}

TEST_CASE("a deeply nested file is refused and does not end the program", "[document]") {
    CHECK(problem(std::string(100'000, '[')).find("is nested too deep") != std::string::npos);
    CHECK(problem(std::string(66, '[') + std::string(66, ']')).find("more than 64 deep") !=
          std::string::npos);
}

TEST_CASE("sizes have limits that are named", "[document]") {
    const auto at = kBase + "data: " + std::string(Document::kLongestText, 'a') + "\n";
    CHECK(problem(at).empty());
    CHECK(problem(kBase + "data: " + std::string(Document::kLongestText + 1, 'a') + "\n") ==
          "iac-runner.yaml:5: data: is longer than 64 KiB");
    const std::string comment(Document::kLargestFile - kBase.size() - 2, 'x');
    CHECK(problem(kBase + "#" + comment + "\n").empty());
    CHECK(problem(kBase + "#" + comment + "x\n") == "iac-runner.yaml: is larger than 1024 KiB");
}

TEST_CASE("a file that cannot be read is refused with its reason", "[document]") {
    const Folder folder;
    const auto message = [&](const std::string& name) -> std::string {
        try {
            load(folder.path() / name);
            return "";
        } catch (const Invalid& invalid) {
            return std::string(invalid.what()).substr(folder.path().string().size() + 1);
        }
    };
    CHECK(message("none.yaml") == "none.yaml: cannot be read: No such file or directory");
    std::filesystem::create_directory(folder.path() / "folder.yaml");
    CHECK(message("folder.yaml") == "folder.yaml: is a folder, not a file");
    REQUIRE(::mkfifo((folder.path() / "pipe.yaml").c_str(), 0600) == 0);
    CHECK(message("pipe.yaml") == "pipe.yaml: is not a regular file");
    CHECK(message("none/a.yaml") == "none/a.yaml: cannot be read: No such file or directory");
    if (::geteuid() != 0) {
        std::filesystem::permissions(folder.write("closed.yaml", kBase),
                                     std::filesystem::perms::none);
        CHECK(message("closed.yaml") == "closed.yaml: cannot be read: Permission denied");
    }
}
