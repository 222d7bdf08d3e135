#include "cli/query.hpp"

#include <Poco/URI.h>

#include <algorithm>

#include "cli/answers.hpp"
#include "config/units.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

/// The daemon gives no longer ones.
constexpr std::size_t kPage = 200;

std::string encoded(const std::string& text, const std::string& reserved) {
    std::string done;
    Poco::URI::encode(text, reserved, done);
    return done;
}

}  // namespace

std::string target(std::string path, const Parameters& parameters) {
    char separator = '?';
    for (const auto& [name, value] : parameters) {
        if (value.empty()) continue;
        path += separator + name + "=" + encoded(value, "&=+#?");
        separator = '&';
    }
    return path;
}

std::string segment(const std::string& name) {
    return encoded(name, "/?#%&=+");
}

std::string momentOf(const std::string& text, Time now) {
    const auto ago = config::parseDuration(text);
    return ago ? toText(now - *ago) : text;
}

Poco::JSON::Object::Ptr readList(Client& client, const List& list) {
    Parameters parameters{{"limit", std::to_string(std::min(list.limit, kPage))}};
    parameters.insert(parameters.end(), list.filters.begin(), list.filters.end());
    Poco::JSON::Array::Ptr found = new Poco::JSON::Array;
    std::string next = target(list.path, parameters);
    while (!next.empty() && found->size() < list.limit) {
        const auto page = client.get(next);
        for (const auto& one : objectsOf(page, list.member))
            if (found->size() < list.limit) found->add(one);
        next = page->optValue<std::string>("next", {});
    }
    auto answer = jsonObject();
    answer->set(list.member, found);
    return answer;
}

}  // namespace iac::cli
