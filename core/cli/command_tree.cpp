#include "cli/command_tree.hpp"

#include <CLI/CLI.hpp>

namespace iac::cli {
namespace {

/// CLI11 writes "ROLE:{read,deploy}" for a value with choices, "INT:POSITIVE" for a checked one.
void splitType(const std::string& type, Argument& argument) {
    const auto colon = type.find(':');
    argument.value = type.substr(0, colon);
    if (colon == std::string::npos) return;
    const std::string checked = type.substr(colon + 1);
    if (!checked.starts_with('{') || !checked.ends_with('}')) return;
    argument.choices = CLI::detail::split(checked.substr(1, checked.size() - 2), ',');
}

Argument describe(const CLI::Option& option) {
    Argument argument;
    argument.description = option.get_description();
    argument.required = option.get_required();
    argument.repeats = option.get_items_expected_max() > 1 ||
                       option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    if (option.get_type_size_max() > 0) splitType(option.get_type_name(), argument);
    if (option.nonpositional()) {
        for (const auto& name : option.get_snames()) argument.names.push_back("-" + name);
        for (const auto& name : option.get_lnames()) argument.names.push_back("--" + name);
    } else {
        argument.value = option.get_name(true);
    }
    return argument;
}

}  // namespace

Command describe(const CLI::App& app) {
    Command command;
    command.name = app.get_name();
    command.description = app.get_description();
    command.footer = app.get_footer();
    for (const CLI::Option* option : app.get_options())
        (option->nonpositional() ? command.options : command.positionals)
            .push_back(describe(*option));
    const auto shown = [](const CLI::App* one) { return !one->get_group().empty(); };
    for (const CLI::App* one : app.get_subcommands(shown))
        command.commands.push_back(describe(*one));
    return command;
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : between) + word;
    return text;
}

std::string usageOf(const Command& command, const std::string& path) {
    std::string text = path + " [OPTIONS]";
    for (const Argument& one : command.positionals) {
        const std::string shown = one.value + (one.repeats ? "..." : "");
        text += one.required ? " " + shown : " [" + shown + "]";
    }
    return command.commands.empty() ? text : text + " COMMAND";
}

}  // namespace iac::cli
