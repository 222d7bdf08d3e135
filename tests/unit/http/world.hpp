#pragma once

#include <Poco/JSON/Object.h>
#include <Poco/Net/StreamSocket.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.hpp"
#include "planning/planner.hpp"

namespace iac::http {

inline constexpr const char* kSecret = "the secret of the API";
inline constexpr const char* kTriggerSecret = "the secret of the trigger";

/// An answer as it came over the wire.
struct Received {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;

    Poco::JSON::Object::Ptr json() const;
    std::string text(const std::string& key) const { return json()->getValue<std::string>(key); }
    /// The texts of an array of strings, joined with spaces.
    std::string list(const std::string& key) const;
};

/// One connection, byte by byte: for requests that no client library would send.
class Wire {
public:
    explicit Wire(std::uint16_t port);
    void send(std::string_view bytes);
    /// The next answer: head, then a body of Content-Length or chunks. Fails the test when the
    /// connection ends before one has come.
    Received receive();
    /// What comes until the other end closes; at most for the given time.
    std::string rest(std::chrono::milliseconds most = std::chrono::seconds(30));
    /// What has come since, as soon as something has; empty: nothing within the given time.
    std::string some(std::chrono::milliseconds most);
    /// Whether the other end has closed, at most after the given time.
    bool closed(std::chrono::milliseconds most);
    /// Whether something has come, at most after the given time.
    bool answered(std::chrono::milliseconds most) { return !buffer_.empty() || more(most); }
    void close() { socket_.close(); }

private:
    bool more(std::chrono::milliseconds most);
    Poco::Net::StreamSocket socket_;
    std::string buffer_;
};

/// Headers that sign a request.
using Extra = std::vector<std::pair<std::string, std::string>>;
Extra signedPlain(std::string_view body, std::string_view secret = kTriggerSecret);
/// With timestamp and nonce; over the body, or over method and target when there is none.
Extra signedStamped(std::string_view over, std::string_view secret, std::string nonce,
                    std::int64_t shift_seconds = 0);
std::string freshNonce();

/// A server with a real history, the real trigger iac.manual, and two services. The engine is the
/// test itself.
class World {
public:
    explicit World(const std::function<void(config::Settings&)>& tweak = {},
                   std::map<std::string, std::function<bool()>> checks = {},
                   std::function<engine::PlanAnswer(const engine::PlanQuestion&)> plan = {});
    ~World();

    /// One request on a connection of its own. Every answer is held against the description of the
    /// API: its status, its type, and each member of its body.
    Received ask(const std::string& method, const std::string& target, const std::string& body,
                 const Extra& extra);
    Received get(const std::string& target);
    Received post(const std::string& target, const std::string& body, const Extra& extra);
    /// A request to the API, signed with server.secret in the form that is valid once.
    Received send(const std::string& method, const std::string& target,
                  const std::string& body = {});
    /// The same by whoever has a token.
    Received sendWith(const std::string& token, const std::string& method,
                      const std::string& target, const std::string& body = {});
    /// The text of a new token.
    std::string makeToken(const std::string& name, const std::string& role);
    /// A signed request to a trigger.
    Received post(const std::string& target, const std::string& body) {
        return post(target, body, signedPlain(body));
    }
    static std::string requestText(const std::string& method, const std::string& target,
                                   const std::string& body, const Extra& extra);

    /// Takes the waiting deployment and plans it; its steps.
    std::vector<Step> begin(DeploymentId id, const std::vector<std::string>& services);
    void endStep(const Step& step, StepState state, const std::string& output = {});
    void end(DeploymentId id, DeploymentState state);

    std::uint16_t port() const { return server_->port(); }
    Server& server() { return *server_; }
    history::History& history() { return *history_; }
    intake::Intake& intake() { return *intake_; }
    const config::Settings& settings() const { return settings_; }
    std::filesystem::path folder() const { return folder_; }

private:
    std::filesystem::path folder_;
    config::Settings settings_;
    SystemClock clock_;
    Masker masker_;
    std::unique_ptr<history::History> history_;
    planning::CatalogueView catalogue_;
    std::unique_ptr<plugin::Registry> registry_;
    std::unique_ptr<plugin::Trigger> trigger_;
    std::vector<std::unique_ptr<plugin::Mapper>> mappers_;
    planning::Planner planner_{mappers_};
    std::unique_ptr<intake::Intake> intake_;
    std::unique_ptr<Server> server_;
};

/// Asks for a deployment of a ref to staging, in ann's name.
DeploymentId deploy(World& world, const std::string& ref);
/// The ids of a page, as they stand there: "3 2".
std::string ids(const Received& page, const std::string& member);

}  // namespace iac::http
