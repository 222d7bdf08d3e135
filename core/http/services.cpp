#include "base/utf8.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

using Array = Poco::JSON::Array::Ptr;

Poco::JSON::Object::Ptr targetJson(const Target& target) {
    auto object = jsonObject();
    object->set("environment", validUtf8(target.environment));
    setText(object, "last_good_revision", target.last_good_revision);
    if (target.last_good_deployment != 0)
        object->set("last_good_deployment", target.last_good_deployment);
    setText(object, "last_outcome", target.last_outcome);
    if (target.last_deployment != 0) object->set("last_deployment", target.last_deployment);
    if (target.updated_at) object->set("updated_at", toText(*target.updated_at));
    return object;
}

}  // namespace

Answer listServices(const Site& site, const Request& request) {
    allowOnly(request, {});
    std::map<std::string, Array> targets;  // by service
    for (const auto& environment : site.rooms.settings->environments)
        for (const auto& target : site.rooms.history->targets(environment.name)) {
            auto& of_service = targets[target.service];
            if (of_service.isNull()) of_service = new Poco::JSON::Array;
            of_service->add(targetJson(target));
        }
    Array list = new Poco::JSON::Array;
    const auto add = [&](const std::string& id, const std::string& name,
                         const std::string& executor, const Array& environments) {
        auto object = jsonObject();
        object->set("id", validUtf8(id));
        object->set("name", validUtf8(name));
        setText(object, "executor", executor);
        object->set("environments", environments.isNull() ? new Poco::JSON::Array : environments);
        list->add(object);
    };
    if (const auto catalogue = site.rooms.catalogue->latest())
        for (const auto& service : catalogue->services()) {
            auto known = targets.extract(service.id);
            add(service.id, catalogue->shownName(service.id), service.executor,
                known ? known.mapped() : Array());
        }
    // Deployed once, and not in the newest revision any more.
    for (const auto& [id, environments] : targets)
        add(id, id.substr(id.rfind('/') + 1), {}, environments);
    auto object = jsonObject();
    object->set("services", list);
    return jsonAnswer(200, object);
}

Answer listPlugins(const Site& site, const Request& request) {
    allowOnly(request, {});
    Array plugins = new Poco::JSON::Array, refused = new Poco::JSON::Array;
    if (site.rooms.registry != nullptr) {
        for (const auto& plugin : site.rooms.registry->plugins()) {
            auto object = jsonObject();
            object->set("kind", validUtf8(plugin.kind));
            object->set("id", validUtf8(plugin.id));
            object->set("version", validUtf8(plugin.version));
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
