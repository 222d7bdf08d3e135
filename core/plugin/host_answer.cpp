#include "plugin/host_answer.hpp"

#include <iac/plugin.h>

#include "plugin/host_program.hpp"

namespace iac::plugin {
namespace {

std::string durationText(Duration duration) {
    const auto ms = duration.count();
    if (ms % 60'000 == 0) return std::to_string(ms / 60'000) + "m";
    if (ms % 1'000 == 0) return std::to_string(ms / 1'000) + "s";
    return std::to_string(ms) + "ms";
}

}  // namespace

std::string HostAnswer::name() const {
    return call_.plugin->id + " (" + call_.plugin->file.string() + ")";
}

bool HostAnswer::frames(std::string_view bytes) {
    broken_ = broken_ || !reader_.next(bytes, [this](Frame frame) { take(frame); });
    return !broken_;
}

void HostAnswer::output(int stream, std::string_view bytes) const {
    if (events_.output && !bytes.empty()) events_.output(stream, bytes);
}

// A frame that is too short for its type is broken like one of no type.
void HostAnswer::take(Frame frame) {
    switch (frame.type) {
        case FrameType::log:
            if (const auto level = frame.take<std::int8_t>()) {
                if (events_.log) events_.log(*level, frame.payload);
                return;
            }
            break;
        case FrameType::output:
            if (const auto stream = frame.take<std::int8_t>())
                return output(*stream == 2 ? 2 : 1, frame.payload);
            break;
        case FrameType::progress:
            if (const auto fraction = frame.take<double>()) {
                if (events_.progress) events_.progress(*fraction, frame.payload);
                return;
            }
            break;
        case FrameType::emit:
            return takeResult(frame.payload);
        case FrameType::exited:
            if (const auto code = frame.take<std::int32_t>()) {
                result_.exit_code = *code;
                return;
            }
            break;
        case FrameType::mask:
            if (events_.mask) events_.mask(frame.payload);
            return;
        case FrameType::ended:
            status_ = frame.take<std::int32_t>();
            message_ = frame.payload;
            if (status_) return;
            break;
        case FrameType::refused:
            refused_ = std::string(frame.payload);
            return;
    }
    broken_ = true;
}

void HostAnswer::takeResult(std::string_view json) {
    if (result_.emitted.size() < call_.most_emitted &&
        emitted_bytes_ + json.size() <= call_.most_emitted_bytes) {
        emitted_bytes_ += json.size();
        result_.emitted.emplace_back(json);
    } else if (!full_) {
        full_ = true;
        result_.emitted_cut = true;
        if (events_.log)
            events_.log(IAC_WARNING, name() + " emits more than " +
                                         std::to_string(call_.most_emitted) + " results or " +
                                         std::to_string(call_.most_emitted_bytes >> 20) +
                                         " MiB of them; the others are dropped");
    }
}

std::string HostAnswer::stopSentence() const {
    std::string sentence = call_.plugin->id + (status_ ? " was stopped" : " was killed");
    sentence += stop_ == Stop::cancelled
                    ? ": the call was cancelled"
                    : " after " + durationText(call_.timeout) + ": it did not end in time";
    if (!status_)
        return sentence + ", and it did not end in its grace time of " + durationText(call_.grace);
    return sentence + (message_.empty() ? "" : "; it said: " + message_);
}

HostedResult::End HostAnswer::endOf(std::int32_t status) const {
    // Done is done, even when it was asked to stop at the last moment.
    if (stop_ == Stop::none || status == IAC_OK) return HostedResult::End::returned;
    return stop_ == Stop::cancelled ? HostedResult::End::cancelled : HostedResult::End::timed_out;
}

HostedResult HostAnswer::result(Exit exit) {
    using End = HostedResult::End;
    HostedResult result = std::move(result_);
    result.status = IAC_INTERNAL;
    result.plugin = name();
    if (broken_) {
        result.message = name() + " wrote on descriptor " + std::to_string(kFrameDescriptor) +
                         ", which is the runner's; its answer cannot be read";
    } else if (refused_) {
        result.end = End::refused;
        result.message = name() + ": " + *refused_;
    } else if (status_ && (*status_ < IAC_OK || *status_ > IAC_INTERNAL)) {
        result.end = End::returned;
        result.message = name() + " returned the status " + std::to_string(*status_) +
                         ", which plugin ABI 1.0 does not have";
    } else if (status_) {
        result.end = endOf(*status_);
        const bool stopped = result.end != End::returned;
        result.status =
            stopped && stop_ == Stop::cancelled ? std::int32_t{IAC_CANCELLED} : *status_;
        result.message = stopped                    ? stopSentence()
                         : *status_ == IAC_INTERNAL ? name() + ": " + message_
                                                    : message_;
    } else if (stopped()) {
        result.end = stop_ == Stop::cancelled ? End::cancelled : End::timed_out;
        result.message = stopSentence();
    } else {
        result.end = End::crashed;
        result.message =
            call_.plugin->id + " " + describeEnd(exit) + " (" + call_.plugin->file.string() + ")";
    }
    return result;
}

}  // namespace iac::plugin
