// A world for the real binary: an infrastructure repository with real git, a configuration, a
// daemon on a loopback port, and a client that signs.
#pragma once

#include <Poco/JSON/Object.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/bell.hpp"
#include "base/process.hpp"
#include "fixtures/folder.hpp"
#include "fixtures/git_repository.hpp"

namespace iac::tests {

using TemporaryFolder = fixtures::Folder;

/// A copy of tests/fixtures/infrastructure, as a git repository.
class Infrastructure {
public:
    explicit Infrastructure(const std::filesystem::path& folder);
    void write(const std::string& file, const std::string& text);
    /// The full SHA of the new commit.
    std::string commit(const std::string& message) { return repository_->commit({}, message); }
    std::string git(const std::vector<std::string>& arguments) {
        return repository_->git(arguments);
    }
    const std::filesystem::path& folder() const { return repository_->folder(); }

private:
    std::optional<fixtures::GitRepository> repository_;
};

struct Reply {
    int status = 0;
    std::string body;
    std::map<std::string, std::string> headers;
    Poco::JSON::Object::Ptr json() const;
    /// A member as text; a dotted path goes into objects: "plan.services".
    std::string at(const std::string& member) const;
};

inline constexpr const char* kSecret = "a secret of the tests";

/// HMAC-SHA256 in hex, by OpenSSL itself.
std::string hmacHex(const std::string& secret, const std::string& bytes);

/// The configuration of config.md over an infrastructure; {} is where more top-level keys go.
std::string configuration(const std::filesystem::path& repository, const std::string& more = "");

/// The real binary, serving. Killed by the destructor.
class Daemon {
public:
    /// Writes the configuration into `folder`, starts, and waits until it listens. With a failpoint
    /// in its environment it may be dead before. prefix: a program that starts it, and arguments.
    Daemon(const std::filesystem::path& folder, const std::string& configuration,
           const std::vector<std::string>& environment = {},
           const std::vector<std::string>& prefix = {});
    ~Daemon();

    Reply request(const std::string& method, const std::string& path, const std::string& body = "",
                  const std::map<std::string, std::string>& headers = {}) const;
    Reply signedPost(const std::string& path, const std::string& body,
                     const std::map<std::string, std::string>& headers = {}) const;
    Reply get(const std::string& path) const;
    /// A POST with a timestamp and a nonce, as paths that name what they change need it.
    Reply post(const std::string& path, const std::string& body) const;
    /// The headers that sign a request, with a timestamp and a nonce.
    static std::map<std::string, std::string> stamped(const std::string& method,
                                                      const std::string& path,
                                                      const std::string& body = "");
    /// A push event with one commit that modified these paths.
    Reply push(const std::string& before, const std::string& after,
               const std::vector<std::string>& modified, const std::string& delivery = "") const;
    /// Waits (by the runner's own log, without asking again and again) until a deployment has
    /// ended; it.
    Poco::JSON::Object::Ptr awaitDeployment(std::int64_t id);

    /// Waits until the log has a line that contains the text, from a place on; false after
    /// `timeout`.
    bool awaitLog(const std::string& text, std::chrono::seconds timeout = std::chrono::seconds(60),
                  std::size_t from = 0);
    std::string log();

    /// Writes another configuration over the one in use, and sends SIGHUP: whether it was taken
    /// over.
    bool reload(const std::string& configuration);
    /// Does what makes the runner read something again: whether it was taken over.
    template <class Work>
    bool isTakenOverAfter(Work work) {
        const auto before = log().size();
        work();
        if (!awaitLog("taken over: ", std::chrono::seconds(60), before))
            throw std::runtime_error("nothing was read again: " + log());
        return log().find("not taken over: ", before) == std::string::npos;
    }
    /// SIGTERM, and waits for its end.
    Exit stop();
    Exit awaitEnd() { return child_->wait(); }
    /// kill -9.
    void kill();
    pid_t pid() const { return child_->pid(); }
    std::uint16_t port() const { return port_; }
    const std::filesystem::path& configurationFile() const { return configuration_; }

private:
    std::filesystem::path configuration_;
    Guarded<std::string> log_;
    Bell logged_;
    Pipe stderr_;
    std::unique_ptr<Child> child_;
    std::thread reader_;
    std::uint16_t port_ = 0;
};

/// The deployment that an answer names.
std::int64_t idOf(const Reply& reply);

/// An infrastructure with one commit more than a runner may know: it changes redis.
struct ChangedRedis {
    static constexpr const char* kFile = "platform/02.redis/compose.yaml";

    TemporaryFolder folder;
    Infrastructure infrastructure{folder.path() / "infrastructure"};
    std::string before = infrastructure.git({"rev-parse", "HEAD"}), after;

    ChangedRedis();
    std::string text(const std::string& more = "") const {
        return configuration(infrastructure.folder(), more);
    }
    /// Sends the push of that commit, always as the same delivery.
    Reply push(const Daemon& daemon) const;
};

/// A text that contains `from`, with `to` in its first place.
std::string replaced(std::string text, const std::string& from, const std::string& to);

/// The environment of a program whose disk a test commands, by a variable and its value: see
/// commanded_disk.cpp.
std::vector<std::string> commandedDisk(const std::string& command);

/// Where the built programs lie.
std::filesystem::path binary();
/// Runs the real binary with arguments to its end.
struct CommandEnd {
    int exit_code = 0;
    std::string out, err;
};
CommandEnd runCommand(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& environment = {});

}  // namespace iac::tests
