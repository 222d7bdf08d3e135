#include "plugin/value.hpp"

#include <charconv>
#include <limits>
#include <new>

#include "plugin/json_text.hpp"

namespace iac::plugin {
namespace {

void append(std::string& out, const iac_value& value);

template <class Number>
void appendNumber(std::string& out, Number number) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

void appendNumber(std::string& out, const iac_value& value) {
    switch (value.form) {
        case iac_value::Form::integer:
            return appendNumber(out, value.integer);
        case iac_value::Form::natural:
            return appendNumber(out, value.natural);
        case iac_value::Form::real:
            return appendNumber(out, value.real);
    }
}

void appendItems(std::string& out, const iac_value& value) {
    const bool object = value.type == IAC_OBJECT;
    out += object ? '{' : '[';
    for (std::uint32_t i = 0; i < value.count; ++i) {
        if (i > 0) out += ',';
        if (object) {
            appendQuoted(out, view(value.keys[i]));
            out += ':';
        }
        append(out, value.items[i]);
    }
    out += object ? '}' : ']';
}

void append(std::string& out, const iac_value& value) {
    switch (value.type) {
        case IAC_BOOL:
            out += value.boolean ? "true" : "false";
            return;
        case IAC_NUMBER:
            return appendNumber(out, value);
        case IAC_STRING:
            return appendQuoted(out, stringOf(value));
        case IAC_ARRAY:
        case IAC_OBJECT:
            return appendItems(out, value);
        default:
            out += "null";
    }
}

// Whether a token of a JSON pointer, with its ~0 and ~1, spells that name.
bool names(std::string_view token, std::string_view name) noexcept {
    std::size_t at = 0;
    for (std::size_t i = 0; i < token.size(); ++i, ++at) {
        char c = token[i];
        if (c == '~') {
            if (++i == token.size() || (token[i] != '0' && token[i] != '1')) return false;
            c = token[i] == '0' ? '~' : '/';
        }
        if (at >= name.size() || name[at] != c) return false;
    }
    return at == name.size();
}

const iac_value* member(const iac_value& object, std::string_view token) noexcept {
    for (std::uint32_t i = 0; i < object.count; ++i)
        if (names(token, view(object.keys[i]))) return &object.items[i];
    return nullptr;
}

const iac_value* item(const iac_value& array, std::string_view token) noexcept {
    std::uint32_t index = 0;
    const char* end = token.data() + token.size();
    const auto read = std::from_chars(token.data(), end, index);
    const bool number = read.ec == std::errc{} && read.ptr == end;
    if (!number || (token.size() > 1 && token[0] == '0') || index >= array.count) return nullptr;
    return &array.items[index];
}

}  // namespace

template <class T>
T* Document::allocate(std::size_t count) {
    return static_cast<T*>(memory_.allocate(count * sizeof(T), alignof(T)));
}

template iac_value* Document::allocate<iac_value>(std::size_t);
template iac_text* Document::allocate<iac_text>(std::size_t);
template char* Document::allocate<char>(std::size_t);

std::string_view Document::json(const iac_value& value) const {
    auto texts = texts_.lock();
    const auto [place, is_new] = texts->try_emplace(&value);
    if (is_new) append(place->second, value);
    return place->second;
}

iac_value Document::text(std::string_view bytes) const {
    iac_value value;
    value.document = this;
    value.type = IAC_STRING;
    value.text = bytes.data();
    value.size = bytes.size();
    return value;
}

iac_value Document::list(const std::vector<std::string>& texts) {
    iac_value value;
    value.document = this;
    value.type = IAC_ARRAY;
    value.count = static_cast<std::uint32_t>(texts.size());
    auto* items = allocate<iac_value>(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) new (items + i) iac_value(text(texts[i]));
    value.items = items;
    return value;
}

iac_value Document::object(const std::vector<Member>& members) {
    iac_value value;
    value.document = this;
    value.type = IAC_OBJECT;
    value.count = static_cast<std::uint32_t>(members.size());
    auto* items = allocate<iac_value>(members.size());
    auto* keys = allocate<iac_text>(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
        new (items + i) iac_value(members[i].second);
        new (keys + i) iac_text(plugin::text(members[i].first));
    }
    value.items = items;
    value.keys = keys;
    return value;
}

const iac_value* find(const iac_value* in, std::string_view pointer) noexcept {
    while (in != nullptr && !pointer.empty()) {
        if (pointer[0] != '/') return nullptr;
        pointer.remove_prefix(1);
        const std::string_view token = pointer.substr(0, pointer.find('/'));
        pointer.remove_prefix(token.size());
        if (in->type == IAC_OBJECT) {
            in = member(*in, token);
        } else {
            in = in->type == IAC_ARRAY ? item(*in, token) : nullptr;
        }
    }
    return in;
}

double numberOf(const iac_value& value) noexcept {
    if (value.type != IAC_NUMBER) return 0;
    switch (value.form) {
        case iac_value::Form::integer:
            return static_cast<double>(value.integer);
        case iac_value::Form::natural:
            return static_cast<double>(value.natural);
        case iac_value::Form::real:
            break;
    }
    return value.real;
}

}  // namespace iac::plugin
