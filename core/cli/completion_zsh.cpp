#include <algorithm>

#include "cli/completion.hpp"

namespace iac::cli {
namespace {

/// Within single quotes, and within the brackets or behind the colon of a specification.
std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        if (c == '\'') {
            safe += "'\\''";
        } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
            safe += {'\\', c};
        } else {
            safe += c == '\n' ? ' ' : c;
        }
    }
    return safe;
}

/// ":FILE:_files", ":ROLE:(read deploy)"; empty for a flag.
std::string valueOf(const Argument& argument) {
    if (argument.isFlag()) return {};
    const std::string words = joined(argument.choices, " ");
    const std::string what = !words.empty()        ? "(" + words + ")"
                             : argument.isFile()   ? "_files"
                             : argument.isFolder() ? "_files -/"
                                                   : " ";
    return ":" + escaped(argument.value) + ":" + what;
}

/// One specification of _arguments for each spelling, which exclude each other.
std::string option(const Argument& argument) {
    const std::string all = joined(argument.names, " ");
    std::string text;
    for (const auto& name : argument.names)
        text += " \\\n        '" + (argument.repeats ? "*" : "(" + all + ")") + name + "[" +
                escaped(argument.description) + "]" + valueOf(argument) + "'";
    return text;
}

std::string positional(const Argument& argument, std::size_t place) {
    const std::string at = argument.repeats ? "*" : std::to_string(place);
    return " \\\n        '" + at + (argument.required || argument.repeats ? "" : ":") +
           valueOf(argument) + "'";
}

std::string functionName(const std::string& path) {
    std::string name = "_" + path;
    std::ranges::replace(name, ' ', '_');
    return name;
}

std::vector<Argument> optionsOf(const Command& command, const Command& root) {
    auto options = command.options;
    for (const Argument& one : root.options)
        if (&command != &root && one.isEverywhere()) options.push_back(one);
    return options;
}

std::string leaf(const Command& command, const Command& root) {
    std::string text = "    _arguments";
    for (const Argument& one : optionsOf(command, root)) text += option(one);
    for (std::size_t i = 0; i < command.positionals.size(); ++i)
        text += positional(command.positionals[i], i + 1);
    return text + "\n";
}

std::string branch(const Command& command, const Command& root, const std::string& path) {
    std::string text = "    local curcontext=$curcontext state line\n    typeset -A opt_args\n";
    text += "    _arguments -C";
    for (const Argument& one : optionsOf(command, root)) text += option(one);
    text += " \\\n        '1: :->command' \\\n        '*:: :->argument'\n";
    text += "    case $state in\n    command)\n        local -a commands=(\n";
    for (const Command& one : command.commands)
        text += "            '" + one.name + ":" + escaped(one.description) + "'\n";
    text += "        )\n        _describe -t commands command commands\n        ;;\n";
    text += "    argument)\n        case $words[1] in\n";
    for (const Command& one : command.commands)
        text += "        " + one.name + ") " + functionName(path + " " + one.name) + " ;;\n";
    return text + "        esac\n        ;;\n    esac\n";
}

void define(std::string& script, const Command& command, const Command& root,
            const std::string& path) {
    script += "\n" + functionName(path) + "() {\n";
    script += command.commands.empty() ? leaf(command, root) : branch(command, root, path);
    script += "}\n";
    for (const Command& one : command.commands) define(script, one, root, path + " " + one.name);
}

}  // namespace

std::string zshCompletion(const Command& root) {
    std::string script =
        "#compdef iac-runner\n"
        "# Completion of iac-runner for zsh, made by `iac-runner completion zsh`.\n";
    define(script, root, root, root.name);
    // As a file of $fpath it is the function itself; sourced, it says whose completion it is.
    return script + R"(
if [[ ${funcstack[1]-} == _iac-runner ]]; then
    _iac-runner "$@"
else
    compdef _iac-runner iac-runner
fi
)";
}

}  // namespace iac::cli
