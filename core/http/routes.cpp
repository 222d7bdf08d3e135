#include "http/routes.hpp"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <array>
#include <map>
#include <stdexcept>
#include <utility>

namespace iac::http {
namespace {

std::string_view takePart(std::string_view& path) {
    const auto slash = path.find('/', 1);
    const auto part = path.substr(0, slash);
    path.remove_prefix(part.size());
    return part;
}

std::optional<std::string> decoded(std::string_view part) {
    std::string value;
    try {
        Poco::URI::decode(std::string(part), value);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
    return value;
}

/// The parameters when the path is one of the pattern.
std::optional<std::map<std::string, std::string>> match(std::string_view pattern,
                                                        std::string_view path) {
    std::map<std::string, std::string> parameters;
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = takePart(pattern);
        const bool rest = wanted.ends_with("*}");
        const auto given = rest ? std::exchange(path, {}) : takePart(path);
        if (wanted.starts_with("/{")) {
            if (given.size() < 2) return std::nullopt;
            auto value = decoded(given.substr(1));
            if (!value) return std::nullopt;
            const auto name = wanted.substr(2, wanted.size() - (rest ? 4 : 3));
            parameters[std::string(name)] = std::move(*value);
        } else if (wanted != given) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return parameters;
}

constexpr std::array<std::pair<Role, std::string_view>, 3> kRoles{
    {{Role::read, "read"}, {Role::deploy, "deploy"}, {Role::admin, "admin"}}};

}  // namespace

std::string_view roleName(Role role) {
    for (const auto& [one, text] : kRoles)
        if (one == role) return text;
    return {};
}

std::optional<Role> roleOf(std::string_view text) {
    for (const auto& [one, its_text] : kRoles)
        if (its_text == text) return one;
    return std::nullopt;
}

void Routes::add(Route route) {
    for (const Route& one : routes_)
        if (one.method == route.method && one.pattern == route.pattern)
            throw std::runtime_error(route.method + " " + route.pattern +
                                     " is claimed twice: by two triggers, or by a trigger and the "
                                     "runner itself. Take one of them out of the configuration.");
    routes_.push_back(std::move(route));
}

const Route& Routes::find(Request& request) const {
    std::string allowed;
    for (const Route& route : routes_) {
        auto parameters = match(route.pattern, request.path);
        if (!parameters) continue;
        if (route.method == request.method || (route.method == "GET" && request.method == "HEAD")) {
            request.parameters = std::move(*parameters);
            request.route = route.pattern;
            return route;
        }
        allowed += (allowed.empty() ? "" : ", ") + route.method;
        if (route.method == "GET") allowed += ", HEAD";
    }
    if (allowed.empty()) throw Problem(404, "There is nothing at " + request.path + " here.");
    throw Problem(405,
                  request.path + " does not answer " + request.method + ", but " + allowed + ".",
                  {{"Allow", allowed}});
}

}  // namespace iac::http
