#include "message.hpp"

#include <algorithm>
#include <array>

#include "../text.hpp"
#include "limits.hpp"
#include "rich_text.hpp"

namespace iac::slack {
namespace {

using notifiers::cut;
using notifiers::Service;

/// How much of everything is shown. Tried from the first on until the blocks are small enough.
struct Room {
    std::size_t services, text, body, log;
};
constexpr std::array kRooms{
    Room{30, 300, kLongestSection, 3'000},
    Room{20, 200, 1'500, 1'500},
    Room{12, 100, 600, 700},
    Room{5, 60, 200, 200},
};
constexpr std::size_t kLongestName = 80;

std::string escaped(std::string text) {
    text = notifiers::replaced(std::move(text), "&", "&amp;");
    text = notifiers::replaced(std::move(text), "<", "&lt;");
    return notifiers::replaced(std::move(text), ">", "&gt;");
}

// "v1.2.4", "main"; empty when the revision says it all.
std::string askedFor(const News& news) {
    std::string ref = news.tag.empty() ? news.ref : news.tag;
    for (const std::string_view prefix : {"refs/heads/", "refs/tags/"})
        if (ref.rfind(prefix, 0) == 0) ref.erase(0, prefix.size());
    return ref == news.revision || ref == shortRevision(news) ? std::string() : ref;
}

void addMentions(Blocks& blocks, const Style& style, Whom whom) {
    if (whom == Whom::nobody || style.mentions.empty()) return;
    Line line;
    for (const auto& one : style.mentions) {
        if (!line.empty()) line.text(" ");
        line.element(one);
    }
    blocks.richText(line.section());
}

void addFacts(Blocks& blocks, const News& news, const Room& room) {
    Line line;
    const std::string revision = cut(shortRevision(news), kLongestName);
    if (!revision.empty()) {
        line.bold("Revision ").link(revision, news.links.revision);
        const std::string ref = cut(askedFor(news), kLongestName);
        if (!ref.empty()) line.text(" (" + ref + ")");
        if (!news.links.changes.empty()) line.text(" · ").link("what changed", news.links.changes);
    }
    const std::string by = cut(news.triggered_by, room.text);
    const std::string through = cut(news.trigger, kLongestName);
    if (!by.empty() || !through.empty()) {
        line.text(line.empty() ? "" : "\n").bold("By ").text(by.empty() ? through : by);
        if (!by.empty() && !through.empty()) line.text(" (" + through + ")");
    }
    if (news.seconds && news.ended())
        line.text(line.empty() ? "" : "\n")
            .bold("Took ")
            .text(notifiers::durationText(*news.seconds));
    if (!line.empty()) blocks.richText(line.section());
}

Line serviceLine(const Service& service, const Room& room) {
    Line line;
    line.text(iconOf(service) + " ").bold(cut(service.id, kLongestName));
    const std::string summary = cut(service.summary, room.text);
    line.text(" " + cut(service.status, kLongestName) + (summary.empty() ? "" : ": " + summary));
    return line;
}

// "and 183 more: 180 changed, 3 skipped"
Line restLine(const std::vector<Service>& rest) {
    std::vector<std::pair<std::string, std::size_t>> counts;
    for (const auto& service : rest) {
        const auto found = std::find_if(counts.begin(), counts.end(), [&](const auto& one) {
            return one.first == service.status;
        });
        if (found != counts.end()) {
            ++found->second;
        } else {
            counts.emplace_back(service.status, 1);
        }
    }
    // A newer runner may know other states, but not many of them.
    constexpr std::size_t kMostStates = 8;
    std::string text;
    for (std::size_t i = 0; i < std::min(counts.size(), kMostStates); ++i)
        text += (i > 0 ? ", " : "") + std::to_string(counts[i].second) + " " +
                cut(counts[i].first, kLongestName);
    return Line().text("and " + std::to_string(rest.size()) + " more: " + text);
}

// What somebody looks for first; within that, the order of the deployment.
int rank(const Service& service) {
    constexpr std::array kOrder{"failed", "running", "cancelled", "changed", "pending", "skipped"};
    return static_cast<int>(std::find(kOrder.begin(), kOrder.end(), service.status) -
                            kOrder.begin());
}

void addServices(Blocks& blocks, const News& news, const Room& room) {
    std::vector<Service> services = news.services, rest;
    if (services.size() > room.services) {
        std::stable_sort(services.begin(), services.end(), [](const auto& one, const auto& other) {
            return rank(one) < rank(other);
        });
        rest.assign(services.begin() + static_cast<std::ptrdiff_t>(room.services), services.end());
        services.resize(room.services);
    }
    std::vector<Line> lines;
    lines.reserve(services.size() + 1);
    for (const auto& service : services) lines.push_back(serviceLine(service, room));
    if (!rest.empty()) lines.push_back(restLine(rest));
    blocks.list(lines);
}

void addFailure(Blocks& blocks, const News& news, const Room& room) {
    if (news.status != "failed") return;
    const std::string summary = cut(news.summary, room.text),
                      next = cut(news.next_action, room.text);
    if (!summary.empty()) blocks.richText(Line().text(summary).quote());
    if (!next.empty()) blocks.richText(Line().bold("What to do next: ").text(next).section());
}

void addLog(Blocks& blocks, const News& news, const Room& room) {
    if (news.status != "failed" || news.log_tail.empty()) return;
    blocks.richText(Line().text(notifiers::cutToEnd(news.log_tail, room.log)).preformatted());
}

void addLinks(Blocks& blocks, const News& news) {
    Line line;
    if (!news.links.deployment.empty())
        line.link("Deployment " + cut(news.id, kLongestName), news.links.deployment);
    if (!news.links.log.empty()) {
        if (!line.empty()) line.text(" · ");
        line.link("Log", news.links.log);
    }
    if (!line.empty()) blocks.richText(line.section());
}

// The title as the configuration wants it; a message has one, whatever the template leaves of it.
std::string titleOf(const News& news, const Style& style) {
    const std::string title = notifiers::oneLine(style.title.fill(fieldsOf(news)));
    return title.empty() ? plainText(news) : title;
}

std::string fallback(const News& news, const std::string& title) {
    std::string text = title;
    if (news.status == "failed" && !news.summary.empty()) text += ": " + news.summary;
    return escaped(cut(text, kLongestText));
}

template <class Fill>
std::string fitting(Fill fill) {
    std::string json;
    for (const Room& room : kRooms) {
        Blocks blocks;
        fill(blocks, room);
        json = blocks.json().text();
        if (notifiers::width(json) <= kLongestBlocks) break;
    }
    return json;
}

}  // namespace

Message overview(const News& news, const Style& style, Whom whom, bool log) {
    const std::string title = titleOf(news, style),
                      body = notifiers::lines(style.body.fill(fieldsOf(news)));
    return {fallback(news, title), fitting([&](Blocks& blocks, const Room& room) {
                blocks.header(cut(title, kLongestHeader));
                addMentions(blocks, style, whom);
                blocks.section(cut(body, room.body));
                addFacts(blocks, news, room);
                addServices(blocks, news, room);
                addFailure(blocks, news, room);
                if (log) addLog(blocks, news, room);
                addLinks(blocks, news);
            })};
}

Message details(const News& news, const Style& style, Whom whom) {
    const std::string title = titleOf(news, style);
    return {fallback(news, title), fitting([&](Blocks& blocks, const Room& room) {
                addMentions(blocks, style, whom);
                blocks.richText(Line().bold(cut(title, kLongestHeader)).section());
                addFailure(blocks, news, room);
                addLog(blocks, news, room);
                addLinks(blocks, news);
            })};
}

std::string plainText(const News& news) {
    std::string text = "Deployment " + news.id;
    if (!news.status.empty()) text += ": " + news.status;
    if (!news.links.deployment.empty()) text += " " + news.links.deployment;
    return escaped(cut(text, kLongestText));
}

}  // namespace iac::slack
