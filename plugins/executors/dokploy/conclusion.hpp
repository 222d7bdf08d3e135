#pragma once

#include <string>

#include "follow.hpp"

namespace iac::dokploy {

/// The deployment did not end with "done": iac::fail, or iac::retry where another attempt can find
/// out more or ask again without harm.
[[noreturn]] void failWith(const Ending& ending, const Place& place, const Server& server);

/// It ended with "done", but of another commit than the one asked for.
[[noreturn]] void failWithOtherRevision(const Ending& ending, const Place& place,
                                        const std::string& revision);

/// It is done, and Dokploy does not say at which commit.
[[noreturn]] void failWithUnknownRevision(const Ending& ending, const Place& place,
                                          const Server& server);

}  // namespace iac::dokploy
