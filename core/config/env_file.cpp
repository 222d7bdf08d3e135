#include "config/env_file.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace iac::config {

namespace {

constexpr std::string_view kBlank = " \t";

/// Walks over the text and counts its lines.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool done() const { return rest_.empty(); }
    char front() const { return rest_.empty() ? '\n' : rest_.front(); }
    char take() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == '\n') ++line_;
        return c;
    }
    void skipBlanks() {
        while (!done() && kBlank.find(front()) != std::string_view::npos) take();
    }
    std::string_view takeLine() {
        const auto text = rest_.substr(0, rest_.find('\n'));
        rest_.remove_prefix(std::min(text.size() + 1, rest_.size()));
        ++line_;
        return text;
    }
    std::string_view rest() const { return rest_; }
    void skip(std::size_t count) { rest_.remove_prefix(count); }
    int line() const { return line_; }

private:
    std::string_view rest_;
    int line_ = 1;
};

[[noreturn]] void refuse(int line, const std::string& why) {
    throw std::runtime_error("line " + std::to_string(line) + " " + why);
}

char unescaped(char c) {
    switch (c) {
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return c;
    }
}

std::string quoted(Reader& reader) {
    const int begin = reader.line();
    const char quote = reader.take();
    std::string value;
    for (;;) {
        if (reader.done()) refuse(begin, "opens a quote that is never closed");
        const char c = reader.take();
        if (c == quote) return value;
        if (c != '\\' || quote == '\'' || reader.done()) {
            value += c;
            continue;
        }
        const char next = reader.take();
        // What is no escape keeps its backslash: a regular expression is not to be damaged.
        if (std::string_view("nrt\\\"$`").find(next) == std::string_view::npos) value += '\\';
        value += unescaped(next);
    }
}

/// Up to the end of the line, or to a # after a blank: "a#b" is a value, as in a shell.
std::string unquoted(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '#' && (i == 0 || kBlank.find(text[i - 1]) != std::string_view::npos)) {
            text = text.substr(0, i);
            break;
        }
    }
    const auto last = text.find_last_not_of(" \t\r");
    return std::string(text.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

std::string takeName(Reader& reader) {
    auto rest = reader.rest();
    if (rest.starts_with("export ") || rest.starts_with("export\t")) {
        reader.skip(7);
        reader.skipBlanks();
        rest = reader.rest();
    }
    std::size_t length = 0;
    while (length < rest.size() &&
           (std::isalnum(static_cast<unsigned char>(rest[length])) != 0 || rest[length] == '_'))
        ++length;
    std::string name(rest.substr(0, length));
    reader.skip(length);
    reader.skipBlanks();
    if (!isVariableName(name) || reader.front() != '=') refuse(reader.line(), "is not KEY=value");
    reader.take();
    reader.skipBlanks();
    return name;
}

}  // namespace

bool isVariableName(std::string_view name) {
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
    return std::all_of(name.begin(), name.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::map<std::string, std::string> parseEnvFile(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (text.find('\0') != std::string_view::npos)
        throw std::runtime_error("a NUL byte is in it: it is no text file");
    std::map<std::string, std::string> values;
    Reader reader(text);
    while (!reader.done()) {
        reader.skipBlanks();
        if (reader.front() == '#' || reader.front() == '\n' || reader.front() == '\r') {
            if (!reader.done()) reader.takeLine();
            continue;
        }
        const auto name = takeName(reader);
        if (reader.front() == '"' || reader.front() == '\'') {
            values[name] = quoted(reader);
            const int line = reader.line();
            if (!unquoted(reader.takeLine()).empty())
                refuse(line, "has more text after the closing quote");
        } else {
            values[name] = unquoted(reader.takeLine());
        }
    }
    return values;
}

}  // namespace iac::config
