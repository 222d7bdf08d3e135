#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/plan.hpp"

namespace iac::history {

/// What a change that waits asks for.
struct Wanted {
    std::string before;
    std::vector<std::string> paths;
    bool paths_complete = false;
    Plan plan;
};

/// What is asked for when `newer` takes over `older`: the services and paths of both, counted from
/// where the older one began. Paths beyond `most_paths` are dropped, and with them the claim to be
/// complete.
Wanted takeOver(Wanted older, Wanted newer, std::size_t most_paths);

}  // namespace iac::history
