#pragma once

#include <string>

#include "remote.hpp"

namespace iac::dokploy {

/// Looks whether what was deployed works, as far as `verify` of the service asks for it. "done" in
/// Dokploy only means that `docker compose up` returned 0. The answer says what was verified and
/// what was not, for the end of a sentence; iac::fail when it does not work in time.
std::string verified(Api& api, const Server& server, const Service& service, const Place& place,
                     const Remote& remote);

}  // namespace iac::dokploy
