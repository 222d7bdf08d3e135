#pragma once

#include <string>
#include <string_view>

#include "api.hpp"

namespace iac::dokploy {

/// The log of a deployment, carried over to the log of the step piece by piece. Dokploy gives the
/// last lines of it each time; what was seen before is left out.
class RemoteLog {
public:
    explicit RemoteLog(Api& api) : api_(api) {}

    /// What is new of it. No answer is no failure: the next time there is more.
    void carry(const std::string& deployment);
    /// The last line that says something.
    std::string lastLine() const;

private:
    std::string_view newIn(std::string_view text, bool& gap) const;

    Api& api_;
    std::string seen_;
};

}  // namespace iac::dokploy
