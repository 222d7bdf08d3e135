#include "planning/catalogue.hpp"

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <stdexcept>

#include "base/utf8.hpp"
#include "base/wildcard.hpp"
#include "planning/discover.hpp"

namespace iac::planning {
namespace {

using Poco::Dynamic::Var;

constexpr std::size_t kMostRefused = 20;  // that are remembered, to be told

std::string shortName(std::string_view id) {
    return std::string(id.substr(id.rfind('/') + 1));
}

Var replaceIn(const Var& value, const Captures& captures);

Poco::JSON::Object::Ptr replaceIn(const Poco::JSON::Object& object, const Captures& captures) {
    Poco::JSON::Object::Ptr out = new Poco::JSON::Object;
    for (const auto& [key, value] : object) out->set(key, replaceIn(value, captures));
    return out;
}

// Placeholders stand in strings, at any depth; everything else is taken as it is.
Var replaceIn(const Var& value, const Captures& captures) {
    if (value.type() == typeid(Poco::JSON::Object::Ptr))
        return replaceIn(*value.extract<Poco::JSON::Object::Ptr>(), captures);
    if (value.type() == typeid(Poco::JSON::Array::Ptr)) {
        Poco::JSON::Array::Ptr out = new Poco::JSON::Array;
        for (const auto& item : *value.extract<Poco::JSON::Array::Ptr>())
            out->add(replaceIn(item, captures));
        return out;
    }
    if (value.isString()) return replaceCaptures(value.extract<std::string>(), captures);
    return value;
}

std::string toJson(const Poco::JSON::Object& object) {
    std::ostringstream out;
    object.stringify(out);
    return out.str();
}

Service makeService(const config::ServiceRule& rule, Captures captures) {
    Service service;
    service.id = replaceCaptures(rule.id, captures);
    service.name = shortName(service.id);
    // A listed service has no captures of its own, and may say {name} all the same.
    captures.try_emplace("name", service.name);
    captures.try_emplace("id", service.id);
    service.executor = rule.executor;
    service.with = rule.with ? toJson(*replaceIn(*rule.with, captures)) : "{}";
    for (const auto& needed : rule.depends_on)
        service.depends_on.push_back(replaceCaptures(needed, captures));
    service.secrets = rule.secrets;
    service.environments = rule.environments;
    service.place = rule.place;
    service.discovered = !rule.discover.empty();
    return service;
}

struct Found {
    std::string order;
    Service service;
};

// "2" before "10", and "01" as 1: numbers by value, whatever their zeros; no number comes last.
bool earlier(const Found& a, const Found& b) {
    const auto weight = [](const std::string& order) {
        const std::size_t first = order.find_first_not_of('0');
        const std::string digits = first == std::string::npos ? "0" : order.substr(first);
        return std::tuple(order.empty(), digits.size(), digits);
    };
    return std::tuple(weight(a.order), a.service.id) < std::tuple(weight(b.order), b.service.id);
}

// Why a capture is not taken as a name; empty: each is.
std::string whyRefused(const Captures& captures, const config::ServiceRule& rule) {
    for (const auto& [key, value] : captures)
        if (const auto why = whyNoName(value, rule.extra_characters); !why.empty())
            return "{" + key + "} would be \"" + pathText(value) + "\", and " + why;
    return {};
}

std::vector<Service> discover(const config::ServiceRule& rule,
                              const std::vector<std::string>& paths,
                              std::vector<std::string>& refused) {
    std::vector<Found> found;
    for (const auto& path : paths) {
        auto captures = matchPath(rule.discover, path);
        if (!captures) continue;
        if (const auto why = whyRefused(*captures, rule); !why.empty()) {
            if (refused.size() < kMostRefused) refused.push_back(pathText(path) + " is no service: " + why);
            continue;
        }
        const auto id = replaceCaptures(rule.id, *captures);
        if (std::ranges::any_of(rule.exclude,
                                [&](const auto& pattern) { return matchesWildcard(pattern, id); }))
            continue;
        const auto order = captures->find("order");
        found.push_back(
            {order == captures->end() ? "" : order->second, makeService(rule, *captures)});
    }
    std::ranges::sort(found, earlier);
    std::vector<Service> services;
    services.reserve(found.size());
    for (auto& one : found) services.push_back(std::move(one.service));
    return services;
}

// Who gives a service an entry of its own means that one, and not what a rule finds.
void preferListed(std::vector<Service>& services) {
    std::set<std::string> listed;
    for (const auto& service : services)
        if (!service.discovered) listed.insert(service.id);
    std::erase_if(services, [&](const Service& service) {
        return service.discovered && listed.contains(service.id);
    });
}

void refuseTwins(const std::vector<Service>& services) {
    std::map<std::string, const Service*> seen;
    for (const auto& service : services) {
        const auto [first, isNew] = seen.emplace(service.id, &service);
        if (!isNew)
            throw std::runtime_error("two services have the id \"" + service.id + "\" (" +
                                     first->second->place + ", and " + service.place +
                                     "); rename one of them");
    }
}

// Depth first over depends_on, in the given order: each service comes after what it depends on, and
// no earlier than that.
class DependencyOrder {
public:
    explicit DependencyOrder(std::vector<Service> services) : services_(std::move(services)) {
        for (std::size_t i = 0; i < services_.size(); ++i) index_[services_[i].id] = i;
        states_.resize(services_.size(), State::unseen);
    }
    std::vector<Service> ordered() {
        for (std::size_t i = 0; i < services_.size(); ++i) visit(i);
        std::vector<Service> result;
        for (const std::size_t i : order_) result.push_back(services_[i]);
        return result;
    }

private:
    enum class State { unseen, open, placed };
    void visit(std::size_t at) {
        if (states_[at] == State::placed) return;
        way_.push_back(services_[at].id);
        if (states_[at] == State::open) throw std::runtime_error(cycle());
        states_[at] = State::open;
        for (const auto& needed : services_[at].depends_on) {
            const auto found = index_.find(needed);
            if (found != index_.end()) visit(found->second);
        }
        way_.pop_back();
        states_[at] = State::placed;
        order_.push_back(at);
    }
    std::string cycle() const {
        std::string text = "depends_on goes round in a circle: ";
        for (auto one = std::ranges::find(way_, way_.back()); one != way_.end(); ++one)
            text += (text.back() == ' ' ? "" : " -> ") + *one;
        return text + "; remove one of these dependencies";
    }

    std::vector<Service> services_;
    std::map<std::string, std::size_t> index_;
    std::vector<State> states_;
    std::vector<std::size_t> order_;
    std::vector<std::string> way_;
};

}  // namespace

bool existsIn(const Service& service, std::string_view environment) {
    return service.environments.empty() || environment.empty() ||
           std::ranges::find(service.environments, environment) != service.environments.end();
}

Catalogue::Catalogue(const std::vector<config::ServiceRule>& rules,
                     const std::vector<std::string>& paths) {
    std::vector<Service> all;
    for (const auto& rule : rules) {
        if (rule.discover.empty()) {
            all.push_back(makeService(rule, {}));
        } else {
            std::ranges::move(discover(rule, paths, refused_), std::back_inserter(all));
        }
    }
    preferListed(all);
    refuseTwins(all);
    services_ = DependencyOrder(std::move(all)).ordered();
}

std::vector<std::string> Catalogue::ids(std::string_view environment) const {
    std::vector<std::string> result;
    for (const auto& service : services_)
        if (existsIn(service, environment)) result.push_back(service.id);
    return result;
}

const Service* Catalogue::find(std::string_view id) const {
    const auto found = std::ranges::find(services_, id, &Service::id);
    return found == services_.end() ? nullptr : &*found;
}

const Service* Catalogue::resolve(std::string_view idOrName, std::string_view environment,
                                  std::string& why) const {
    std::vector<const Service*> named;
    for (const auto& service : services_) {
        if (!existsIn(service, environment)) continue;
        if (service.id == idOrName) return &service;
        if (service.name == idOrName) named.push_back(&service);
    }
    if (named.size() == 1) return named[0];
    const bool ambiguous = !named.empty();
    why = (ambiguous ? "more than one service is called \"" : "there is no service \"") +
          std::string(idOrName) + "\"";
    if (!environment.empty() && !ambiguous) why += " in " + std::string(environment);
    std::string known;
    if (ambiguous) {
        for (const auto* one : named) known += (known.empty() ? "" : ", ") + one->id;
    } else {
        for (const auto& id : ids(environment)) known += (known.empty() ? "" : ", ") + id;
    }
    why += known.empty() ? " (there are none)" : " (there are: " + known + ")";
    return nullptr;
}

std::string Catalogue::shownName(std::string_view id) const {
    const std::string name = shortName(id);
    const auto same = std::ranges::count(services_, name, &Service::name);
    return same > 1 ? std::string(id) : name;
}

}  // namespace iac::planning
