#include <algorithm>

#include "base/log.hpp"
#include "base/utf8.hpp"
#include "http/digest.hpp"
#include "http/json_body.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kLongestTokenName = 64;

Poco::JSON::Object::Ptr tokenJson(const history::Token& token) {
    auto object = jsonObject();
    object->set("id", token.id);
    object->set("name", validUtf8(token.name));
    object->set("role", token.role);
    setText(object, "created_by", token.created_by);
    object->set("created_at", toText(token.created_at));
    if (token.revoked_at) object->set("revoked_at", toText(*token.revoked_at));
    return object;
}

/// The name is part of a path, and shown as the author of deployments.
std::string nameOf(const JsonBody& body) {
    std::string name = body.required("name", kLongestTokenName);
    const bool plain = std::ranges::all_of(name, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("._-").find(c) != std::string_view::npos;
    });
    if (!plain) throw Problem(400, "\"name\" has to be of A-Z, a-z, 0-9 and \"._-\".");
    return name;
}

}  // namespace

Answer listTokens(const Site& site, Request& request) {
    allowOnly(request, {});
    Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
    for (const auto& token : site.rooms.history->tokens()) list->add(tokenJson(token));
    auto object = jsonObject();
    object->set("tokens", list);
    return jsonAnswer(200, object);
}

Answer createToken(const Site& site, Request& request) {
    allowOnly(request, {});
    const JsonBody body(request, {"name", "role", "by"});
    history::Token token;
    token.name = nameOf(body);
    token.role = body.required("role");
    if (!roleOf(token.role))
        throw Problem(400,
                      "There is no role \"" + token.role + "\" (there are: read, deploy, admin).");
    token.created_by = actorOf(request, body, "by");
    token.created_at = site.rooms.clock->now();
    const std::string text = std::string(kTokenPrefix) + randomText(kTokenBytes);
    try {
        token.id = site.rooms.history->addToken(token, sha256(text));
    } catch (const history::WrongState&) {
        throw Problem(409, "There is a token \"" + token.name +
                               "\" already: revoke it first, or take another name.");
    }
    log::info("api", "the token \"" + token.name + "\" with the role " + token.role +
                         " is made by " + token.created_by);
    auto object = tokenJson(token);
    // The only time it is shown: what is kept is its digest.
    object->set("token", text);
    return jsonAnswer(201, object);
}

Answer revokeToken(const Site& site, Request& request) {
    allowOnly(request, {});
    const std::string& name = request.parameters.at("name");
    const JsonBody body(request, {"by"});
    const std::string by = actorOf(request, body, "by");
    if (!site.rooms.history->revokeToken(name))
        throw Problem(404, "There is no token \"" + name + "\" that is not revoked.");
    log::info("api", "the token \"" + name + "\" is revoked by " + by);
    auto object = jsonObject();
    object->set("status", "revoked");
    object->set("name", validUtf8(name));
    return jsonAnswer(200, object);
}

}  // namespace iac::http
