#include "news.hpp"

#include <algorithm>
#include <cstdio>

#include "text.hpp"

namespace iac::notifiers {
namespace {

constexpr std::size_t kLongestText = 2'000;   // characters of one text of a deployment
constexpr std::size_t kLongestLog = 20'000;   // characters of the end of a log
constexpr std::size_t kMostServices = 1'000;  // read; a message shows fewer
constexpr std::size_t kLongestUrl = 2'000;    // bytes
constexpr std::size_t kShortRevision = 7;     // as git shows it
constexpr std::size_t kShownServices = 50;    // in the field {services}

// A member of another type than expected is one that is not there: a message that says less is
// better than none.
std::optional<Value> member(const Value& object, const char* name) {
    return object.isObject() ? object.find<Value>(name) : std::nullopt;
}

std::string_view rawText(const Value& object, const char* name) {
    const auto found = member(object, name);
    return found ? found->string() : std::string_view();
}

std::string text(const Value& object, const char* name) {
    return cut(oneLine(rawText(object, name)), kLongestText);
}

std::string idText(const Value& object, const char* name) {
    const auto found = member(object, name);
    if (!found) return {};
    return found->isNumber() ? found->json() : text(object, name);
}

bool flag(const Value& object, const char* name) {
    const auto found = member(object, name);
    return found && found->isBool() && found->json() == "true";
}

std::optional<double> number(const Value& object, const char* name) {
    const auto found = member(object, name);
    if (!found || !found->isNumber()) return std::nullopt;
    return object.get<double>(name);
}

// An address that may be shown as a link: of the web, and without what could end it.
std::string link(const std::string& url) {
    const bool web = url.rfind("https://", 0) == 0 || url.rfind("http://", 0) == 0;
    const bool whole = url.find_first_of(" <>|\"\\`") == url.npos;
    return web && whole && url.size() <= kLongestUrl ? url : std::string();
}

std::string joinUrl(std::string base, const std::string& path) {
    base = withoutSlash(std::move(base));
    return base.empty() || path.empty() || path[0] != '/' ? std::string() : link(base + path);
}

bool isRevision(const std::string& text) {
    constexpr std::size_t kSha1 = 40, kSha256 = 64;
    return (text.size() == kSha1 || text.size() == kSha256) &&
           text.find_first_not_of("0123456789abcdef") == text.npos;
}

Service readService(const Value& step) {
    Service service;
    service.id = text(step, "service");
    service.status = text(step, "status");
    if (service.status.empty()) service.status = "pending";
    service.summary = text(step, "summary");
    service.next_action = text(step, "next_action");
    return service;
}

std::vector<Service> readServices(const Value& deployment) {
    std::vector<Service> services;
    auto list = member(deployment, "steps");
    if (!list || !list->isArray() || list->count() == 0)
        list = deployment.isObject() ? deployment.find<Value>("plan/services") : std::nullopt;
    if (!list || !list->isArray()) return services;
    for (std::size_t i = 0; i < std::min(list->count(), kMostServices); ++i)
        if ((*list)[i].isObject()) services.push_back(readService((*list)[i]));
    return services;
}

Links linksOf(const News& news, const Value& input, const Value& deployment) {
    const std::string base(rawText(input, "public_url"));
    Links links;
    if (news.id != "?") links.deployment = joinUrl(base, "/deployments/" + news.id);
    links.log = joinUrl(base, std::string(rawText(deployment, "log_url")));
    if (news.repository.empty() || !isRevision(news.revision)) return links;
    links.revision = link(news.repository + "/commit/" + news.revision);
    const auto repository = member(input, "repository");
    const std::string before(repository ? rawText(*repository, "previous_revision") : "");
    if (isRevision(before) && before != news.revision)
        links.changes = link(news.repository + "/compare/" + before + "..." + news.revision);
    return links;
}

void readDeployment(const Value& deployment, News& news) {
    news.id = idText(deployment, "id");
    if (news.id.empty()) news.id = "?";
    news.status = text(deployment, "status");
    news.environment = text(deployment, "environment");
    news.ref = text(deployment, "ref");
    news.tag = text(deployment, "tag");
    news.revision = text(deployment, "revision");
    news.subject = text(deployment, "subject");
    news.triggered_by = text(deployment, "triggered_by");
    news.trigger = text(deployment, "trigger");
    news.summary = text(deployment, "summary");
    news.next_action = text(deployment, "next_action");
    news.superseded_by = idText(deployment, "superseded_by");
    news.created_at = text(deployment, "created_at");
    news.started_at = text(deployment, "started_at");
    news.finished_at = text(deployment, "finished_at");
    news.dry_run = flag(deployment, "dry_run");
    news.retry = !idText(deployment, "retry_of").empty();
    news.rollback = !idText(deployment, "rollback_of").empty();
    news.seconds = number(deployment, "duration_seconds");
    news.services = readServices(deployment);
    // The failure of a step is why its deployment failed.
    for (const auto& service : news.services) {
        if (service.status != "failed") continue;
        if (news.summary.empty() && !service.summary.empty())
            news.summary = service.id + ": " + service.summary;
        if (news.next_action.empty()) news.next_action = service.next_action;
    }
}

std::string outcomeOf(const News& news) {
    if (news.recovered) return "succeeded: the failure is over";
    if (news.status == "queued") return "is waiting";
    if (news.status == "running") {
        if (news.services.empty()) return "is running";
        return "is running: " + std::to_string(news.done()) + " of " +
               std::to_string(news.services.size());
    }
    if (news.status == "success") return "succeeded";
    if (news.status == "failed") return "failed";
    if (news.status == "cancelled") return "was cancelled";
    if (news.status == "superseded")
        return news.superseded_by.empty() ? "was superseded"
                                          : "was superseded by " + news.superseded_by;
    return news.status.empty() ? "is in an unknown state" : "is " + news.status;
}

std::string whatOf(const News& news) {
    const std::string what = news.dry_run    ? "Dry run"
                             : news.rollback ? "Rollback"
                             : news.retry    ? "Retry"
                                             : "Deployment";
    return news.sample ? "Sample: " + what : what;
}

std::string servicesText(const News& news) {
    std::string out;
    for (std::size_t i = 0; i < news.services.size(); ++i) {
        if (i == kShownServices)
            return out + " and " + std::to_string(news.services.size() - i) + " more";
        out += (i > 0 ? ", " : "") + news.services[i].id + " " + news.services[i].status;
    }
    return out;
}

}  // namespace

bool News::ended() const {
    return status != "queued" && status != "running";
}

std::size_t News::done() const {
    return services.size() - count("pending") - count("running");
}

std::size_t News::count(std::string_view service_status) const {
    return static_cast<std::size_t>(
        std::count_if(services.begin(), services.end(),
                      [&](const Service& one) { return one.status == service_status; }));
}

News readNews(const Value& input) {
    News news;
    news.notification = text(input, "notification");
    news.event = text(input, "event");
    news.sample = flag(input, "sample");
    news.recovered = news.event == "deployment.recovered";
    news.memory = rawText(input, "memory");
    news.log_tail = cutToEnd(lines(rawText(input, "log_tail")), kLongestLog);
    if (const auto repository = member(input, "repository"))
        news.repository = withoutSlash(link(std::string(rawText(*repository, "web"))));
    const auto deployment = member(input, "deployment");
    if (!deployment) invalid("the input has no object \"deployment\"");
    readDeployment(*deployment, news);
    news.links = linksOf(news, input, *deployment);
    return news;
}

std::string shortRevision(const News& news) {
    if (isRevision(news.revision)) return news.revision.substr(0, kShortRevision);
    return news.tag.empty() ? news.ref : news.tag;
}

std::string durationText(double seconds) {
    constexpr double kMinute = 60, kHour = 3600;
    char out[48];
    if (seconds < kMinute) {
        std::snprintf(out, sizeof out, "%.1f s", std::max(0.0, seconds));
    } else if (seconds < kHour) {
        const int whole = static_cast<int>(seconds);
        std::snprintf(out, sizeof out, "%d min %02d s", whole / 60, whole % 60);
    } else {
        const long minutes = static_cast<long>(std::min(seconds, 1e9) / kMinute);
        std::snprintf(out, sizeof out, "%ld h %02ld min", minutes / 60, minutes % 60);
    }
    return out;
}

std::string iconOf(const News& news) {
    if (news.status == "queued") return "🕓";
    if (news.status == "running") return "🔄";
    if (news.status == "success") return "✅";
    if (news.status == "failed") return "❌";
    if (news.status == "cancelled") return "🚫";
    if (news.status == "superseded") return "⏩";
    return "❔";
}

std::string iconOf(const Service& service) {
    if (service.status == "pending") return "🕓";
    if (service.status == "running") return "🔄";
    if (service.status == "changed") return "✅";
    if (service.status == "unchanged") return "➖";
    if (service.status == "failed") return "❌";
    if (service.status == "skipped") return "⏩";
    if (service.status == "cancelled") return "🚫";
    return "❔";
}

const std::vector<std::string>& fieldNames() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const auto& [name, text] : fieldsOf(News())) all.push_back(name);
        return all;
    }();
    return names;
}

Fields fieldsOf(const News& news) {
    return {
        {"changed", std::to_string(news.count("changed"))},
        {"changes_url", news.links.changes},
        {"duration", news.seconds ? durationText(*news.seconds) : ""},
        {"environment", news.environment},
        {"failed", std::to_string(news.count("failed"))},
        {"icon", iconOf(news)},
        {"id", news.id},
        {"log_url", news.links.log},
        {"next_action", news.next_action},
        {"outcome", outcomeOf(news)},
        {"ref", news.ref},
        {"revision", news.revision},
        {"services", servicesText(news)},
        {"short_revision", shortRevision(news)},
        {"status", news.status},
        {"subject", news.subject},
        {"summary", news.summary},
        {"tag", news.tag},
        {"trigger", news.trigger},
        {"triggered_by", news.triggered_by},
        {"url", news.links.deployment},
        {"what", whatOf(news)},
    };
}

}  // namespace iac::notifiers
