#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "base/guarded.hpp"
#include "http/connections.hpp"

namespace iac::http {

/// The checks of GET /health, made on a thread of their own: one that hangs (a locked database, a
/// dead network file system) makes the answer bad, not late. [any-thread]
class Health {
public:
    using Checks = std::map<std::string, std::function<bool()>>;
    /// How long an answer waits for the checks; the whole answer has 500 ms.
    static constexpr std::chrono::milliseconds kPatience{300};
    /// How old a result may be, so that asking often costs nothing.
    static constexpr std::chrono::milliseconds kFresh{200};

    Health();
    ~Health();
    Health(const Health&) = delete;
    Health& operator=(const Health&) = delete;

    /// Asks these from now on.
    void use(std::shared_ptr<const Checks> checks);
    /// Name -> whether all is well. A check that does not answer in time is not.
    std::map<std::string, bool> ask();
    std::chrono::seconds uptime() const;

private:
    struct State {
        std::shared_ptr<const Checks> checks = std::make_shared<const Checks>();
        std::map<std::string, bool> results;
        std::size_t asked = 0, done = 0;  // rounds
        Steady::time_point at{};          // of the last whole round
        bool stopping = false;
    };
    void work();

    const Steady::time_point began_ = Steady::now();
    Guarded<State> state_;
    std::condition_variable changed_;
    std::thread worker_;  // last: it uses all of the above
};

}  // namespace iac::http
