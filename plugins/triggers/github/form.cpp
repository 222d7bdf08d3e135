#include "form.hpp"

namespace iac::triggers {
namespace {

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> decode(std::string_view encoded) {
    std::string out;
    out.reserve(encoded.size());
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        if (encoded[i] == '+') {
            out += ' ';
        } else if (encoded[i] != '%') {
            out += encoded[i];
        } else {
            if (i + 2 >= encoded.size()) return std::nullopt;
            const int high = hexDigit(encoded[i + 1]), low = hexDigit(encoded[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

}  // namespace

std::optional<std::string> firstField(std::string_view body, std::string_view name) {
    const auto field = body.substr(0, body.find('&'));
    if (field.size() <= name.size() || field.substr(0, name.size()) != name ||
        field[name.size()] != '=')
        return std::nullopt;
    return decode(field.substr(name.size() + 1));
}

}  // namespace iac::triggers
