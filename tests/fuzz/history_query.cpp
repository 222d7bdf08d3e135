// The path and query of a request for the history: its filters, and the link to its next page.
#include <optional>
#include <tuple>

#include "connection.hpp"
#include "http/answer.hpp"
#include "http/head.hpp"
#include "http/pages.hpp"
#include "http/query_values.hpp"
#include "target.hpp"

using namespace iac;

namespace {

struct Query {
    std::string environment, service, ref;
    std::optional<Time> since, until;
    std::size_t limit = 0;
    std::int64_t before = 0;
    bool follow = false;

    auto filters() const {
        return std::tie(environment, service, ref, since, until, limit, follow);
    }
};

Query queryOf(const http::Request& request) {
    http::allowOnly(request,
                    {"env", "service", "ref", "since", "until", "limit", "before", "follow"});
    Query query;
    query.environment = http::textOf(request, "env");
    query.service = http::textOf(request, "service");
    query.ref = http::textOf(request, "ref");
    query.since = http::timeOf(request, "since");
    query.until = http::timeOf(request, "until");
    query.limit = http::pageOf(request);
    query.before = http::beforeOf(request);
    query.follow = http::flagOf(request, "follow");
    return query;
}

int ask(const std::string& target, const std::function<void(const http::Request&)>& answer) {
    return fuzz::read(
        "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n", [](http::Request&) -> std::uint64_t { return 0; },
        [&](http::Request& request) { answer(request); });
}

void follow(const http::Request& request) {
    const auto query = queryOf(request);
    fuzz::require(query.limit >= 1 && query.limit <= 499 && query.before >= 0,
                  "a page has its limits");
    constexpr std::int64_t kNext = 41;
    const auto next = http::nextPage("/deployments", request, kNext);
    // Encoded, a text of strange bytes may be too long to be asked for; nothing has such a name.
    if (next.size() > http::kLongestTarget) return;
    int times = 0;
    const int refused = ask(next, [&](const http::Request& again) {
        ++times;
        const auto page = queryOf(again);
        fuzz::require(page.filters() == query.filters(), "the next page has the same filters");
        fuzz::require(page.before == kNext, "the next page begins where this one ends");
    });
    fuzz::require(refused == 0 && times == 1, "the link to the next page can be asked for");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string target(fuzz::text(data, size));
    // A line end would begin a header: that is for http_request.
    if (target.find_first_of("\r\n") != target.npos) return 0;
    http::timeFromText(target);
    const int status = ask("/deployments?" + target, follow);
    fuzz::require(status < 500 || status == 505, "a query that makes no sense is a 4xx");
    return 0;
}
