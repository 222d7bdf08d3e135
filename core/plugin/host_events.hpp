#pragma once

#include <string>
#include <string_view>

#include "base/guarded.hpp"
#include "plugin/services.hpp"
#include "plugin/wire.hpp"

namespace iac::plugin {

/// What a plugin says in the host, as frames to the daemon. [any-thread]
class FrameEvents final : public CallEvents {
public:
    explicit FrameEvents(int descriptor) : descriptor_(descriptor) {}

    void log(int level, std::string_view sentence) override;
    void output(int stream, std::string_view bytes) override;
    void progress(double fraction, std::string_view sentence) override;
    /// Throws when the result is larger than a frame.
    void emit(std::string_view json) override;
    void exited(int code) override;
    void mask(std::string_view secret) override;

    void ended(iac_status status, std::string_view message);
    void refused(std::string_view sentence);

private:
    void send(FrameType type, std::string_view head, std::string_view payload);

    Guarded<int> descriptor_;
};

}  // namespace iac::plugin
