#include "cli/endpoint.hpp"

#include <Poco/Exception.h>

#include <algorithm>
#include <cstdlib>

#include "cli/client.hpp"
#include "config/settings.hpp"

namespace iac::cli {
namespace {

constexpr std::string_view kManualTrigger = "iac.manual";

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : value;
}

Poco::URI urlOf(const config::Server& server) {
    if (server.port == 0)
        throw Refused(
            "server.listen leaves the port open; say with IAC_URL where the daemon is, "
            "eg: IAC_URL=http://127.0.0.1:8080");
    // Who listens everywhere also listens here.
    std::string host = server.host;
    if (host == "0.0.0.0" || host.empty() || host == "*") host = "127.0.0.1";
    if (host == "::") host = "::1";
    Poco::URI url;
    url.setScheme("http");
    url.setHost(host);
    url.setPort(server.port);
    return url;
}

/// What stands in a header has to be one word.
std::string tokenOfEnvironment() {
    const std::string token = variable("IAC_TOKEN");
    if (!std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7f; }))
        throw Refused(
            "IAC_TOKEN holds a space, a line break or another character that no token has");
    return token;
}

/// The first of `secret` or of an array of two.
std::string secretOf(const config::TriggerUse& trigger) {
    const auto value = trigger.with->get("secret");
    if (value.isString()) return value.toString();
    const auto list = trigger.with->getArray("secret");
    return list.isNull() || list->size() == 0 ? std::string() : list->get(0).toString();
}

}  // namespace

Endpoint findEndpoint(const Options& options) {
    Endpoint endpoint;
    const std::string url = variable("IAC_URL");
    endpoint.token = tokenOfEnvironment();
    if (!url.empty()) {
        try {
            endpoint.url = Poco::URI(url);
        } catch (const Poco::Exception&) {
            throw Refused("IAC_URL is no URL: " + url);
        }
        const std::string& scheme = endpoint.url.getScheme();
        if ((scheme != "http" && scheme != "https") || endpoint.url.getHost().empty())
            throw Refused("IAC_URL has to begin with http:// or https://: " + url);
        if (!endpoint.token.empty()) return endpoint;
    }
    const auto settings = config::load(options.configFile());
    if (url.empty()) endpoint.url = urlOf(settings.server);
    if (!settings.server.secrets.empty())
        endpoint.secret = settings.server.secrets.front().reveal();
    endpoint.trigger_secret = endpoint.secret;
    for (const auto& trigger : settings.triggers) {
        if (trigger.plugin != kManualTrigger) continue;
        if (auto secret = secretOf(trigger); !secret.empty()) endpoint.trigger_secret = secret;
        break;
    }
    return endpoint;
}

}  // namespace iac::cli
