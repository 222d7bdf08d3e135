// A service by project, environment and name; made where it is missing and may be.

#include <algorithm>

#include "make_lock.hpp"
#include "remote.hpp"

namespace iac::dokploy {
namespace {

constexpr std::size_t kMostNamed = 10;  // of what is there, in a sentence

/// The members of an array that have a name, by it.
std::vector<Value> named(const std::optional<Value>& list, const std::string& name) {
    std::vector<Value> all;
    for (std::size_t i = 0; list && i < list->count(); ++i)
        if ((*list)[i].get<std::string>("name", "") == name) all.push_back((*list)[i]);
    return all;
}

std::string namesOf(const std::optional<Value>& list) {
    if (!list || list->count() == 0) return "nothing";
    std::string out;
    for (std::size_t i = 0; i < list->count(); ++i) {
        if (i == kMostNamed) return out + ", ...";
        out += (i > 0 ? ", " : "") + (*list)[i].get<std::string>("name", "");
    }
    return out;
}

/// How far the three names lead, and what is wrong where they end.
struct Found {
    std::string project, environment, service;    // ids
    std::string missing, kind, there, ambiguous;  // for sentences
    bool blind = false;                           // the key sees no project at all
};

class Finder {
public:
    Finder(Api& api, const Service& service)
        : api_(api),
          service_(service),
          list_(service.kind == Kind::compose ? "compose" : "applications"),
          where_(service.project + "/" + service.environment) {}

    Found look() {
        Found found;
        const auto projects = api_.query("project.all");
        found.blind = !projects || projects->count() == 0;
        auto one = only(named(projects, service_.project), "projectId", "projects are",
                        service_.project, found);
        if (!one)
            return missing(found, "No project \"" + service_.project + "\"", "missing_project",
                           projects);
        found.project = one->get<std::string>("projectId");
        const auto environments = one->find<Value>("environments");
        one =
            only(environmentsOf(environments), "environmentId", "environments are", where_, found);
        if (!one)
            return missing(found,
                           "No environment \"" + service_.environment + "\" in project \"" +
                               service_.project + "\"",
                           "missing_environment", environments);
        found.environment = one->get<std::string>("environmentId");
        const auto services = one->find<Value>(list_);
        one = only(named(services, service_.name), idName(service_.kind), "services are",
                   service_.name + " in " + where_, found);
        if (!one)
            return missing(found, "No " + what() + " \"" + service_.name + "\" in " + where_,
                           "missing_service", services);
        found.service = one->get<std::string>(idName(service_.kind));
        return found;
    }

    /// Makes what is missing next. What became of a call without an answer is seen by looking, not
    /// by calling again.
    void make(const Found& found) {
        const auto sent = found.project.empty() ? api_.once("project.create", projectBody())
                          : found.environment.empty()
                              ? api_.once("environment.create", environmentBody(found.project))
                              : api_.once("compose.create", composeBody(found.environment));
        if (sent.certain) return;
        api_.world().pause(kSettle);
        if (look().missing != found.missing) return;
        retry(api_.place() + " was asked to make it (" + found.missing + "), and " + sent.doubt,
              {"dokploy_unreachable", "See in Dokploy whether it was made; retry the deployment."});
    }

    std::string placeName() const { return service_.name + " in " + where_; }

    /// Whether the user whose key it is only sees what somebody gave it. False also where Dokploy
    /// does not say.
    bool isRestricted() {
        std::optional<Value> user;
        try {
            if (!api_.look("user.get", {}, user)) return false;
        } catch (const Error& error) {
            if (error.status() != IAC_FAILED) throw;
            return false;
        }
        const auto role = user && user->isObject() ? user->find<Value>("role") : std::nullopt;
        return role && role->isString() && role->string() == "member";
    }

private:
    static constexpr double kSettle = 5;  // seconds for a call without an answer to take effect

    std::string what() const {
        return service_.kind == Kind::compose ? "compose service" : "application";
    }

    // Dokploy's default environment is called "production" until somebody calls it something else.
    std::vector<Value> environmentsOf(const std::optional<Value>& list) const {
        auto all = named(list, service_.environment);
        if (!all.empty() || service_.environment_mapped || service_.environment != "production")
            return all;
        for (std::size_t i = 0; list && i < list->count(); ++i)
            if ((*list)[i].get<bool>("isDefault", false)) all.push_back((*list)[i]);
        return all;
    }

    // Of several that were made at the same time, everybody takes the oldest; where Dokploy does
    // not say which that is, the one with the smallest id. What somebody made on purpose under one
    // name is for a person to sort out: that may be so where nothing is ever made here.
    std::optional<Value> only(const std::vector<Value>& all, const char* id, const char* kind,
                              const std::string& name, Found& found) const {
        if (all.size() > 1 && service_.create) {
            const auto key = [id](const Value& one) {
                return std::pair(one.get<std::string>("createdAt", ""),
                                 one.get<std::string>(id, ""));
            };
            const auto oldest =
                std::min_element(all.begin(), all.end(),
                                 [&](const Value& a, const Value& b) { return key(a) < key(b); });
            api_.call().log(std::to_string(all.size()) + " " + kind + " called " + name +
                                " in Dokploy; the oldest is used, " +
                                oldest->get<std::string>(id, ""),
                            IAC_WARNING);
            return *oldest;
        }
        if (all.size() > 1) {
            found.ambiguous = std::to_string(all.size()) + " " + kind + " called " + name + ": ";
            for (const auto& one : all)
                found.ambiguous +=
                    (&one == &all.front() ? "" : ", ") + one.get<std::string>(id, "");
        }
        if (all.size() != 1) return std::nullopt;
        return all.front();
    }

    static Found missing(Found found, const std::string& sentence, const char* kind,
                         const std::optional<Value>& list) {
        found.missing = sentence;
        found.kind = kind;
        found.there = namesOf(list);
        return found;
    }

    Object projectBody() const {
        return Object().set("name", service_.project).set("description", "made by iac-runner");
    }
    Object environmentBody(const std::string& project) const {
        return Object().set("name", service_.environment).set("projectId", project);
    }
    Object composeBody(const std::string& environment) const {
        Object body;
        body.set("name", service_.name).set("environmentId", environment);
        return body.set("composeType", "docker-compose").set("appName", appName());
    }
    // Dokploy puts a random suffix behind it; of our name what such a name may hold.
    std::string appName() const {
        std::string out;
        for (const char c : service_.name) {
            const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
            out += plain ? c : (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : '-';
        }
        return out.substr(0, 40);
    }

    Api& api_;
    const Service& service_;
    const char* const list_;
    const std::string where_;
};

}  // namespace

Place find(Api& api, const Service& service, bool dry_run, double patience) {
    if (!service.id.empty())
        return {service.kind, service.id, service.name + " (" + service.id + ")"};
    Finder finder(api, service);
    constexpr int kLevels = 3;
    Found found = finder.look();
    std::optional<MakeLock> alone;
    if (found.service.empty() && found.ambiguous.empty() && service.create && !dry_run) {
        alone.emplace(api.world(), patience);
        found = finder.look();  // somebody may have made it meanwhile
    }
    // What it does not see it would make again, beside what is there.
    if (alone && found.blind && finder.isRestricted())
        fail("The key sees no project at " + api.place() +
                 ", because its user is a member without access to any: whether there is a project "
                 "\"" +
                 service.project + "\" is not known",
             {"dokploy_forbidden",
              "Give the user access to the project and its services, in Dokploy under Users; or "
              "use the key of an owner or admin."});
    for (int made = 0; found.service.empty() && found.ambiguous.empty() && service.create &&
                       !dry_run && made < kLevels;
         ++made) {
        finder.make(found);
        api.call().output("made in Dokploy, because it was missing: " + found.missing + "\n");
        const std::string missing = found.missing;
        found = finder.look();
        // Made again at every step, it would be there many times.
        if (found.missing == missing)
            fail(
                "What was just made in Dokploy is not shown to the key (" + missing + ")",
                {"dokploy_forbidden",
                 "Give the user whose key it is access to the projects and services that it makes, "
                 "in Dokploy under Users; then delete what was made twice."});
        // The runner deploys what it made; a push that Dokploy hears of too would deploy it twice.
        if (!found.service.empty())
            switchAutoDeployOff(api, {service.kind, found.service, finder.placeName()});
    }
    if (!found.ambiguous.empty())
        fail(found.ambiguous,
             {"ambiguous_name",
              "Rename or delete all but one of them in Dokploy, or say `with.id`."});
    if (found.service.empty() && service.create && dry_run)
        return {service.kind, "", finder.placeName()};
    if (found.service.empty())
        fail(found.missing + " at " + api.place() + "; " +
                 (found.blind ? "the key sees no project there" : "there is " + found.there),
             {found.kind,
              "Make it in Dokploy, correct the name in `with` of the service, or say create: true. "
              "A key only sees the projects of its own organization, and that of a member only "
              "what it was given access to, in Dokploy under Users."});
    return {service.kind, found.service, finder.placeName()};
}

}  // namespace iac::dokploy
