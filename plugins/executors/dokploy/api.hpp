// Dokploy's API: a procedure is a path, a query a GET, a mutation a POST with JSON.
#pragma once

#include <iac/plugin.hpp>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "settings.hpp"
#include "world.hpp"

namespace iac::dokploy {

/// A release of Dokploy: {0, 30, 2}.
struct Version {
    int major = 0, minor = 0, patch = 0;
    std::string text() const;
};
inline bool operator<(const Version& a, const Version& b) {
    return std::tie(a.major, a.minor, a.patch) < std::tie(b.major, b.minor, b.patch);
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// Calls procedures, each in the way its kind can bear. Every failure is an iac::Error with what to
/// do; its sentence holds nothing of a body but Dokploy's short `message` of a refusal, because
/// bodies hold secrets. A 401 ends the step when the key was never accepted in it. After a call
/// that succeeded it may be Dokploy's database that is away: then it counts as no answer, for as
/// long as the patience says.
class Api {
public:
    /// Both have to outlive it.
    Api(const Call& call, World& world, const Server& server);

    /// Asks for the version first, which also shows a wrong URL and a wrong key.
    /// iac::fail for a Dokploy older than 0.25.0.
    Version version();

    /// A query: asked again until it is answered or the patience is over. Empty: no such thing
    /// (404), or an empty body. The value is valid until the step ends.
    std::optional<Value> query(const std::string& procedure, const Parameters& parameters = {});

    /// The same, asked once: empty when there was no answer.
    /// `found`: false when Dokploy answered that there is no such thing.
    bool look(const std::string& procedure, const Parameters& parameters,
              std::optional<Value>& answer);

    /// A mutation that may be repeated without harm: as query(), and nobody needs what it answers.
    void update(const std::string& procedure, const Object& body);

    /// What became of a mutation that may not be repeated.
    struct Sent {
        bool certain = false;    // answered with success
        std::string doubt = {};  // else why nobody knows: "no answer: ..."
    };
    /// Sent once, whatever happens. A refusal (4xx) is an iac::Error: then nothing was begun.
    Sent once(const std::string& procedure, const Object& body);

    /// For sentences: "https://dokploy.example.com".
    const std::string& place() const { return place_; }
    World& world() { return world_; }
    const Call& call() const { return call_; }

private:
    struct Answer {
        std::string doubt;  // why there is none that counts; empty: there is one
        Reply reply;
        bool rejected = false;  // the key was not taken: nothing was begun
    };
    Answer exchange(const Request& request);
    /// Whether it is a refusal of the key that may be none.
    bool mayPass(const Reply& reply);
    Answer insist(const std::string& procedure, const Request& request);
    std::optional<Value> understood(const std::string& procedure, const Reply& reply);
    [[noreturn]] void refuse(const std::string& procedure, const Reply& reply);
    Request get(const std::string& procedure, const Parameters& parameters) const;
    Request post(const std::string& procedure, const Object& body) const;

    const Call& call_;
    World& world_;
    const Server& server_;
    std::string place_;
    bool accepted_ = false;                 // the key was good in this step
    std::optional<double> rejected_since_;  // and is not now
    // What does not change from look to look is parsed once: a value lives as long as the step.
    std::map<std::string, std::pair<std::string, Value>> latest_;
};

}  // namespace iac::dokploy
