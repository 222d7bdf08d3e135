// The payload of a push, as GitHub signs and sends it: as JSON, and as a form.
#include "linked_triggers.hpp"
#include "target.hpp"

using namespace iac;

namespace {

plugin::TriggerVerdict send(std::string_view body, const char* type) {
    http::Request request;
    request.method = "POST";
    request.path = "/webhook";
    request.headers = {{"x-hub-signature-256", ""},
                       {"content-type", type},
                       {"x-github-event", "push"},
                       {"x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"}};
    request.body = body;
    return fuzz::verdictOf(fuzz::github(), request);
}

std::string form(std::string_view payload) {
    std::string body = "payload=";
    for (const char c : payload) {
        constexpr char digits[] = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        body += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto payload = fuzz::text(data, size);
    const auto verdict = send(payload, "application/json");
    const auto same = send(form(payload), "application/x-www-form-urlencoded");
    fuzz::require(verdict.kind == same.kind && verdict.reason == same.reason &&
                      verdict.event.paths == same.event.paths &&
                      verdict.event.revision == same.event.revision,
                  "a form says what its JSON says");
    return 0;
}
