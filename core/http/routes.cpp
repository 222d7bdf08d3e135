#include "http/routes.hpp"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace iac::http {
namespace {

std::string_view takePart(std::string_view& path) {
    const auto slash = path.find('/', 1);
    const auto part = path.substr(0, slash);
    path.remove_prefix(part.size());
    return part;
}

/// The parameters when the path is one of the pattern.
std::optional<std::map<std::string, std::string>> match(std::string_view pattern,
                                                        std::string_view path) {
    std::map<std::string, std::string> parameters;
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = takePart(pattern), given = takePart(path);
        if (wanted.starts_with("/{")) {
            if (given.size() < 2) return std::nullopt;
            std::string value;
            try {
                Poco::URI::decode(std::string(given.substr(1)), value);
            } catch (const Poco::Exception&) {
                return std::nullopt;
            }
            parameters[std::string(wanted.substr(2, wanted.size() - 3))] = value;
        } else if (wanted != given) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return parameters;
}

}  // namespace

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
