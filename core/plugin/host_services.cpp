// The table iac_host: reading values. NULL is answered like an absent value, never followed.
#include "plugin/hmac.hpp"
#include "plugin/services.hpp"

namespace iac::plugin {
namespace {

const iac_value* findMember(const iac_value* in, iac_text pointer) noexcept {
    return find(in, view(pointer));
}
std::int32_t type(const iac_value* value) noexcept {
    return value == nullptr ? std::int32_t{IAC_NULL} : value->type;
}
bool boolean(const iac_value* value) noexcept {
    return type(value) == IAC_BOOL && value->boolean;
}
double number(const iac_value* value) noexcept {
    return value == nullptr ? 0 : numberOf(*value);
}
iac_text string(const iac_value* value) noexcept {
    return value == nullptr ? iac_text{nullptr, 0} : text(stringOf(*value));
}
std::size_t count(const iac_value* value) noexcept {
    return value == nullptr ? 0 : value->count;
}
iac_text key(const iac_value* value, std::size_t index) noexcept {
    const bool there = type(value) == IAC_OBJECT && index < value->count;
    return there ? value->keys[index] : iac_text{nullptr, 0};
}
const iac_value* item(const iac_value* value, std::size_t index) noexcept {
    return index < count(value) ? &value->items[index] : nullptr;
}
// Out of memory is answered with the empty text: there is no other way to say it here.
iac_text json(const iac_value* value) noexcept try {
    if (value == nullptr || value->document == nullptr) return text("null");
    return text(value->document->json(*value));
} catch (const std::exception&) {
    return {nullptr, 0};
}
bool matches(iac_text secret, iac_text bytes, iac_text hex) noexcept {
    return hmacSha256Matches(view(secret), view(bytes), view(hex));
}

constexpr iac_host kServices{
    sizeof(iac_host), IAC_ABI_MAJOR, IAC_ABI_MINOR, findMember, type, boolean, number,
    string,           count,         key,           item,       json, matches};

}  // namespace

const iac_host* hostServices() noexcept {
    return &kServices;
}

std::string_view beginning(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    return text.substr(0, most);
}

void write(iac_error* error, std::string_view sentence) noexcept {
    if (error == nullptr) return;
    sentence = beginning(sentence, sizeof error->message - 1);
    sentence.copy(error->message, sentence.size());
    error->message[sentence.size()] = '\0';
}

}  // namespace iac::plugin
