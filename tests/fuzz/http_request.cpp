// What a connection says, from its bytes to the verdict of the trigger that answers.
#include "connection.hpp"
#include "http/answer.hpp"
#include "http/routes.hpp"
#include "linked_triggers.hpp"
#include "target.hpp"

using namespace iac;

namespace {

constexpr std::uint64_t kBody = 4'000;

// The routes of the triggers, and one of each form that the others have.
const http::Routes& routes() {
    static const http::Routes all = [] {
        http::Routes made;
        for (const auto* trigger : {&fuzz::github(), &fuzz::manual()})
            for (const auto& route : trigger->routes())
                made.add({route.method, route.path, http::Role::trigger, kBody, {}});
        for (const char* path : {"/deployments", "/deployments/{id}/log", "/services/{id*}"})
            made.add({"GET", path, http::Role::read, kBody / 4, {}});
        return made;
    }();
    return all;
}

using Headers = std::vector<std::pair<std::string, std::string>>;

Headers withoutFraming(const http::Request& request) {
    Headers kept;
    for (const auto& header : request.headers)
        if (header.first != "transfer-encoding" && header.first != "content-length" &&
            header.first != "expect")
            kept.push_back(header);
    return kept;
}

// Two readers of one request may not believe two things: written plainly it is the same request.
void readAgain(const http::Request& request) {
    int times = 0;
    const int refused = fuzz::read(
        fuzz::plain(request), [](http::Request&) { return kBody; },
        [&](http::Request& again) {
            ++times;
            fuzz::require(again.method == request.method && again.target == request.target &&
                              again.query == request.query && again.body == request.body &&
                              withoutFraming(again) == withoutFraming(request),
                          "a request that is written again reads the same");
        });
    fuzz::require(refused == 0 && times == 1, "a request that is written again is one request");
}

void answer(http::Request& request) {
    if (routes().find(request).role != http::Role::trigger) return;
    const auto& trigger = request.path == "/webhook" ? fuzz::github() : fuzz::manual();
    fuzz::verdictOf(trigger, request);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::text(data, size);
    const int status = fuzz::read(
        input, [](http::Request& request) { return routes().find(request).body_limit; },
        [&](http::Request& request) {
            readAgain(request);
            answer(request);
        });
    fuzz::require(status == 0 || (status >= 400 && status < 500) || status == 501 || status == 505,
                  "what is refused is the fault of whoever sent it");
    return 0;
}
