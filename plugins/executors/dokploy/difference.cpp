#include "difference.hpp"

#include <algorithm>
#include <sstream>

namespace iac::dokploy {
namespace {

constexpr std::size_t kMostLines = 300;        // shown
constexpr std::size_t kMostCells = 4'000'000;  // of the table below: two files of 2,000 lines

using Lines = std::vector<std::string>;

Lines linesOf(const std::string& text) {
    Lines lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

// "      POSTGRES_PASSWORD: ***": of what comes after a name that sounds like a secret.
std::string masked(const std::string& line) {
    std::string lower;
    for (const char c : line) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (const char* word : {"pass", "secret", "token", "key", "credential", "private"}) {
        const auto at = lower.find(word);
        if (at == lower.npos) continue;
        const auto end = line.find_first_of(":=", at);
        if (end != line.npos && line.find_first_not_of(" \t", end + 1) != line.npos)
            return line.substr(0, end + 1) + " ***";
    }
    return line;
}

// The lengths of the longest common sequences of the ends of both, for the walk that prints.
class Table {
public:
    Table(const Lines& from, const Lines& to) : width_(to.size() + 1) {
        cells_.resize((from.size() + 1) * width_);
        for (std::size_t i = from.size(); i-- > 0;)
            for (std::size_t j = to.size(); j-- > 0;)
                cells_[i * width_ + j] =
                    from[i] == to[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
    }
    std::uint32_t at(std::size_t i, std::size_t j) const { return cells_[i * width_ + j]; }

private:
    const std::size_t width_;
    std::vector<std::uint32_t> cells_;
};

std::string count(std::size_t number, const char* what) {
    return std::to_string(number) + " " + what;
}

}  // namespace

std::string Difference::summary() const {
    std::string out;
    const auto say = [&](const std::vector<std::string>& names, const char* what) {
        if (names.empty()) return;
        const char* noun = out.empty() ? (names.size() == 1 ? "variable " : "variables ") : "";
        out += (out.empty() ? "" : ", ") + count(names.size(), noun) + what;
    };
    say(added, "added");
    say(changed, "changed");
    say(removed, "removed");
    if (compose_file) out += (out.empty() ? "" : "; ") + std::string("compose file changed");
    return out.empty() ? "nothing" : out;
}

Difference differenceOf(const Remote& remote, const Variables& there, const Configuration& wanted) {
    Difference difference;
    for (const auto& [name, value] : wanted.variables) {
        const auto found = there.find(name);
        if (found == there.end())
            difference.added.push_back(name);
        else if (found->second != value)
            difference.changed.push_back(name);
    }
    if (const auto keys = there.find(kKeysName); keys != there.end()) {
        std::istringstream names(keys->second);
        for (std::string name; names >> name;)
            if (wanted.variables.count(name) == 0 && there.count(name) > 0)
                difference.removed.push_back(name);
    }
    difference.compose_file =
        !wanted.compose_file.empty() && remote.compose_file != wanted.compose_file;
    return difference;
}

std::string lineDifference(const std::string& from_text, const std::string& to_text) {
    const Lines from = linesOf(from_text), to = linesOf(to_text);
    if ((from.size() + 1) * (to.size() + 1) > kMostCells) return "  (too long to be compared)\n";
    const Table table(from, to);
    std::string out;
    std::size_t shown = 0;
    for (std::size_t i = 0, j = 0; i < from.size() || j < to.size();) {
        if (i < from.size() && j < to.size() && from[i] == to[j]) {
            ++i, ++j;
            continue;
        }
        if (++shown > kMostLines) return out + "  (and more)\n";
        const bool take =
            j == to.size() || (i < from.size() && table.at(i + 1, j) >= table.at(i, j + 1));
        const auto& line = take ? from[i++] : to[j++];
        out += "  " + std::to_string(take ? i : j) + (take ? " - " : " + ") + masked(line) + "\n";
    }
    return out;
}

}  // namespace iac::dokploy
