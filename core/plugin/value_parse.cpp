// Document::parse(): simdjson judges and reads the text; what is kept is a compact copy.
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <stdexcept>

#include "plugin/value.hpp"

namespace iac::plugin {

namespace dom = simdjson::dom;

// Copies a parsed document into ours.
class Reader {
public:
    explicit Reader(Document& into) : into_(into) {}

    iac_value read(dom::element from) {
        if (++seen_ > Document::kMostValues)
            throw std::runtime_error("it has more than " + std::to_string(Document::kMostValues) +
                                     " values");
        iac_value value;
        value.document = &into_;
        switch (from.type()) {
            case dom::element_type::NULL_VALUE:
                break;
            case dom::element_type::BOOL:
                value.type = IAC_BOOL;
                value.boolean = from.get_bool().value_unsafe();
                break;
            case dom::element_type::STRING:
                value = into_.text(copy(from.get_string().value_unsafe()));
                break;
            case dom::element_type::ARRAY:
                readArray(value, from.get_array().value_unsafe());
                break;
            case dom::element_type::OBJECT:
                readObject(value, from.get_object().value_unsafe());
                break;
            default:
                readNumber(value, from);
        }
        return value;
    }

private:
    static void readNumber(iac_value& value, dom::element from) {
        value.type = IAC_NUMBER;
        if (from.type() == dom::element_type::INT64) {
            value.form = iac_value::Form::integer;
            value.integer = from.get_int64().value_unsafe();
        } else if (from.type() == dom::element_type::UINT64) {
            value.form = iac_value::Form::natural;
            value.natural = from.get_uint64().value_unsafe();
        } else {
            value.real = from.get_double().value_unsafe();
        }
    }

    // simdjson counts up to 0xFFFFFF and no further; kMostValues is far below that.
    std::uint32_t counted(std::size_t count) const {
        if (count > Document::kMostValues - seen_)
            throw std::runtime_error("it has more than " + std::to_string(Document::kMostValues) +
                                     " values");
        return static_cast<std::uint32_t>(count);
    }

    void readArray(iac_value& value, dom::array from) {
        value.type = IAC_ARRAY;
        value.count = counted(from.size());
        auto* item = into_.allocate<iac_value>(value.count);
        value.items = item;
        for (const dom::element one : from) new (item++) iac_value(read(one));
    }

    void readObject(iac_value& value, dom::object from) {
        value.type = IAC_OBJECT;
        value.count = counted(from.size());
        auto* item = into_.allocate<iac_value>(value.count);
        auto* key = into_.allocate<iac_text>(value.count);
        value.items = item;
        value.keys = key;
        for (const auto [name, one] : from) {
            new (key++) iac_text(text(copy(name)));
            new (item++) iac_value(read(one));
        }
        refuseTwice(value);
    }

    // Two readers of one text may each believe another of two members of the same name.
    static void refuseTwice(const iac_value& object) {
        constexpr std::uint32_t kFew = 32;
        if (object.count <= kFew) {
            for (std::uint32_t i = 1; i < object.count; ++i)
                for (std::uint32_t j = 0; j < i; ++j)
                    if (view(object.keys[i]) == view(object.keys[j])) twice(object.keys[i]);
            return;
        }
        std::vector<std::string_view> names;
        names.reserve(object.count);
        for (std::uint32_t i = 0; i < object.count; ++i) names.push_back(view(object.keys[i]));
        std::sort(names.begin(), names.end());
        const auto found = std::adjacent_find(names.begin(), names.end());
        if (found != names.end()) twice(text(*found));
    }
    [[noreturn]] static void twice(iac_text name) {
        constexpr std::size_t kShown = 64;
        throw std::runtime_error("the member \"" + std::string(view(name).substr(0, kShown)) +
                                 "\" is there twice in one object");
    }

    std::string_view copy(std::string_view from) {
        if (from.empty()) return {};
        auto* bytes = into_.allocate<char>(from.size());
        std::memcpy(bytes, from.data(), from.size());
        return {bytes, from.size()};
    }

    Document& into_;
    std::size_t seen_ = 0;
};

namespace {

// A parser keeps its buffers, twelve times the text, for the next one: worth it for a webhook, not
// for 25 MiB.
constexpr std::size_t kKeptCapacity = 1u << 20;

struct Parser {
    static constexpr std::size_t kFirstCapacity = 16u << 10;
    dom::parser parser;
    Parser() {
        if (const auto failed = parser.allocate(kFirstCapacity, Document::kDeepest))
            throw std::runtime_error(simdjson::error_message(failed));
    }
};

std::string explain(simdjson::error_code code) {
    if (code == simdjson::DEPTH_ERROR)
        return "it is nested more than " + std::to_string(Document::kDeepest) + " deep";
    if (code == simdjson::EMPTY) return "it is empty";
    return simdjson::error_message(code);
}

}  // namespace

std::unique_ptr<const Document> Document::parse(std::string_view json, std::string& reason) try {
    if (json.data() == nullptr) json = "";  // simdjson copies from it, whatever the length
    thread_local std::optional<Parser> kept;
    struct Forget {
        bool big;
        ~Forget() {
            if (big) kept.reset();
        }
    } const forget{json.size() > kKeptCapacity};
    if (!kept) kept.emplace();
    auto document = std::make_unique<Document>();
    const auto parsed = kept->parser.parse(json.data(), json.size());
    if (const auto failed = parsed.error()) {
        reason = "this is not valid JSON: " + explain(failed);
        return nullptr;
    }
    document->root_ = Reader(*document).read(parsed.value_unsafe());
    return document;
} catch (const std::exception& error) {
    reason = std::string("this is not JSON that is accepted: ") + error.what();
    return nullptr;
}

}  // namespace iac::plugin
