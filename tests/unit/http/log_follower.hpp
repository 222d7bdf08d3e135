#pragma once

#include <Poco/JSON/Object.h>

#include <string>

#include "world.hpp"

namespace iac::http {

/// A client of server-sent events.
class Follower {
public:
    struct Event {
        std::string id, name;
        Poco::JSON::Object::Ptr data;
    };
    /// Asks with `last_id` as Last-Event-ID, unless that is empty; 200 is awaited with the first
    /// event.
    Follower(World& world, const std::string& target, const std::string& last_id = {});
    /// The next event. Fails the test when the stream ends before.
    Event next();
    /// The next event of that name.
    Event await(const std::string& name);
    /// Whether the stream has come to its end.
    bool ended();

private:
    bool more();
    Wire wire_;
    std::string raw_, text_;  // as it came, and without the frames of its chunks
    bool head_ = true, ended_ = false;
};

}  // namespace iac::http
