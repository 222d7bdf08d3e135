#pragma once

#include <filesystem>

#include "base/descriptor.hpp"
#include "http/connections.hpp"

namespace iac::http {

/// Wakes who follows a log when something is written into its folder, or the caller hangs up. One
/// thread.
class LogWatch {
public:
    explicit LogWatch(std::filesystem::path folder);

    /// Until something was written, at most kLook; `caller` is the descriptor of the connection.
    void wait(int caller);
    bool hungUp() const { return hung_up_; }

private:
    std::filesystem::path folder_;
    Descriptor inotify_;
    int watched_ = -1;
    Steady::time_point looked_{};
    bool hung_up_ = false;
};

}  // namespace iac::http
