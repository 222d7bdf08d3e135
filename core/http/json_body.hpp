#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "http/request.hpp"
#include "plugin/value.hpp"

namespace iac::http {

/// The body of a request to the API: one JSON object, read strictly. Empty is `{}`. Everything
/// throws Problem 400 with the name of the member that is wrong.
class JsonBody {
public:
    static constexpr std::size_t kLongestName = 200;
    static constexpr std::size_t kLongestReason = 1'000;
    static constexpr std::size_t kLongestRef = 1'024;

    /// `known`: the members there may be. A misspelt one must not be one that is not there.
    JsonBody(const Request& request, const std::vector<std::string_view>& known);

    bool has(std::string_view member) const { return find(member) != nullptr; }
    /// One line of at most `longest` bytes. Empty when it is not there.
    std::string text(std::string_view member, std::size_t longest = kLongestName) const;
    /// The same, and it has to be there.
    std::string required(std::string_view member, std::size_t longest = kLongestName) const;
    /// Empty when it is not there; an empty list is no answer to "which".
    std::vector<std::string> texts(std::string_view member, std::size_t most,
                                   std::size_t longest = kLongestName) const;
    std::optional<Time> time(std::string_view member) const;
    /// "90s", "2h": as the configuration spells it.
    std::optional<Duration> duration(std::string_view member) const;
    /// `true`, or a number of seconds. Empty when it is not there.
    std::optional<int> wait() const;

private:
    const iac_value* find(std::string_view member) const;

    std::unique_ptr<const plugin::Document> document_;
};

/// Who did it, for the history: the name of the token; with the secret what the body says, or
/// "api".
std::string actorOf(const Request& request, const JsonBody& body, std::string_view member);

}  // namespace iac::http
