#pragma once

#include <memory>

#include "base/guarded.hpp"
#include "http/authentication.hpp"
#include "http/routes.hpp"
#include "http/server.hpp"
#include "http/site.hpp"

namespace iac::http {

/// What requests are answered with while one configuration is in use. Replaced as a whole: a
/// request takes it once, and keeps it to its end. Read-only and [any-thread].
struct Answering {
    /// The references have to outlive it.
    Answering(Rooms with, Waiting& waiting, Health& health, Metrics& metrics,
              Connections& connections, RequestLog& request_log)
        : rooms(std::move(with)),
          authentication(rooms.settings->server, *rooms.history, *rooms.clock),
          site{rooms, authentication, waiting, health, metrics, connections, request_log},
          routes(allRoutes(site)) {}
    Answering(const Answering&) = delete;
    Answering& operator=(const Answering&) = delete;

    const Rooms rooms;
    const Authentication authentication;
    const Site site;
    const Routes routes;
};

using CurrentAnswering = Guarded<std::shared_ptr<const Answering>>;

}  // namespace iac::http
