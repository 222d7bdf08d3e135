// @id@: posts one line to a web address when a deployment has finished.
#include <iac/plugin.hpp>

namespace {

class @Class@ final : public iac::Notifier {
public:
    static constexpr iac::Info info{"@id@", IAC_PLUGIN_VERSION, "Posts one line for each finished deployment"};

    // "writeOnly" marks a secret: it is masked in every log and message.
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false, "required": ["url"],
        "properties": {
            "url": {
                "type": "string", "minLength": 1, "writeOnly": true,
                "description": "Where to post to.", "examples": ["https://chat.example.com/hook"]}}})";

    explicit @Class@(const iac::Value& config) : url_(config.get<std::string>("url")) {}

    void notify(const iac::Value& input, const iac::Call& call) override {
        // A deployment that ended, or one that ended well after one that did not.
        const auto event = input.get<std::string>("event");
        if (event != "deployment.finished" && event != "deployment.recovered") return;
        const auto deployment = input.get<iac::Value>("deployment");
        const std::string line = deployment.get<std::string>("environment", "?") + ": " +
                                 deployment.get<std::string>("status", "?");

        iac::Request request{"POST", url_};
        request.headers = {"Content-Type: application/json"};
        request.body = iac::Object().set("text", line).text();
        const iac::Reply reply = call.http(request);  // no answer at all: tried again later
        if (reply.status >= 500) iac::retry("the chat answered " + std::to_string(reply.status));
        if (reply.status >= 300) iac::fail("the chat answered " + std::to_string(reply.status));
    }

private:
    const std::string url_;
};

}  // namespace

IAC_PLUGINS(@Class@);
