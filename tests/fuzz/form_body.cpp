// The body of a webhook that is sent as a form.
#include "github/form.hpp"

#include "target.hpp"

using namespace iac;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto body = fuzz::text(data, size);
    const auto field = triggers::firstField(body, "payload");
    if (!field) return 0;
    fuzz::require(field->size() <= body.size(), "decoding makes nothing longer");
    std::string again = "payload=";
    for (const char c : *field) {
        constexpr char digits[] = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(c);
        again += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    fuzz::require(triggers::firstField(again, "payload") == field, "what is encoded reads the same");
    return 0;
}
