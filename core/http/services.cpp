#include <algorithm>
#include <map>

#include "base/utf8.hpp"
#include "http/holds.hpp"
#include "http/query_values.hpp"
#include "http/site.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

using Array = Poco::JSON::Array::Ptr;
using Object = Poco::JSON::Object::Ptr;

/// What is known about all services, looked up once for one answer.
class Overview {
public:
    explicit Overview(const Site& site)
        : site_(site),
          catalogue_(site.rooms.catalogue->latest()),
          holds_(site.rooms.history->holds()),
          now_(site.rooms.clock->now()) {
        for (const auto& environment : site.rooms.settings->environments)
            for (auto& target : site.rooms.history->targets(environment.name))
                targets_[target.service].push_back(std::move(target));
    }

    /// In deployment order; then those that were deployed once, and are not in the newest revision
    /// any more.
    std::vector<std::string> ids() const {
        std::vector<std::string> ids;
        if (catalogue_)
            for (const auto& service : catalogue_->services()) ids.push_back(service.id);
        for (const auto& [id, targets] : targets_)
            if (find(id) == nullptr) ids.push_back(id);
        return ids;
    }

    Object show(const std::string& id) {
        const auto* service = find(id);
        Array environments = new Poco::JSON::Array;
        for (const auto& environment : site_.rooms.settings->environments)
            if (auto target = showTarget(service, id, environment.name); !target.isNull())
                environments->add(target);
        auto object = jsonObject();
        object->set("id", validUtf8(id));
        object->set("name", validUtf8(service != nullptr ? catalogue_->shownName(id)
                                                         : id.substr(id.rfind('/') + 1)));
        if (service != nullptr) setText(object, "executor", service->executor);
        object->set("environments", environments);
        return object;
    }

private:
    const planning::Service* find(const std::string& id) const {
        return catalogue_ ? catalogue_->find(id) : nullptr;
    }

    Object showTarget(const planning::Service* service, const std::string& id,
                      const std::string& environment) {
        const Target* target = nullptr;
        if (const auto known = targets_.find(id); known != targets_.end())
            for (const auto& one : known->second)
                if (one.environment == environment) target = &one;
        const bool exists = service != nullptr && planning::existsIn(*service, environment);
        if (target == nullptr && !exists) return {};
        auto object = jsonObject();
        object->set("environment", validUtf8(environment));
        if (target != nullptr) setTarget(object, *target);
        for (const auto& hold : *holds_)
            if (hold.isOpen(now_) && hold.covers(environment, id) && !object->has("hold"))
                object->set("hold", holdJson(hold, now_));
        return object;
    }

    void setTarget(Object object, const Target& target) {
        setText(object, "last_good_revision", target.last_good_revision);
        if (target.last_good_deployment != 0)
            object->set("last_good_deployment", target.last_good_deployment);
        setText(object, "last_outcome", target.last_outcome);
        if (target.last_deployment != 0) {
            object->set("last_deployment", target.last_deployment);
            setText(object, "triggered_by", triggeredBy(target.last_deployment));
        }
        if (target.updated_at) object->set("updated_at", toText(*target.updated_at));
    }

    /// Many targets were deployed last by the same deployment: it is asked for once.
    const std::string& triggeredBy(DeploymentId id) {
        const auto [known, is_new] = authors_.try_emplace(id);
        if (is_new)
            if (const auto deployment = site_.rooms.history->deployment(id))
                known->second = deployment->triggered_by;
        return known->second;
    }

    const Site& site_;
    std::shared_ptr<const planning::Catalogue> catalogue_;
    std::shared_ptr<const std::vector<Hold>> holds_;
    Time now_;
    std::map<std::string, std::vector<Target>> targets_;  // by service
    std::map<DeploymentId, std::string> authors_;
};

}  // namespace

Answer listServices(const Site& site, Request& request) {
    allowOnly(request, {});
    Overview overview(site);
    Array list = new Poco::JSON::Array;
    for (const auto& id : overview.ids()) list->add(overview.show(id));
    auto object = jsonObject();
    object->set("services", list);
    return jsonAnswer(200, object);
}

Answer showService(const Site& site, Request& request) {
    allowOnly(request, {});
    Overview overview(site);
    const std::string& asked = request.parameters.at("id");
    const auto ids = overview.ids();
    std::vector<std::string> found;
    for (const auto& id : ids) {
        if (id == asked) return jsonAnswer(200, overview.show(id));
        if (id.ends_with("/" + asked)) found.push_back(id);
    }
    if (found.empty()) throw Problem(404, "There is no service \"" + asked + "\".");
    if (found.size() > 1)
        throw Problem(404, "More than one service is called \"" + asked + "\": " + found[0] +
                               " and " + found[1] + ". Ask for one by its whole id.");
    return jsonAnswer(200, overview.show(found.front()));
}

}  // namespace iac::http
