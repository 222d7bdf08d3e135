#include <Poco/JSON/Array.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "cli/answers.hpp"
#include "cli/plugins.hpp"
#include "cli/terminal.hpp"
#include "model/json.hpp"
#include "plugin/check.hpp"

namespace iac::cli {
namespace {

struct Question {
    std::string file, example;
    plugin::CheckWish wish;
    bool json = false;
};

using plugin::CheckResult;

bool isBad(const CheckResult& result) {
    return result.is == CheckResult::Is::failed || result.is == CheckResult::Is::crashed;
}

std::string read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) throw std::runtime_error("the example " + file + " cannot be read");
    return text.str();
}

void printAsJson(const std::string& file, const std::vector<CheckResult>& results) {
    Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
    for (const auto& result : results) {
        auto entry = jsonObject();
        entry->set("test", result.test);
        setText(entry, "plugin", result.plugin);
        entry->set("result", std::string(toText(result.is)));
        setText(entry, "sentence", result.sentence);
        entry->set("seconds", result.seconds);
        list->add(entry);
    }
    auto all = jsonObject();
    all->set("file", file);
    all->set("good", std::ranges::none_of(results, isBad));
    all->set("results", list);
    printJson(all);
}

void print(const std::vector<CheckResult>& results) {
    std::string plugin;
    for (const auto& result : results) {
        if (result.plugin != plugin) std::cout << plain(plugin = result.plugin) << '\n';
        std::string line = shownStatus(toText(result.is), 9) + result.test;
        if (!result.sentence.empty())
            line += std::string(15 - std::min<std::size_t>(14, result.test.size()), ' ') +
                    plain(result.sentence);
        std::cout << "  " << line << '\n';
    }
    const auto bad = std::ranges::count_if(results, isBad);
    std::cout << (bad == 0   ? "all is well"
                  : bad == 1 ? "1 test failed"
                             : std::to_string(bad) + " tests failed")
              << '\n';
}

int check(Question& question) {
    auto& wish = question.wish;
    if (!question.example.empty()) wish.example = read(question.example);
    if (wish.in_process)
        wish.begins = [](const std::string& test, const std::string& plugin) {
            std::cerr << "iac-runner: now in this process: " << test
                      << (plugin.empty() ? "" : " of ") << plain(plugin) << std::endl;
        };
    wish.output = [](int, std::string_view bytes) { std::cerr << bytes << std::flush; };
    const auto results = plugin::checkFile(question.file, question.wish);
    question.json ? printAsJson(question.file, results) : print(results);
    return std::ranges::none_of(results, isBad) ? kDone : kFailed;
}

}  // namespace

void addPluginsCheck(CLI::App& plugins, Run& run) {
    auto* command = plugins.add_subcommand(
        "check",
        "Put a plugin file through its tests, each in a process of its own; 1 when one fails");
    auto question = std::make_shared<Question>();
    command->add_option("FILE", question->file, "The plugin: build/helm.so")->required();
    command->add_option("--example", question->example,
                        "A JSON file with settings and input that suit it: "
                        R"({"with": {...}, "input": {...}})");
    command->add_option("--only", question->wish.only, "One test, by its name");
    command->add_flag("--run", question->wish.for_real,
                      "Then one call for real, with the settings and the input of --example: exec "
                      "and http do what they are asked, and dry_run is false unless it says so");
    command->add_flag(
        "--in-process", question->wish.in_process,
        "For a debugger: everything in this process, without time limits; a crash ends "
        "it, and the last line before it says of which test");
    command->add_flag("--json", question->json, "As JSON");
    command->callback([&run, question] { run = [question] { return check(*question); }; });
}

}  // namespace iac::cli
