#include "http/log_text.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/utf8.hpp"

namespace iac::http {
namespace {

constexpr std::uint64_t kPiece = 64u << 10;

char byteAt(int file, std::uint64_t at) {
    char byte = '\n';
    static_cast<void>(::pread(file, &byte, 1, static_cast<off_t>(at)));
    return byte;
}

}  // namespace

bool LogText::attemptBegins(const Step& step, const Attempt& attempt) {
    return say("== " + validUtf8(step.service) + ", attempt " + std::to_string(attempt.number) +
               "\n");
}

bool LogText::output(const LogPiece& piece, std::uint64_t& taken) {
    taken = piece.end - piece.from.at;
    line_ended_ = byteAt(piece.file, piece.end - 1) == '\n';
    // Only the part of it that lies between begin and end is read.
    const auto offset = [&](std::uint64_t of) {
        return piece.from.at + (of <= length_ ? 0 : std::min(of - length_, taken));
    };
    std::uint64_t at = offset(begin_);
    const std::uint64_t end = out_ == nullptr ? at : offset(end_);
    length_ += taken;
    std::string text(static_cast<std::size_t>(std::min(kPiece, end - std::min(at, end))), '\0');
    while (at < end) {
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(text.size(), end - at));
        const auto got = ::pread(piece.file, text.data(), most, static_cast<off_t>(at));
        if (got <= 0) return false;  // cleaned away meanwhile
        at += static_cast<std::uint64_t>(got);
        if (!out_->write(std::string_view(text).substr(0, static_cast<std::size_t>(got))))
            return false;
    }
    return length_ < end_;
}

bool LogText::attemptEnds() {
    return line_ended_ || say("\n");
}

bool LogText::endedUntried(const Step& step) {
    return say("== " + validUtf8(step.service) + ", " + std::string(toText(step.state)) +
               (step.summary.empty() ? "" : ": " + validUtf8(step.summary)) + "\n");
}

bool LogText::sum(const Deployment& deployment, const LogWalk& walk) {
    const auto count = [&](auto... states) {
        return std::ranges::count_if(deployment.steps, [&](const Step& step) {
            return walk.concerns(step) && ((step.state == states) || ...);
        });
    };
    const auto good = count(StepState::changed, StepState::unchanged);
    const auto bad = count(StepState::failed);
    std::string line;
    if (deployment.state == DeploymentState::failed && bad == 0)
        line += "failed: " + validUtf8(deployment.diagnosis.summary) + "\n";
    if (deployment.state == DeploymentState::superseded)
        line += "superseded by deployment " + std::to_string(deployment.superseded_by) + "\n";
    return say(line + "sync completed: " + std::to_string(good) + " succeeded, " +
               std::to_string(bad) + " failed\n");
}

bool LogText::say(std::string_view text) {
    if (text.empty()) return true;
    line_ended_ = text.back() == '\n';
    const std::uint64_t before = length_;
    length_ += text.size();
    if (out_ == nullptr || length_ <= begin_) return true;
    if (before >= end_) return false;
    if (length_ > end_) text.remove_suffix(static_cast<std::size_t>(length_ - end_));
    if (before < begin_) text.remove_prefix(static_cast<std::size_t>(begin_ - before));
    return out_->write(text) && length_ < end_;
}

}  // namespace iac::http
