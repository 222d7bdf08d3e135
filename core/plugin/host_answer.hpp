#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/process.hpp"
#include "plugin/host.hpp"
#include "plugin/wire.hpp"

namespace iac::plugin {

/// Puts together what a host says during one call, and what became of it. Bounded, whatever comes.
class HostAnswer {
public:
    HostAnswer(const HostedCall& call, const HostedEvents& events) : call_(call), events_(events) {}

    enum class Stop { none, timed_out, cancelled };
    /// From now on it is asked to stop, because of this.
    void stop(Stop why) { stop_ = why; }
    bool stopped() const { return stop_ != Stop::none; }

    /// Bytes of descriptor 3. False when they are no frames.
    bool frames(std::string_view bytes);
    /// Bytes of its own stdout and stderr.
    void output(int stream, std::string_view bytes) const;
    /// Whether the last frame is there.
    bool given() const { return status_ || refused_; }

    /// Once, after the end.
    HostedResult result(Exit exit);

private:
    void take(Frame frame);
    void takeResult(std::string_view json);
    HostedResult::End endOf(std::int32_t status) const;
    std::string name() const;
    std::string stopSentence() const;

    const HostedCall& call_;
    const HostedEvents& events_;
    FrameReader reader_;
    HostedResult result_;
    Stop stop_ = Stop::none;
    std::optional<std::int32_t> status_;
    std::optional<std::string> refused_;
    std::string message_;
    std::size_t emitted_bytes_ = 0;
    bool broken_ = false, full_ = false;
};

}  // namespace iac::plugin
