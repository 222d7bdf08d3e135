#include "plugin/wire.hpp"

#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace iac::plugin {
namespace {

using Length = std::uint32_t;
constexpr std::size_t kHeader = 1 + sizeof(Length);

void append(std::string& out, std::string_view field) {
    const auto length = static_cast<Length>(field.size());
    (out += bytesOf(length)) += field;
}

void readAll(int from, char* into, std::size_t size) {
    while (size > 0) {
        const auto got = ::read(from, into, size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) throw std::runtime_error("the request of the daemon ended early");
        into += got;
        size -= static_cast<std::size_t>(got);
    }
}

// Takes one field off the front.
std::string takeField(std::string_view& rest) {
    Length length = 0;
    if (rest.size() < sizeof length)
        throw std::runtime_error("the request of the daemon is cut off");
    rest.copy(reinterpret_cast<char*>(&length), sizeof length);
    rest.remove_prefix(sizeof length);
    if (rest.size() < length) throw std::runtime_error("the request of the daemon is cut off");
    std::string field(rest.substr(0, length));
    rest.remove_prefix(length);
    return field;
}

}  // namespace

std::string encode(const HostRequest& request) {
    std::string fields;
    for (const auto* field : {&request.file, &request.id, &request.config, &request.input,
                              &request.body, &request.directory, &request.check})
        append(fields, *field);
    append(fields, bytesOf(request.grace_ms));
    append(fields, bytesOf(request.memory));
    append(fields, bytesOf(request.processor_seconds));
    append(fields, bytesOf(static_cast<std::uint64_t>(request.secrets.size())));
    for (const auto& one : request.secrets) append(fields, one);
    for (const auto& one : request.environment) append(fields, one);
    if (fields.size() > kLargestRequest)
        throw std::runtime_error("its configuration and input are larger than " +
                                 std::to_string(kLargestRequest >> 20) + " MiB");
    std::string whole;
    append(whole, fields);
    return whole;
}

HostRequest readRequest(int descriptor) {
    Length length = 0;
    readAll(descriptor, reinterpret_cast<char*>(&length), sizeof length);
    if (length > kLargestRequest)
        throw std::runtime_error("the request of the daemon is too large");
    std::string fields(length, '\0');
    readAll(descriptor, fields.data(), fields.size());

    std::string_view rest = fields;
    HostRequest request;
    for (auto* field : {&request.file, &request.id, &request.config, &request.input, &request.body,
                        &request.directory, &request.check})
        *field = takeField(rest);
    std::uint64_t secrets = 0;
    for (auto* number :
         {&request.grace_ms, &request.memory, &request.processor_seconds, &secrets}) {
        const std::string bytes = takeField(rest);
        bytes.copy(reinterpret_cast<char*>(number), sizeof *number);
    }
    while (secrets-- > 0) request.secrets.push_back(takeField(rest));
    while (!rest.empty()) request.environment.push_back(takeField(rest));
    return request;
}

std::string encode(FrameType type, std::string_view head, std::string_view payload) {
    const auto length = static_cast<Length>(head.size() + payload.size());
    std::string frame;
    frame.reserve(kHeader + length);
    frame += static_cast<char>(type);
    ((frame += bytesOf(length)) += head) += payload;
    return frame;
}

bool FrameReader::next(std::string_view bytes, const std::function<void(Frame)>& take) {
    kept_ += bytes;
    std::string_view rest = kept_;
    while (rest.size() >= kHeader) {
        Length length = 0;
        rest.copy(reinterpret_cast<char*>(&length), sizeof length, 1);
        const auto type = static_cast<std::uint8_t>(rest[0]);
        if (length > kLargestFrame || type < 1 || type > static_cast<int>(FrameType::mask))
            return false;
        if (rest.size() < kHeader + length) break;
        take({static_cast<FrameType>(type), rest.substr(kHeader, length)});
        rest.remove_prefix(kHeader + length);
    }
    kept_.erase(0, kept_.size() - rest.size());
    return true;
}

}  // namespace iac::plugin
