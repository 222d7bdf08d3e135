// The whole way of one step: find, compare, write, deploy, follow, verify.
#pragma once

#include <iac/plugin.hpp>

#include "settings.hpp"
#include "world.hpp"

namespace iac::dokploy {

/// Brings one service to one revision. `inherited`: what the step finds in its environment and
/// belongs to the service. Deploys at most once, also over several attempts of one step: what an
/// earlier attempt has begun is found and followed. Every failure is an iac::Error.
Outcome deploy(const Step& step, const Call& call, World& world, const Server& server,
               const Variables& inherited);

/// The title of a step's deployment in Dokploy, the same for each of its attempts:
/// "iac-runner 1042 platform/postgres 1f5a3a0c8d3b".
std::string titleOf(const Step& step);

}  // namespace iac::dokploy
