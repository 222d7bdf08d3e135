#include <algorithm>
#include <cctype>

#include "base/utf8.hpp"
#include "plugin/inside.hpp"
#include "plugin/instance.hpp"

namespace iac::plugin {
namespace {

constexpr int kLongestWait = 24 * 3600;

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

Route parseRoute(std::string_view text, const plugin::Instance& of) {
    const std::size_t space = text.find(' ');
    const std::string_view method = text.substr(0, space);
    const std::string_view path =
        space == std::string_view::npos ? std::string_view{} : trim(text.substr(space));
    const bool good = !method.empty() && std::all_of(method.begin(), method.end(),
                                                     [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!good || !path.starts_with('/') || path.find(' ') != std::string_view::npos)
        throw Refused(of.name() + " declares the route \"" + std::string(text) +
                      "\"; a route is a method and a path, eg. \"POST /deploy\"");
    return {std::string(method), std::string(path)};
}

std::vector<Route> parseRoutes(const plugin::Instance& of) {
    std::vector<Route> routes;
    std::string_view rest = of.plugin().routes;
    while (true) {
        const std::size_t comma = rest.find(',');
        routes.push_back(parseRoute(trim(rest.substr(0, comma)), of));
        if (comma == std::string_view::npos) return routes;
        rest.remove_prefix(comma + 1);
    }
}

// What stands around a body may be any bytes, and what a plugin says of it has to be text: a
// request-id in Latin-1 must not make a plugin fail that only repeats it.
std::string textOf(std::string_view bytes) {
    const bool ascii = std::all_of(bytes.begin(), bytes.end(), [](char c) { return c >= 0; });
    return ascii ? std::string(bytes) : validUtf8(bytes);
}

// The wrapper's HttpRequest reads this. All of it is copied, also a body of 25 MiB: a call that
// does not return would read it when the request is gone.
std::shared_ptr<const CallInput> inputOf(const TriggerRequest& request) {
    auto input = std::make_shared<CallInput>();
    auto& document = input->document;
    const auto text = [&](std::string_view bytes) {
        return document.text(input->keep(textOf(bytes)));
    };
    std::vector<Document::Member> headers, query;
    // The first of several headers of one name counts: in JSON a name stands once.
    const auto add = [&](std::vector<Document::Member>& to, const std::string& name,
                         std::string_view value) {
        const auto shown = input->keep(textOf(name));
        if (std::ranges::find(to, shown, &Document::Member::first) == to.end())
            to.emplace_back(shown, text(value));
    };
    for (const auto& [name, value] : request.headers) add(headers, name, value);
    for (const auto& [name, value] : request.query) add(query, name, value);
    std::vector<Document::Member> members{
        {"method", text(request.method)},         {"path", text(request.path)},
        {"target", text(request.target)},         {"headers", document.object(headers)},
        {"query", document.object(query)},        {"branch", text(request.branch)},
        {"repository", text(request.repository)}, {"environment", text(request.environment)},
        {"caller", text(request.caller)}};
    input->bodiless = document.object(members);
    input->body = input->keep(std::string(request.body));
    members.emplace_back("body", document.text(input->body));
    document.setRoot(document.object(members));
    return input;
}

void readEvent(TriggerVerdict& verdict, const Emitted& emitted) {
    const std::string kind = emitted.text("kind");
    if (kind != "change" && kind != "request")
        emitted.fail("\"kind\" is \"" + kind + "\"; an event is a change or a request");
    verdict.kind = TriggerVerdict::Kind::event;
    verdict.status = 202;
    Event& event = verdict.event;
    event.kind = kind == "change" ? EventKind::change : EventKind::request;
    event.delivery = emitted.text("delivery");
    event.environment = emitted.text("environment");
    event.ref = emitted.text("ref");
    event.tag = emitted.text("tag");
    event.revision = emitted.text("revision");
    event.before = emitted.text("before");
    event.paths = emitted.texts("paths");
    event.paths_complete = emitted.boolean("paths_complete");
    event.services = emitted.texts("services");
    event.triggered_by = emitted.text("triggered_by");
    event.subject = emitted.text("subject");
    event.dry_run = emitted.boolean("dry_run");
    if (emitted.has("wait_seconds"))
        verdict.wait_seconds = emitted.number("wait_seconds", 0, kLongestWait);
    verdict.warnings = emitted.texts("warnings");
}

TriggerVerdict readVerdict(const Emitted& emitted) {
    TriggerVerdict verdict;
    const std::string said = emitted.text("verdict");
    if (said == "event") {
        readEvent(verdict, emitted);
    } else if (said == "ignore") {
        verdict.kind = TriggerVerdict::Kind::ignored;
        verdict.status = 200;
        verdict.reason = emitted.text("reason");
        verdict.ignored_event = emitted.text("event");
    } else if (said == "reject") {
        verdict.kind = TriggerVerdict::Kind::rejected;
        verdict.status = emitted.number("status", 400, 499);
        verdict.reason = emitted.text("reason");
    } else if (said == "answer") {
        verdict.kind = TriggerVerdict::Kind::answered;
        verdict.status = 200;
        verdict.body = emitted.json("body");
    } else if (said == "deployment") {
        verdict.kind = TriggerVerdict::Kind::asked;
        verdict.status = 200;
        verdict.deployment = emitted.text("deployment");
    } else {
        emitted.fail("\"verdict\" is \"" + said +
                     "\"; known: event, ignore, reject, answer, deployment");
    }
    return verdict;
}

}  // namespace

class Trigger::Instance {
public:
    Instance(const Plugin& plugin, std::string_view config, const CallSettings& settings)
        : called(makeInstance(plugin, config, settings)), routes(parseRoutes(*called)) {}
    const std::unique_ptr<plugin::Instance> called;
    const std::vector<Route> routes;
};

Trigger::Trigger(const Plugin& plugin, std::string_view config, const CallSettings& settings)
    : instance_(std::make_unique<Instance>(plugin, config, settings)) {}
Trigger::~Trigger() = default;
Trigger::Trigger(Trigger&&) noexcept = default;
Trigger& Trigger::operator=(Trigger&&) noexcept = default;

std::vector<Route> Trigger::routes() const {
    return instance_->routes;
}

void Trigger::stop() const {
    instance_->called->stop();
}

TriggerVerdict Trigger::receive(const TriggerRequest& request) const {
    constexpr std::size_t kMostVerdicts = 8;  // one is right; a few more make a better sentence
    const auto& called = *instance_->called;
    const auto answer = called.call("receive", inputOf(request), kMostVerdicts);
    // Input that makes no sense, eg. a body that is not JSON, is the sender's to correct.
    if (answer.status == IAC_INVALID) {
        TriggerVerdict verdict;
        verdict.reason = answer.message;
        return verdict;
    }
    if (answer.status != IAC_OK) throw Failed(called.name() + " failed: " + answer.message);
    if (answer.emitted.size() != 1)
        throw Failed(called.name() + " gave " + std::to_string(answer.emitted.size()) +
                     " verdicts about one request; it has to give one");
    return readVerdict(Emitted(called, answer.emitted[0]));
}

}  // namespace iac::plugin
