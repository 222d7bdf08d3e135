// iac.github: signed GitHub webhooks in, changes of the deployed branch out.

#include <iac/plugin.hpp>

#include "../repository.hpp"
#include "../secrets.hpp"
#include "../text.hpp"
#include "form.hpp"
#include "push.hpp"

namespace {

using iac::Verdict;
namespace triggers = iac::triggers;

class GitHub final : public iac::Trigger {
public:
    static constexpr iac::Info info{"iac.github", "1.0.0",
                                    "Deploys what a signed GitHub push touched"};
    static constexpr bool concurrent = true;
    static constexpr const char* routes = "POST /webhook";
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "secret": {
                "type": ["string", "array"], "items": {"type": "string"}, "writeOnly": true,
                "description": "The webhook's secret; an array of two while one is being replaced. Without it every request is refused."},
            "repositories": {
                "type": "array", "items": {"type": "string", "minLength": 1},
                "description": "Full names or addresses of the repositories whose pushes count, where the runner reads a mirror of them. Default: the one of repository.url."}}})";

    explicit GitHub(const iac::Value& config)
        : secrets_(config),
          repositories_(config.get<std::vector<std::string>>("repositories", {})) {}

    Verdict receive(const iac::HttpRequest& request, const iac::Call& call) override {
        if (secrets_.missing(call)) return Verdict::reject(401, triggers::kNoSecret);
        const auto signature = request.header("x-hub-signature-256");
        if (signature.empty())
            return Verdict::reject(401, "the header X-Hub-Signature-256 is missing");
        if (!secrets_.signedBy(request, request.body, signature))
            return Verdict::reject(401, "X-Hub-Signature-256 does not match the body");
        try {
            return understand(request, call);
        } catch (const iac::Error& e) {
            if (e.status() != IAC_INVALID) throw;
            return Verdict::reject(400, std::string("the payload is not understood: ") + e.what());
        }
    }

private:
    static constexpr std::size_t kLongestEventName = 64;

    Verdict understand(const iac::HttpRequest& request, const iac::Call& call) const {
        std::string form;
        std::string_view json = request.body;
        const auto header = request.header("content-type");
        const std::string type = mediaType(header);
        if (type == "application/x-www-form-urlencoded") {
            // GitHub sends this field first. Elsewhere it may be a part of a signed JSON body that
            // somebody sends again as a form.
            auto field = triggers::firstField(request.body, "payload");
            if (!field)
                iac::invalid(
                    "the form does not begin with the field `payload`, or it is encoded wrong");
            form = *std::move(field);
            json = form;
        } else if (type != "application/json") {
            return Verdict::reject(415, "the content type " + triggers::shown(header) +
                                            " is not taken; send application/json, or a form with "
                                            "the JSON in `payload`");
        }
        const iac::Value payload = call.parse(json);
        if (!payload.isObject()) iac::invalid("it is not a JSON object");
        return dispatch(payload, request);
    }

    Verdict dispatch(const iac::Value& payload, const iac::HttpRequest& request) const {
        const auto event = request.header("x-github-event");
        if (event == "ping")
            return Verdict::answer(iac::Object().set("status", "pong").set("event", "ping"));
        if (event == "push") return push(payload, request);
        if (!event.empty())
            return Verdict::ignore("event " + triggers::shown(event) + " deploys nothing",
                                   triggers::beginning(event, kLongestEventName));
        // A curl without GitHub's headers may say a push too.
        if (payload.find<iac::Value>("ref") && payload.find<iac::Value>("commits"))
            return push(payload, request);
        iac::invalid(
            "there is no header X-GitHub-Event, and without `ref` and `commits` it is no push");
    }

    // Other repositories may share the secret: an organization's webhook sends for all of them.
    Verdict push(const iac::Value& payload, const iac::HttpRequest& request) const {
        const auto names = triggers::namesOfRepository(payload);
        if (!repositories_.take(names, request.repository))
            return Verdict::ignore("the push is one of " + triggers::shown(names.front()) +
                                       ", and this runner deploys " +
                                       repositories_.shownFor(request.repository) +
                                       "; `repositories` of the trigger takes further ones",
                                   "push");
        return triggers::understandPush(payload, request);
    }

    // "application/json; charset=utf-8" -> "application/json"
    static std::string mediaType(std::string_view header) {
        header = header.substr(0, header.find(';'));
        const auto begin = header.find_first_not_of(" \t");
        if (begin == std::string_view::npos) return {};
        return triggers::lower(header.substr(begin, header.find_last_not_of(" \t") + 1 - begin));
    }

    const triggers::Secrets secrets_;
    const triggers::Repositories repositories_;
};

}  // namespace

IAC_PLUGINS(GitHub);
