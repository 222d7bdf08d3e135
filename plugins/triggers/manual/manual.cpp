// iac.manual: signed POST /deploy and POST /sync in, requests for a deployment out; and how one is,
// by POST /deploy/status.

#include <iac/plugin.hpp>

#include "../secrets.hpp"
#include "../text.hpp"
#include "body.hpp"

namespace {

using iac::Verdict;
namespace triggers = iac::triggers;

class Manual final : public iac::Trigger {
public:
    static constexpr iac::Info info{"iac.manual", "1.0.0",
                                    "Deploys what a signed request asks for by name"};
    static constexpr bool concurrent = true;
    static constexpr const char* routes = "POST /deploy, POST /sync, POST /deploy/status";
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "secret": {
                "type": ["string", "array"], "items": {"type": "string"}, "writeOnly": true,
                "description": "What requests are signed with; an array of two while one is being replaced. Without it every request is refused."},
            "wait": {
                "type": "integer", "minimum": 0, "maximum": 3600, "default": 60,
                "description": "Seconds a caller waits for the end of the deployment, where the request does not say it."},
            "strict": {
                "type": "boolean", "default": false,
                "description": "Refuses a member of the body that it does not know. Without it such a member is ignored, and the answer names it in `warnings`."},
            "replay_protection": {
                "type": "string", "enum": ["optional", "required"], "default": "optional",
                "description": "required: a request without X-IAC-Timestamp and X-IAC-Nonce is refused."}}})";

    explicit Manual(const iac::Value& config)
        : secrets_(config),
          reading_{config.get<int>("wait", 60), config.get<bool>("strict", false)},
          replay_protection_(config.get<std::string>("replay_protection", "optional") ==
                             "required") {}

    Verdict receive(const iac::HttpRequest& request, const iac::Call& call) override {
        // Whoever shows a token of the runner has been checked already, and may deploy.
        if (request.caller.empty()) {
            if (secrets_.missing(call)) return Verdict::reject(401, triggers::kNoSecret);
            if (const auto reason = whyRefused(request); !reason.empty())
                return Verdict::reject(401, reason);
        }
        try {
            // curl -d says it sends a form: whatever it is called, the body has to be JSON.
            const iac::Value body = call.parse(request.body);
            if (!body.isObject()) iac::invalid("it is not a JSON object");
            if (request.path == "/deploy/status")
                return Verdict::deployment(triggers::statusRequest(body, reading_));
            return Verdict::accept(request.path == "/sync"
                                       ? triggers::syncRequest(body, reading_)
                                       : triggers::deployRequest(body, reading_));
        } catch (const iac::Error& e) {
            if (e.status() != IAC_INVALID) throw;
            return Verdict::reject(400, std::string("the body is not understood: ") + e.what());
        }
    }

private:
    // Empty: the request is signed by one of the secrets. Which bytes are signed is said by the
    // headers alone: neither form can be replayed as the other, for "<timestamp>.<nonce>." is not
    // how a JSON object begins. Method and path are signed too, so that a request for one route
    // cannot be sent to another. Whether the time is near and the nonce new is for the runner to
    // say.
    std::string whyRefused(const iac::HttpRequest& request) const {
        const auto signature = request.header("x-hub-signature-256");
        const auto timestamp = request.header("x-iac-timestamp");
        const auto nonce = request.header("x-iac-nonce");
        if (signature.empty()) return "the header X-Hub-Signature-256 is missing";
        if (timestamp.empty() != nonce.empty())
            return "X-IAC-Timestamp and X-IAC-Nonce are only of use together";
        if (timestamp.empty()) {
            if (replay_protection_)
                return "this trigger takes only requests with X-IAC-Timestamp and X-IAC-Nonce "
                       "(replay_protection: required)";
            return secrets_.signedBy(request, request.body, signature)
                       ? ""
                       : "X-Hub-Signature-256 does not match the body";
        }
        if (!isTimestamp(timestamp)) return "X-IAC-Timestamp is not a number of unix seconds";
        if (!isNonce(nonce)) return "X-IAC-Nonce is not 8 to 128 characters of A-Za-z0-9._:-";
        std::string bytes;
        bytes.reserve(timestamp.size() + nonce.size() + request.method.size() +
                      request.target.size() + 4 + request.body.size());
        bytes.append(timestamp).append(1, '.').append(nonce).append(1, '.');
        bytes.append(request.method).append(1, ' ').append(request.target).append(1, '.');
        bytes.append(request.body);
        return secrets_.signedBy(request, bytes, signature)
                   ? ""
                   : "X-Hub-Signature-256 does not match "
                     "\"<timestamp>.<nonce>.<method> <path and query>.<body>\"";
    }

    static bool isTimestamp(std::string_view text) {
        constexpr std::size_t kMostDigits = 12;
        return text.size() <= kMostDigits && text.find_first_not_of("0123456789") == text.npos;
    }
    static bool isNonce(std::string_view text) {
        return text.size() >= 8 && text.size() <= 128 &&
               text.find_first_not_of(
                   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                   "0123456789._:-") == text.npos;
    }

    const triggers::Secrets secrets_;
    const triggers::Reading reading_;
    const bool replay_protection_;
};

}  // namespace

IAC_PLUGINS(Manual);
