#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/plan.hpp"
#include "planning/catalogue.hpp"
#include "plugin/inside.hpp"

namespace iac::planning {

/// Where the difference of one service begins, and why.
struct Base {
    std::string revision;            ///< full SHA; empty: `paths` are all there is
    std::vector<std::string> paths;  ///< what changed since
};

/// What to do with a service that a mapper names and the catalogue does not have.
enum class Unknown {
    skip,  ///< it is not there at this revision: skipped, and says so
    keep,  ///< the catalogue is of an older revision, and this one may add it
};

/// Makes plans with the mapper plugins. Touches nothing; the same question has the same answer.
/// [any-thread]
class Planner {
public:
    explicit Planner(const std::vector<std::unique_ptr<plugin::Mapper>>& mappers)
        : mappers_(mappers) {}

    /// What these paths touch, in the order of the catalogue. Null: nothing is known yet, services
    /// are taken as the mappers name them. Throws plugin::Failed.
    Plan forPaths(const std::vector<std::string>& paths, const Catalogue* catalogue,
                  std::string_view environment, Unknown unknown) const;

    /// The truth for a change: each service of the environment by its own base. A service that has
    /// no entry in `bases` is not asked about.
    Plan forBases(const std::map<std::string, Base>& bases, const Catalogue& catalogue,
                  std::string_view environment) const;

    /// What a request names, in deployment order; empty: all of the environment. An id the
    /// catalogue does not have is skipped and says so.
    static Plan forRequest(const std::vector<std::string>& services, const Catalogue& catalogue,
                           std::string_view environment, std::string_view triggered_by);

private:
    const std::vector<std::unique_ptr<plugin::Mapper>>& mappers_;
};

}  // namespace iac::planning
