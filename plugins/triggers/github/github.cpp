// iac.github: signed GitHub webhooks in, changes of the deployed branch out.

#include <iac/plugin.hpp>

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
                "description": "The webhook's secret; an array of two while one is being replaced. Without it every request is refused."}}})";

    explicit GitHub(const iac::Value& config) : secrets_(config) {}

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
    static Verdict understand(const iac::HttpRequest& request, const iac::Call& call) {
        std::string form;
        std::string_view json = request.body;
        const auto header = request.header("content-type");
        const std::string type = mediaType(header);
        if (type == "application/x-www-form-urlencoded") {
            auto field = triggers::formField(request.body, "payload");
            if (!field) iac::invalid("the form has no field `payload`, or it is encoded wrong");
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

    static Verdict dispatch(const iac::Value& payload, const iac::HttpRequest& request) {
        const auto event = request.header("x-github-event");
        if (event == "ping") return Verdict::answer(iac::Object().set("status", "pong"));
        if (event == "push") return triggers::understandPush(payload, request);
        if (!event.empty())
            return Verdict::ignore("event " + triggers::shown(event) + " deploys nothing");
        // A curl without GitHub's headers may say a push too.
        if (payload.find<iac::Value>("ref") && payload.find<iac::Value>("commits"))
            return triggers::understandPush(payload, request);
        iac::invalid(
            "there is no header X-GitHub-Event, and without `ref` and `commits` it is no push");
    }

    // "application/json; charset=utf-8" -> "application/json"
    static std::string mediaType(std::string_view header) {
        header = header.substr(0, header.find(';'));
        const auto begin = header.find_first_not_of(" \t");
        if (begin == std::string_view::npos) return {};
        return triggers::lower(header.substr(begin, header.find_last_not_of(" \t") + 1 - begin));
    }

    const triggers::Secrets secrets_;
};

}  // namespace

IAC_PLUGINS(GitHub);
