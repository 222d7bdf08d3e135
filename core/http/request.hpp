#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/body_budget.hpp"

namespace iac::http {

/// The connection a request came on, as far as a handler may touch it.
class Line {
public:
    virtual ~Line() = default;
    /// From here to endWait() the caller waits on purpose: the deadline of the request rests.
    virtual void beginWait() = 0;
    virtual void endWait() = 0;
    virtual bool gone() = 0;  ///< the caller has hung up
};

/// A request as it was read: bounded and whole, not yet judged.
struct Request {
    std::string method;                                        ///< "GET"
    std::string target;                                        ///< path and query, as they came
    std::string path;                                          ///< of the target, as it came
    std::map<std::string, std::string> query;                  ///< decoded; each name once
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
    std::string body;
    BodyBudget::Share share;                        ///< for `body`
    std::map<std::string, std::string> parameters;  ///< of the route's pattern
    std::string_view route;  ///< the pattern of the route that answers; empty: none does
    std::string caller;      ///< the name of the token that was shown; empty: none was
    std::int64_t token = 0;  ///< its id; 0: none was shown
    std::string address;     ///< of the caller
    bool keep_alive = true;
    bool http_1_1 = true;
    Line* line = nullptr;

    /// The first of that name (lower case); empty text when there is none.
    std::string_view header(std::string_view name) const {
        for (const auto& [key, value] : headers)
            if (key == name) return value;
        return {};
    }
    /// The body has been understood: its memory is for others, for as long as the caller waits.
    void dropBody() {
        std::string().swap(body);
        share.giveBack();
    }
};

}  // namespace iac::http
