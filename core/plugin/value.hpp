#pragma once

#include <iac/plugin.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.hpp"

namespace iac::plugin {
class Document;
}

/// A JSON value as a plugin holds it: 32 bytes, never changed once its document is made.
struct iac_value {
    enum class Form : std::uint8_t { real, integer, natural };

    const iac::plugin::Document* document = nullptr;
    std::uint8_t type = IAC_NULL;
    Form form = Form::real;   ///< of a number: a 64-bit integer keeps all of its digits
    std::uint32_t count = 0;  ///< items of an array, members of an object
    union {
        bool boolean;
        double real;
        std::int64_t integer;
        std::uint64_t natural;
        const char* text;
        const iac_value* items = nullptr;
    };
    union {
        std::size_t size = 0;  ///< of a string
        const iac_text* keys;  ///< of an object, beside its items
    };
};

namespace iac::plugin {

/// A tree of values and the memory they lie in. Made once, parsed or by hand; reading it is
/// [any-thread].
class Document {
public:
    static constexpr std::size_t kDeepest = 64;
    /// A value takes sixteen times the room of its "0,": without a limit, 25 MiB of zeros would
    /// take 400 MiB.
    static constexpr std::size_t kMostValues = 2'000'000;

    Document() = default;
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    /// Strict JSON: UTF-8 checked, at most kDeepest deep, no member twice in one object, at most
    /// kMostValues. Empty, with the reason, for everything else.
    static std::unique_ptr<const Document> parse(std::string_view json, std::string& reason);

    const iac_value* root() const { return &root_; }
    /// A value of this document as JSON text; valid as long as the document.
    std::string_view json(const iac_value& value) const;

    // To make one by hand: parts first, setRoot() last.

    /// A string of any bytes. It is not copied: the bytes have to outlive the document.
    iac_value text(std::string_view bytes) const;
    /// An array of strings, none of them copied.
    iac_value list(const std::vector<std::string>& texts);
    using Member = std::pair<std::string_view, iac_value>;
    /// The names are not copied either.
    iac_value object(const std::vector<Member>& members);
    void setRoot(const iac_value& root) { root_ = root; }

private:
    friend class Reader;
    template <class T>
    T* allocate(std::size_t count);

    iac_value root_;
    std::pmr::monotonic_buffer_resource memory_{1024};
    mutable Guarded<std::map<const iac_value*, std::string>> texts_;
};

/// What a JSON pointer (RFC 6901) names below a value; nullptr when there is nothing.
const iac_value* find(const iac_value* in, std::string_view pointer) noexcept;

/// The number of a value, rounded when a double cannot hold it; 0 for other types.
double numberOf(const iac_value& value) noexcept;

inline std::string_view view(iac_text text) noexcept {
    return text.size == 0 ? std::string_view{} : std::string_view{text.data, text.size};
}
inline iac_text text(std::string_view view) noexcept {
    return {view.data(), view.size()};
}

/// The string of a value; empty for other types.
inline std::string_view stringOf(const iac_value& value) noexcept {
    return value.type == IAC_STRING ? std::string_view{value.text, value.size} : std::string_view{};
}

}  // namespace iac::plugin
