// The text of an environment: read as dotenv reads it, written so that it reads the same.
#include "dokploy/environment.hpp"

#include <catch2/catch.hpp>
#include <iac/plugin.hpp>
#include <random>

using namespace iac;
using dokploy::Variables;

namespace {

std::string shown(const Variables& variables) {
    std::string out;
    for (const auto& [name, value] : variables) out += name + "=[" + value + "] ";
    return out;
}

std::string read(std::string_view text) {
    return shown(dokploy::variablesOf(text));
}

}  // namespace

// What a Dokploy v0.30.2 wrote into the .env of a service for lines like these.
TEST_CASE("dokploy: an environment is read as Dokploy reads it") {
    CHECK(read("# comment\nA=1\nB=\"two words\"\nC='x$y'") == "A=[1] B=[two words] C=[x$y] ");
    CHECK(read("D=a#b\nI=tail # comment\nJ=\nH=  spaced  ") == "D=[a] H=[spaced] I=[tail] J=[] ");
    CHECK(read("E=\"line1\\nline2\"\nF='line1\\nline2'") == "E=[line1\nline2] F=[line1\\nline2] ");
    CHECK(read("K=\"multi\nline\"\nL=${A}-x") == "K=[multi\nline] L=[${A}-x] ");
    CHECK(read("M=quote\"in\"side\nG={\"k\":\"v\"}") == "G=[{\"k\":\"v\"}] M=[quote\"in\"side] ");
    CHECK(read("A=1\nexport N=1\nA=dup\nY: 2") == "A=[dup] N=[1] Y=[2] ");
    CHECK(read("P=pa$$word`x`\\z\r\nQ=1\rR=2") == "P=[pa$$word`x`\\z] Q=[1] R=[2] ");
    CHECK(read("A=\"say \\\"hi\\\"\"\nB=`it's \"so\"`") == "A=[say \\\"hi\\\"] B=[it's \"so\"] ");
    CHECK(read("A=\"1\" # said\nB=\"1\" more\nC=\"open") == "A=[1] B=[\"1\" more] C=[\"open] ");
    CHECK(read("no assignment\n=x\n  D = 4\n\nexport=5") == "D=[4] export=[5] ");
    CHECK(read("").empty());
}

TEST_CASE("dokploy: whatever is written is read back as it was, beside anything") {
    std::mt19937 random(7);
    const std::string letters = "ab\"'`\\n#$ {}=\n\r\tr\xc3\xbc";
    int refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string value;
        for (auto length = random() % 8; length > 0; --length)
            value += letters[random() % letters.size()];
        const auto line = dokploy::assignment("NAME", value);
        if (!line) {
            ++refused;
            continue;
        }
        INFO(*line);
        const auto beside = dokploy::assignment("NEXT", "'\"`#\"" + value);
        const std::string text = "BEFORE='x'\n" + *line + "\n" + beside.value_or("NEXT=\"") + "\n";
        const auto read = dokploy::variablesOf(text);
        REQUIRE(read.count("NAME") == 1);
        CHECK(read.at("NAME") == value);
        CHECK(read.at("BEFORE") == "x");
    }
    CHECK(refused < 3'000);
    CHECK(dokploy::assignment("A", "x") == "A=\"x\"");
    CHECK(dokploy::assignment("A", "say \"hi\"") == "A='say \"hi\"'");
    CHECK(dokploy::assignment("A", "") == "A=\"\"");
    CHECK_FALSE(dokploy::assignment("A", "\"'`#"));
    CHECK_FALSE(dokploy::assignment("A", std::string("a\0b", 3)));
}

TEST_CASE("dokploy: foreign variables and comments stay where they are") {
    const std::string text =
        "# by hand\nFOREIGN=${{project.X}}  # kept\nOURS=old\nGONE=1\nLAST='a\nb'\nOURS=older";
    const auto merged = dokploy::merged(text, {{"OURS", "new"}, {"MORE", "1"}}, {"GONE"});
    CHECK(merged ==
          "# by hand\nFOREIGN=${{project.X}}  # kept\nOURS=\"new\"\nLAST='a\nb'\nMORE=\"1\"");
    CHECK(dokploy::merged(merged, {{"OURS", "new"}, {"MORE", "1"}}, {}) == merged);
    CHECK(dokploy::merged("", {{"A", "1"}}, {}) == "A=\"1\"");
    CHECK(dokploy::merged("A=1", {}, {"A"}).empty());
}

TEST_CASE("dokploy: an open quote of somebody else swallows nothing of ours") {
    try {
        dokploy::merged("OPEN=\"never closed", {{"A", "# no comment"}}, {});
        FAIL("it was written");
    } catch (const Error& error) {
        CHECK_THAT(error.what(), Catch::Contains("of A") || Catch::Contains("of OPEN"));
        CHECK(error.diagnosis().kind == "bad_environment");
    }
    CHECK(dokploy::merged("OPEN=\"never closed", {{"A", "1"}}, {}) ==
          "OPEN=\"never closed\nA=\"1\"");
}

TEST_CASE("dokploy: only whole references to Dokploy's variables may stand in a value") {
    const auto wrong = [](const std::string& value) {
        return !dokploy::templateIn({{"A", value}}, false).empty();
    };
    CHECK_FALSE(wrong("${{project.X}} and ${{environment.Y}}${{Z}}${{vault.a/b:c}}"));
    CHECK_FALSE(wrong("${X} {{x}} $${"));
    CHECK(wrong("${{"));
    CHECK(wrong("${{project.X}"));
    CHECK(wrong("${{}}"));
    CHECK(wrong("${{a b}}"));
    // Dokploy finds no variable whose name has a blank.
    for (const char* blank : {"${{ project.X }}", "${{project.X }}", "${{\tX}}", "a${{X}}${{ Y}}"})
        CHECK(wrong(blank));
    CHECK(dokploy::templateIn({{"A", "1"}, {"B", "${{project.X}}"}}, true) == "B");
}

TEST_CASE("dokploy: merging survives every text, or says why not") {
    std::mt19937 random(11);
    const std::string pieces[] = {"A=",      "B=1", "\"", "'",      "`", "\n",    "#",
                                  "export ", "\\",  "=",  "OURS=x", " ", "C: 2\n"};
    int merged = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (auto length = random() % 12; length > 0; --length)
            text += pieces[random() % std::size(pieces)];
        Variables expected = dokploy::variablesOf(text);
        expected["OURS"] = "a b";
        try {
            const auto out = dokploy::merged(text, {{"OURS", "a b"}}, {});
            CHECK(shown(dokploy::variablesOf(out)) == shown(expected));
            ++merged;
        } catch (const Error&) {
            continue;
        }
    }
    CHECK(merged > 15'000);
}
