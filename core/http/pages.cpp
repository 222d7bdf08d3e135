#include "http/pages.hpp"

#include <Poco/URI.h>

#include <limits>

#include "http/query_values.hpp"

namespace iac::http {
namespace {

constexpr std::int64_t kLongestPage = 499;
constexpr std::int64_t kPage = 50;

}  // namespace

std::size_t pageOf(const Request& request) {
    return static_cast<std::size_t>(numberOf(request, "limit", 1, kLongestPage).value_or(kPage));
}

std::int64_t beforeOf(const Request& request) {
    return numberOf(request, "before", 1, std::numeric_limits<std::int64_t>::max()).value_or(0);
}

std::string nextPage(std::string_view path, const Request& request, std::int64_t before) {
    std::string next = std::string(path) + "?";
    for (const auto& [name, value] : request.query) {
        if (name == "before" || value.empty()) continue;
        std::string encoded;
        Poco::URI::encode(value, "&=+#?", encoded);
        next += name + "=" + encoded + "&";
    }
    return next + "before=" + std::to_string(before);
}

}  // namespace iac::http
