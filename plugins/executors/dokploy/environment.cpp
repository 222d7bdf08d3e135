#include "environment.hpp"

#include <algorithm>
#include <iac/plugin.hpp>

namespace iac::dokploy {
namespace {

constexpr std::string_view kWhite = " \t\n\v\f";
constexpr std::string_view kBlank = " \t\v\f";

bool isWord(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::size_t skip(std::string_view text, std::size_t at, std::string_view set) {
    return std::min(text.find_first_not_of(set, at), text.size());
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(kWhite);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

// dotenv's first step: every line end becomes one "\n".
std::string withUnixLines(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r') {
            out += text[i];
        } else {
            out += '\n';
            if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
        }
    }
    return out;
}

// In double quotes, and only there, dotenv makes a line end of the two characters \n.
std::string expanded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (text[i] == '\\' && (next == 'n' || next == 'r')) {
            out += next == 'n' ? '\n' : '\r';
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// Reads the text as dotenv's one regular expression does, without its recursion.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::vector<Entry> read() {
        std::vector<Entry> all;
        std::size_t at = 0;
        while (at < text_.size()) {
            Entry entry;
            if (readEntry(at, entry)) {
                at = entry.end;
                all.push_back(std::move(entry));
            }
            at = std::min(text_.find('\n', at), text_.size());
            if (at < text_.size()) ++at;
        }
        return all;
    }

private:
    bool readEntry(std::size_t line, Entry& entry) const {
        std::size_t at = skip(text_, line, kBlank);
        constexpr std::string_view kExport = "export";
        if (text_.substr(at, kExport.size()) == kExport) {
            const auto after = skip(text_, at + kExport.size(), kBlank);
            if (after > at + kExport.size() && readAssignment(after, entry)) {
                entry.begin = line;
                return true;
            }
        }
        if (!readAssignment(at, entry)) return false;
        entry.begin = line;
        return true;
    }

    bool readAssignment(std::size_t at, Entry& entry) const {
        const std::size_t begin = at;
        while (at < text_.size() && (isWord(text_[at]) || text_[at] == '.' || text_[at] == '-'))
            ++at;
        if (at == begin) return false;
        entry.name = text_.substr(begin, at - begin);
        const auto equals = skip(text_, at, kWhite);
        if (equals < text_.size() && text_[equals] == '=') {
            at = equals + 1;
        } else if (at + 1 < text_.size() && text_[at] == ':' &&
                   kWhite.find(text_[at + 1]) != kWhite.npos) {
            at += 2;
        } else {
            return false;
        }
        if (!readQuoted(at, entry)) readPlain(at, entry);
        return true;
    }

    void readPlain(std::size_t at, Entry& entry) const {
        const auto end = std::min(text_.find_first_of("#\n", at), text_.size());
        const auto value = trimmed(text_.substr(at, end - at));
        entry.end = std::min(text_.find('\n', end), text_.size());
        const char first = value.empty() ? '\0' : value.front();
        const bool quote = first == '"' || first == '\'' || first == '`';
        const bool closed = quote && value.size() > 1 && value.back() == first;
        const auto inner = closed ? value.substr(1, value.size() - 2) : value;
        entry.value = first == '"' ? expanded(inner) : std::string(inner);
    }

    // A quoted value ends at the first quote that is not written \", or else at the last one that
    // is; wherever it ends, nothing but a comment may follow on that line.
    bool readQuoted(std::size_t at, Entry& entry) const {
        const auto open = skip(text_, at, kWhite);
        if (open >= text_.size()) return false;
        const char quote = text_[open];
        if (quote != '"' && quote != '\'' && quote != '`') return false;
        std::vector<std::size_t> ends;
        for (std::size_t i = open + 1; i < text_.size(); ++i) {
            if (text_[i] == '\\' && i + 1 < text_.size() && text_[i + 1] == quote) {
                ends.push_back(++i);
            } else if (text_[i] == quote) {
                ends.push_back(i);
                break;
            }
        }
        for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
            const auto after = skip(text_, *end + 1, kBlank);
            if (after < text_.size() && text_[after] != '\n' && text_[after] != '#') continue;
            const auto inner = text_.substr(open + 1, *end - open - 1);
            entry.value = quote == '"' ? expanded(inner) : std::string(inner);
            entry.end = std::min(text_.find('\n', after), text_.size());
            return true;
        }
        return false;
    }

    const std::string_view text_;
};

// The text without the entries that `out` takes away, and with those it replaces.
std::string rewritten(const std::string& text, const Variables& ours,
                      const std::map<std::string, std::string>& lines,
                      const std::set<std::string>& gone) {
    std::string out;
    std::set<std::string> written;
    std::size_t from = 0;
    for (const auto& entry : entriesOf(text)) {
        const bool is_ours = ours.count(entry.name) > 0;
        if (!is_ours && gone.count(entry.name) == 0) continue;
        out.append(text, from, entry.begin - from);
        from = entry.end;
        if (is_ours && written.insert(entry.name).second)
            out += lines.at(entry.name);
        else if (from < text.size())
            ++from;  // its line end goes with it
    }
    out.append(text, from);
    while (!out.empty() && out.back() == '\n') out.pop_back();
    for (const auto& [name, line] : lines)
        if (written.count(name) == 0) out += (out.empty() ? "" : "\n") + line;
    return out;
}

}  // namespace

std::vector<Entry> entriesOf(std::string_view text) {
    if (text.find('\r') == text.npos) return Reader(text).read();
    const std::string lines = withUnixLines(text);
    return Reader(lines).read();
}

Variables variablesOf(std::string_view text) {
    Variables all;
    for (auto& entry : entriesOf(text)) all[entry.name] = std::move(entry.value);
    return all;
}

bool isVariableName(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), isWord) &&
           !(name[0] >= '0' && name[0] <= '9');
}

std::optional<std::string> assignment(const std::string& name, const std::string& value) {
    const auto reads_back = [&](const std::string& line) {
        const auto entries = entriesOf(line + "\n");
        return entries.size() == 1 && entries[0].name == name && entries[0].value == value;
    };
    // A backslash before the closing quote would let it be no end, were a later line so written.
    const bool quotable = value.empty() || value.back() != '\\';
    if (value.find('\0') != value.npos) return std::nullopt;
    for (const char quote : {'"', '\'', '`'}) {
        if (!quotable || value.find(quote) != value.npos) continue;
        std::string inner;
        for (const char c : value) inner += c == '\r' ? "\\r" : std::string(1, c);
        const std::string line = name + "=" + quote + inner + quote;
        if (reads_back(line)) return line;
    }
    // Without quotes, unless it begins with one: a later line could close it.
    const std::string plain = name + "=" + value;
    const bool opens = !value.empty() && std::string_view("\"'`").find(value[0]) != value.npos;
    if (opens || !reads_back(plain)) return std::nullopt;
    return plain;
}

std::string merged(const std::string& text, const Variables& ours,
                   const std::set<std::string>& gone) {
    std::map<std::string, std::string> lines;
    for (const auto& [name, value] : ours) {
        auto line = assignment(name, value);
        if (!line)
            fail("The value of " + name + " cannot be written into Dokploy's environment",
                 {"bad_environment",
                  "It holds all three quotes, ends with a backslash, or mixes \\n with quotes, and "
                  "dotenv would read something else: change the value."});
        lines[name] = *std::move(line);
    }
    const std::string before = withUnixLines(text);
    auto out = rewritten(before, ours, lines, gone);

    Variables expected = variablesOf(before);
    for (const auto& name : gone) expected.erase(name);
    for (const auto& [name, value] : ours) expected[name] = value;
    if (const auto got = variablesOf(out); got != expected) {
        std::string name = "?";
        for (const auto& [each, value] : expected)
            if (const auto found = got.find(each); found == got.end() || found->second != value) {
                name = each;
                break;
            }
        fail(
            "The environment in Dokploy cannot be changed without changing what it says of " + name,
            {"bad_environment",
             "It has a quote that is never closed: correct it in Dokploy, under Environment."});
    }
    return out;
}

std::string templateIn(const Variables& variables, bool references_too) {
    constexpr std::string_view kOpen = "${{", kClose = "}}";
    for (const auto& [name, value] : variables) {
        std::string_view rest = value;
        for (auto at = rest.find(kOpen); at != rest.npos; at = rest.find(kOpen)) {
            if (references_too) return name;
            rest.remove_prefix(at + kOpen.size());
            const auto end = rest.find(kClose);
            if (end == rest.npos) return name;
            // Dokploy takes a blank for a part of the name, and finds none of that name.
            const auto inner = rest.substr(0, end);
            const bool whole =
                !inner.empty() && std::all_of(inner.begin(), inner.end(), [](char c) {
                    return isWord(c) || std::string_view(".-/:").find(c) != std::string_view::npos;
                });
            if (!whole) return name;
            rest.remove_prefix(end + kClose.size());
        }
    }
    return {};
}

}  // namespace iac::dokploy
