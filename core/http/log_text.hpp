#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "http/answer.hpp"
#include "http/log_walk.hpp"

namespace iac::http {

/// The log as text: a heading for each attempt, its output, and the sum at the end. Of all that it
/// hears it writes the bytes from `begin` up to `end`; without a place to write to it only counts.
class LogText final : public LogListener {
public:
    explicit LogText(BodyStream* out, std::uint64_t begin = 0,
                     std::uint64_t end = std::numeric_limits<std::uint64_t>::max())
        : out_(out), begin_(begin), end_(end) {}

    bool attemptBegins(const Step& step, const Attempt& attempt) override;
    bool output(const LogPiece& piece, std::uint64_t& taken) override;
    bool attemptEnds() override;
    bool endedUntried(const Step& step) override;
    /// The last lines, for a deployment that is final.
    bool sum(const Deployment& deployment, const LogWalk& walk);
    /// The last line, for whoever may not read on.
    bool revoked() { return say("the log is cut off here: the token was revoked\n"); }

    /// Bytes heard so far: the length of the whole text.
    std::uint64_t length() const { return length_; }

private:
    bool say(std::string_view text);

    BodyStream* out_;
    std::uint64_t begin_, end_, length_ = 0;
    bool line_ended_ = true;
};

}  // namespace iac::http
