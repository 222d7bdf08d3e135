#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iac::plugin {

/// What the daemon and the plugin host say to each other.
///
/// The daemon writes one request to the host's standard input, fields with their length before them
/// (an environment may hold bytes that JSON cannot), then keeps it open: its end means "stop". The
/// host answers on descriptor 3, in frames: one byte of type, four of length, the payload. Both run
/// on one machine and come from one build, so numbers are in its own byte order.
inline constexpr int kFrameDescriptor = 3;

enum class FrameType : std::uint8_t {
    log = 1,       ///< one byte of level, then the sentence
    output = 2,    ///< one byte of stream, then the bytes
    progress = 3,  ///< a double, then the sentence
    emit = 4,      ///< JSON text
    exited = 5,    ///< an int32: how a program of exec() ended
    ended = 6,     ///< an int32: the iac_status of call(), then its message. The last frame
    refused = 7,   ///< a sentence: there was no call(), because of this. The last frame
    mask = 8,      ///< a secret: what comes behind may hold it
};

/// Of a payload. What is longer is sent in pieces (output), cut (sentences) or refused (results).
inline constexpr std::size_t kLargestFrame = 1u << 20;
inline constexpr std::size_t kLargestSentence = 16u << 10;
/// Of the request: a configuration, an input, an environment.
inline constexpr std::size_t kLargestRequest = 64u << 20;

/// What the host is asked to do.
struct HostRequest {
    std::string file, id;       ///< the plugin
    std::string config, input;  ///< JSON texts
    std::string body;           ///< of a trigger's request, any bytes: its input lacks it
    std::vector<std::string> environment;
    std::string directory;
    std::vector<std::string> secrets;  ///< names of `environment`
    std::uint64_t grace_ms = 0;
    std::uint64_t memory = 0;
    std::uint64_t processor_seconds = 0;
    std::string check;  ///< a test of `plugins check` instead of call(); empty: none
};

/// With its length before it. Throws std::runtime_error when it is too large.
std::string encode(const HostRequest& request);
/// From a descriptor. Throws std::runtime_error when it ends early or makes no sense.
HostRequest readRequest(int descriptor);

/// A frame, ready to be written: head and payload are put one after the other.
std::string encode(FrameType type, std::string_view head, std::string_view payload);

template <class Number>
std::string_view bytesOf(const Number& number) {
    return {reinterpret_cast<const char*>(&number), sizeof number};
}

struct Frame {
    FrameType type;
    std::string_view payload;

    /// A number at the beginning of the payload, taken off it; empty when it is too short.
    template <class Number>
    std::optional<Number> take() {
        if (payload.size() < sizeof(Number)) return std::nullopt;
        Number number{};
        payload.copy(reinterpret_cast<char*>(&number), sizeof number);
        payload.remove_prefix(sizeof number);
        return number;
    }
};

/// Cuts a stream of bytes into frames. Holds back at most one of them.
class FrameReader {
public:
    /// Calls take(frame) for each that is whole. False when these are no frames: the stream cannot
    /// be read any further.
    bool next(std::string_view bytes, const std::function<void(Frame)>& take);

private:
    std::string kept_;
};

}  // namespace iac::plugin
