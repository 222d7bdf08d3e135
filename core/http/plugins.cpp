#include "base/utf8.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"
#include "model/json.hpp"

namespace iac::http {

Answer listPlugins(const Site& site, Request& request) {
    allowOnly(request, {});
    Poco::JSON::Array::Ptr plugins = new Poco::JSON::Array, refused = new Poco::JSON::Array;
    if (site.rooms.registry != nullptr) {
        for (const auto& plugin : site.rooms.registry->plugins()) {
            auto object = jsonObject();
            object->set("kind", validUtf8(plugin.kind));
            object->set("id", validUtf8(plugin.id));
            object->set("version", validUtf8(plugin.version));
            object->set("sha256", plugin.sha256);
            setText(object, "summary", plugin.summary);
            object->set("file", validUtf8(plugin.file.string()));
            plugins->add(object);
        }
        for (const auto& file : site.rooms.registry->refused()) {
            auto object = jsonObject();
            object->set("file", validUtf8(file.file.string()));
            object->set("reason", validUtf8(file.reason));
            refused->add(object);
        }
    }
    auto object = jsonObject();
    object->set("plugins", plugins);
    object->set("refused", refused);
    return jsonAnswer(200, object);
}

}  // namespace iac::http
