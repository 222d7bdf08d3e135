#include "cli/manual.hpp"

namespace iac::cli {
namespace {

struct Note {
    const char* name;
    const char* text;
};

constexpr Note kExitCodes[] = {
    {"0", "Done; of a command that waits: the deployment succeeded."},
    {"1", "The deployment failed or was cancelled."},
    {"2", "Wrong usage, a configuration that does not check, or the daemon refuses the request."},
    {"3", "The daemon cannot be reached, or cannot answer now."},
};

constexpr Note kVariables[] = {
    {"IAC_URL", "Where the daemon is; with IAC_TOKEN no configuration is read."},
    {"IAC_TOKEN", "A token that `token create` made; else requests are signed with the secret."},
    {"NO_COLOR", "When it is set, nothing is coloured."},
};

constexpr Note kFiles[] = {
    {"./iac-runner.yaml", "The configuration, where --config names no other."},
    {"/etc/iac-runner/iac-runner.yaml", "The one that is read when there is none here."},
};

/// roff gives a meaning to backslashes, to a dot or quote that begins a line, and to hyphens.
std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        const bool begins = safe.empty() || safe.back() == '\n';
        if (begins && (c == '.' || c == '\'')) safe += "\\&";
        if (c == '\\')
            safe += "\\e";
        else if (c == '-')
            safe += "\\-";
        else
            safe += c;
    }
    return safe;
}

/// A paragraph with a heading that hangs out.
std::string entry(const std::string& head, std::string_view text) {
    return ".TP\n" + head + "\n" + escaped(text) + "\n";
}

template <std::size_t count>
std::string section(const char* title, const Note (&notes)[count]) {
    std::string text = std::string(".SH ") + title + "\n";
    for (const Note& note : notes) text += entry("\\fB" + escaped(note.name) + "\\fR", note.text);
    return text;
}

std::string headOf(const Argument& argument) {
    std::string head;
    for (const auto& name : argument.names)
        head += (head.empty() ? "\\fB" : ", \\fB") + escaped(name) + "\\fR";
    if (!argument.isFlag())
        head += (head.empty() ? "\\fI" : " \\fI") + escaped(argument.value) + "\\fR";
    return head;
}

std::string textOf(const Argument& argument) {
    std::string text = argument.description;
    const std::string choices = joined(argument.choices, ", ");
    if (!choices.empty() && text.find(argument.choices.back()) == std::string::npos)
        text += " (one of " + choices + ")";
    if (argument.repeats && !argument.names.empty() && text.find("repeated") == std::string::npos)
        text += "; may be repeated";
    return text + ".";
}

bool isHelp(const Argument& argument) {
    return argument.names.back() == "--help";
}

void appendCommand(std::string& page, const Command& command, const std::string& path) {
    page += ".SS \"" + escaped(usageOf(command, path)) + "\"\n";
    page += escaped(command.description + ".") + "\n";
    for (const Argument& one : command.positionals) page += entry(headOf(one), textOf(one));
    for (const Argument& one : command.options)
        if (!isHelp(one)) page += entry(headOf(one), textOf(one));
    if (!command.footer.empty()) page += ".PP\n" + escaped(command.footer) + "\n";
    for (const Command& one : command.commands) appendCommand(page, one, path + " " + one.name);
}

}  // namespace

std::string environmentHelp() {
    std::string text = "Exit codes:\n";
    for (const Note& note : kExitCodes)
        text += "  " + std::string(note.name) + "  " + note.text + "\n";
    text += "Environment:\n";
    for (const Note& note : kVariables)
        text += "  " + std::string(note.name) +
                std::string(11 - std::string(note.name).size(), ' ') + note.text + "\n";
    return text;
}

std::string manualPage(const Command& root, std::string_view version, std::string_view date) {
    std::string page = ".\\\" Made by `iac-runner man` from what `iac-runner --help` is made of.\n";
    page += ".TH IAC-RUNNER 1 " + std::string(date) + " \"iac-runner " + escaped(version) +
            "\" \"User Commands\"\n";
    page += ".SH NAME\niac-runner \\- a self-hosted deployment runner\n";
    page += ".SH SYNOPSIS\n\\fBiac-runner\\fR [\\fIOPTIONS\\fR] \\fICOMMAND\\fR ...\n";
    page += ".SH DESCRIPTION\n" + escaped(root.description + ".") + "\n";
    page += ".SH OPTIONS\n";
    for (const Argument& one : root.options) page += entry(headOf(one), textOf(one));
    page += ".SH COMMANDS\n";
    page += "Each has --help. Options may stand before and behind its arguments.\n";
    for (const Command& one : root.commands) appendCommand(page, one, one.name);
    return page + section("EXIT STATUS", kExitCodes) + section("ENVIRONMENT", kVariables) +
           section("FILES", kFiles);
}

}  // namespace iac::cli
