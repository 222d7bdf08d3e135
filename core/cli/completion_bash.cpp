#include "cli/completion.hpp"

#include <functional>
#include <set>

namespace iac::cli {
namespace {

/// Every command with its path below the root: "", "token", "token create".
void walk(const Command& command, const std::string& path,
          const std::function<void(const Command&, const std::string&)>& visit) {
    visit(command, path);
    for (const Command& one : command.commands)
        walk(one, path.empty() ? one.name : path + " " + one.name, visit);
}

/// What can be said about a value, as assignments. Empty: nothing.
std::string valuesOf(const Argument& argument) {
    if (!argument.choices.empty()) return "kind=-W values='" + joined(argument.choices, " ") + "'";
    if (argument.isFile()) return "kind=-f";
    if (argument.isFolder()) return "kind=-d";
    return {};
}

/// The lines of `case` that lead from one command to the next.
std::string transitions(const Command& root) {
    std::string text;
    walk(root, "", [&](const Command& command, const std::string& path) {
        for (const Command& one : command.commands)
            text += "            '" + path + "/" + one.name + "') path='" +
                    (path.empty() ? "" : path + " ") + one.name + "' ;;\n";
    });
    return text;
}

/// The options of all commands that take a value: the word behind them is no command.
std::string optionsWithValue(const Command& root) {
    std::set<std::string> names;
    walk(root, "", [&](const Command& command, const std::string&) {
        for (const Argument& option : command.options)
            if (!option.isFlag()) names.insert(option.names.begin(), option.names.end());
    });
    return joined({names.begin(), names.end()}, " | ");
}

/// The lines of `case` that know the values of an option; those of the root stand behind every
/// command.
std::string values(const Command& root) {
    std::string text;
    walk(root, "", [&](const Command& command, const std::string& path) {
        for (const Argument& option : command.options)
            if (const auto known = valuesOf(option); !known.empty())
                for (const auto& name : option.names)
                    text += "        " + (path.empty() ? "*" : "'" + path + "'") + "/" + name +
                            ") " + known + " ;;\n";
    });
    return text;
}

std::string words(const Command& root) {
    std::string text;
    walk(root, "", [&](const Command& command, const std::string& path) {
        std::vector<std::string> options, commands;
        for (const Argument& option : command.options)
            options.insert(options.end(), option.names.begin(), option.names.end());
        for (const Argument& option : root.options)
            if (!path.empty() && option.isEverywhere()) options.push_back(option.names.back());
        for (const Command& one : command.commands) commands.push_back(one.name);
        for (const Argument& one : command.positionals)
            commands.insert(commands.end(), one.choices.begin(), one.choices.end());
        text += "        '" + path + "') options='" + joined(options, " ") + "' commands='" +
                joined(commands, " ") + "'";
        for (const Argument& one : command.positionals)
            if (one.isFile()) text += " files=1";
        text += " ;;\n";
    });
    return text;
}

}  // namespace

std::string bashCompletion(const Command& root) {
    return R"(# Completion of iac-runner for bash, made by `iac-runner completion bash`.
_iac_runner() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local path='' options='' commands='' kind='' values='' files='' word i
    COMPREPLY=()
    # "--status=fa" comes as three words.
    if [[ $current == '=' ]]; then
        current=''
    elif [[ $previous == '=' ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
            )" +
           optionsWithValue(root) +
           R"()
                [[ ${COMP_WORDS[i + 1]-} == '=' ]] && ((i++))
                ((i++))
                continue
                ;;
        esac
        case $path/$word in
)" + transitions(root) +
           R"(        esac
    done
    case $path/$previous in
)" + values(root) +
           R"(    esac
    if [[ $kind == -W ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
        return
    elif [[ -n $kind ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen "$kind" -- "$current")
        return
    fi
    case $previous in
        )" +
           optionsWithValue(root) +
           R"() return ;;
    esac
    case $path in
)" + words(root) +
           R"(    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    elif [[ -n $files ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
    fi
}
complete -F _iac_runner iac-runner
)";
}

}  // namespace iac::cli
