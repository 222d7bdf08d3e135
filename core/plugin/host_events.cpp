#include "plugin/host_events.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace iac::plugin {
namespace {

// Nobody listens any more when the daemon is gone; the end of standard input tells us that too.
void writeAll(int to, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::write(to, bytes.data(), bytes.size());
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string_view cut(std::string_view sentence) {
    return sentence.substr(0, kLargestSentence);
}

}  // namespace

void FrameEvents::send(FrameType type, std::string_view head, std::string_view payload) {
    const std::string frame = encode(type, head, payload);
    auto to = descriptor_.lock();
    writeAll(*to, frame);
}

void FrameEvents::log(int level, std::string_view sentence) {
    const auto byte = static_cast<std::int8_t>(level < IAC_DEBUG   ? int{IAC_DEBUG}
                                               : level > IAC_ERROR ? int{IAC_ERROR}
                                                                   : level);
    send(FrameType::log, bytesOf(byte), cut(sentence));
}

void FrameEvents::output(int stream, std::string_view bytes) {
    constexpr std::size_t kPiece = 64u << 10;
    const auto byte = static_cast<std::int8_t>(stream);
    for (; !bytes.empty(); bytes.remove_prefix(std::min(kPiece, bytes.size())))
        send(FrameType::output, bytesOf(byte), bytes.substr(0, kPiece));
}

void FrameEvents::progress(double fraction, std::string_view sentence) {
    send(FrameType::progress, bytesOf(fraction), cut(sentence));
}

void FrameEvents::emit(std::string_view json) {
    if (json.size() > kLargestFrame)
        throw std::runtime_error("it emitted a result of more than " +
                                 std::to_string(kLargestFrame >> 20) + " MiB");
    send(FrameType::emit, {}, json);
}

void FrameEvents::exited(int code) {
    const std::int32_t number = code;
    send(FrameType::exited, bytesOf(number), {});
}

void FrameEvents::mask(std::string_view secret) {
    if (secret.size() > kLargestFrame)
        throw std::runtime_error("it asked to mask a secret of more than " +
                                 std::to_string(kLargestFrame >> 20) + " MiB");
    send(FrameType::mask, {}, secret);
}

void FrameEvents::ended(iac_status status, std::string_view message) {
    send(FrameType::ended, bytesOf(status), cut(message));
}

void FrameEvents::refused(std::string_view sentence) {
    send(FrameType::refused, {}, cut(sentence));
}

}  // namespace iac::plugin
