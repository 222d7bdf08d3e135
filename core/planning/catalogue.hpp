#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.hpp"
#include "config/settings.hpp"

namespace iac::planning {

/// A service that exists at one revision, as the configuration describes it.
struct Service {
    std::string id;        ///< "platform/postgres"
    std::string name;      ///< short: the last part of the id, "postgres"
    std::string executor;  ///< name in `executors`
    std::string with;      ///< JSON text, placeholders replaced
    std::vector<std::string> depends_on;
    std::vector<std::string> secrets;
    std::vector<std::string> environments;  ///< empty: all
    std::string place;                      ///< of its rule in the configuration, for messages
    bool discovered = false;                ///< found by a rule, and not an entry of its own
};

/// Whether it is deployed there; an empty environment stands for any.
bool existsIn(const Service& service, std::string_view environment);

/// The services that exist at one revision, in deployment order: the rules in the order of the
/// configuration, within a rule by number, then by name; and no service before one it depends on.
/// An entry of its own takes the place of a service of its id that a rule finds. A value.
class Catalogue {
public:
    /// paths: every path of the revision (only `discover` rules look at them).
    /// Throws std::runtime_error with a sentence: two services of one id, a cycle in depends_on.
    Catalogue(const std::vector<config::ServiceRule>& rules, const std::vector<std::string>& paths);

    const std::vector<Service>& services() const { return services_; }
    /// Only those that exist in an environment.
    std::vector<std::string> ids(std::string_view environment) const;
    const Service* find(std::string_view id) const;
    /// A full id or an unambiguous short name -> the service. On failure: null, and `why` is a
    /// sentence that names the known ones.
    const Service* resolve(std::string_view idOrName, std::string_view environment,
                           std::string& why) const;
    /// The short name where only one service has it, else the id: what answers show.
    std::string shownName(std::string_view id) const;
    /// What a rule found and did not take for a service because of its name, in sentences.
    const std::vector<std::string>& refused() const { return refused_; }

private:
    std::vector<Service> services_;
    std::vector<std::string> refused_;
};

/// The catalogue of the newest revision seen, shared by those who answer before a revision is
/// checked out. [any-thread]
class CatalogueView {
public:
    /// Null: none was seen yet (the mirror is not there).
    std::shared_ptr<const Catalogue> latest() { return *latest_.lock(); }
    void publish(Catalogue catalogue) {
        *latest_.lock() = std::make_shared<const Catalogue>(std::move(catalogue));
    }

private:
    Guarded<std::shared_ptr<const Catalogue>> latest_;
};

}  // namespace iac::planning
