// @id@: a signed POST that names services becomes a request to deploy them.
#include <iac/plugin.hpp>

namespace {

class @Class@ final : public iac::Trigger {
public:
    static constexpr iac::Info info{"@id@", IAC_PLUGIN_VERSION,
                                    "Deploys the services that a signed POST names"};
    static constexpr const char* routes = "POST /hooks/@name@";
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false, "required": ["secret"],
        "properties": {
            "secret": {
                "type": "string", "minLength": 16, "writeOnly": true,
                "description": "Signs the requests: X-Signature is sha256= and the HMAC of the body.",
                "examples": ["an example secret"]}}})";

    // Nothing changes after the constructor: requests may be judged by several threads at once.
    static constexpr bool concurrent = true;

    explicit @Class@(const iac::Value& config) : secrets_{config.get<std::string>("secret")} {}

    // It runs inside the runner, before anything is stored. First the signature, over the bytes as
    // received; only then is anything parsed. What is not JSON is answered with 400 by itself.
    iac::Verdict receive(const iac::HttpRequest& request, const iac::Call& call) override {
        if (!iac::signatureMatches(request.input, secrets_, request.body,
                                   request.header("x-signature")))
            return iac::Verdict::reject(401, "the signature does not match");

        const iac::Value body = call.parse(request.body);
        iac::Event event;
        event.delivery = std::string(request.header("x-delivery"));
        event.ref = body.get<std::string>("ref", "");
        event.services = body.get<std::vector<std::string>>("services");
        event.triggered_by = body.get<std::string>("by", "@id@");
        if (event.services.empty()) return iac::Verdict::ignore("no services are named");
        return iac::Verdict::accept(event);
    }

private:
    const std::vector<std::string> secrets_;
};

}  // namespace

IAC_PLUGINS(@Class@);
