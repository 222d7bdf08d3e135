#include "base/masker.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/utf8.hpp"

namespace iac {
namespace {

std::string base64(std::string_view bytes) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::array<unsigned, 3> group{};
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        for (std::size_t i = 0; i < count; ++i)
            group[i] = static_cast<unsigned char>(bytes[at + i]);
        const unsigned bits = group[0] << 16 | group[1] << 8 | group[2];
        for (std::size_t i = 0; i < 4; ++i)
            out += i <= count ? digits[bits >> (18 - 6 * i) & 63] : '=';
    }
    return out;
}

std::string base64Url(std::string text) {
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

/// `plain`: the characters that stay as they are beside letters and digits. `plus`: a space becomes
/// "+", as in forms.
std::string urlEncoded(std::string_view bytes, std::string_view plain, bool upper,
                       bool plus = false) {
    const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        const bool letter =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter || plain.find(c) != std::string_view::npos) {
            out += c;
        } else if (plus && c == ' ') {
            out += '+';
        } else {
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return out;
}

// RFC 3986; Python's quote(), which keeps the slash; encodeURIComponent() of JavaScript; Python's
// quote_plus() and the forms of HTML.
void addUrlForms(std::string_view secret, std::vector<std::string>& forms) {
    for (const bool upper : {true, false}) {
        forms.push_back(urlEncoded(secret, "-_.~", upper));
        forms.push_back(urlEncoded(secret, "-_.~/", upper));
        forms.push_back(urlEncoded(secret, "-_.~!'()*", upper));
        forms.push_back(urlEncoded(secret, "-_.~", upper, true));
        forms.push_back(urlEncoded(secret, "-_.*", upper, true));
    }
}

/// What a writer of JSON escapes beside what it has to.
struct JsonStyle {
    bool slash = false;  ///< "\/"
    bool html = false;   ///< <, > and & as \u003c
    bool ascii = false;  ///< everything beyond ASCII as \uXXXX
    bool upper = false;  ///< digits A to F
};

void appendUnit(std::string& out, unsigned unit, bool upper) {
    const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += digits[unit >> shift & 15];
}

std::string jsonEscaped(std::string_view bytes, const JsonStyle& style) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size();) {
        const char c = bytes[at];
        const auto byte = static_cast<unsigned char>(c);
        constexpr std::string_view kShort = "\n\r\t\b\f", kLetters = "nrtbf";
        if (const auto known = kShort.find(c); known != std::string_view::npos) {
            out += {'\\', kLetters[known]};
        } else if (byte < 0x20 || byte == 0x7f ||
                   (style.html && (c == '<' || c == '>' || c == '&'))) {
            appendUnit(out, byte, style.upper);
        } else if (byte < 0x80 || !style.ascii) {
            if (c == '"' || c == '\\' || (style.slash && c == '/')) out += '\\';
            out += c;
        } else if (const auto [code, size] = decodeUtf8(bytes.substr(at)); size > 0) {
            if (code >= 0x10000) {
                appendUnit(out, 0xd800 + ((code - 0x10000) >> 10), style.upper);
                appendUnit(out, 0xdc00 + ((code - 0x10000) & 0x3ff), style.upper);
            } else {
                appendUnit(out, code, style.upper);
            }
            at += size;
            continue;
        } else {
            out += c;
        }
        ++at;
    }
    return out;
}

// The three ways a secret can lie within a longer base64 text, without the characters it shares
// with its neighbours there.
std::vector<std::string> base64Forms(std::string_view secret) {
    std::vector<std::string> forms{base64(secret)};
    for (std::size_t shift = 0; shift < 3; ++shift) {
        const std::size_t bits = (shift + secret.size()) * 8;
        const std::string text = base64(std::string(shift, '\0') + std::string(secret));
        const std::size_t first = (shift * 8 + 5) / 6, last = bits / 6;
        if (last > first) forms.push_back(text.substr(first, last - first));
    }
    return forms;
}

// Every spelling a secret may show up in. A short secret's base64 is too short to be told from
// ordinary text.
std::vector<std::string> formsOf(std::string_view secret) {
    std::vector<std::string> forms{std::string(secret)};
    addUrlForms(secret, forms);
    for (const bool slash : {false, true}) forms.push_back(jsonEscaped(secret, {slash}));
    for (const bool upper : {false, true}) {
        forms.push_back(jsonEscaped(secret, {false, true, false, upper}));
        forms.push_back(jsonEscaped(secret, {false, false, true, upper}));
        forms.push_back(jsonEscaped(secret, {false, true, true, upper}));
    }
    for (auto& form : base64Forms(secret)) {
        if (form.size() < 2 * MaskedValues::kShortestMasked) continue;
        forms.push_back(base64Url(form));
        forms.push_back(std::move(form));
    }
    return forms;
}

// A value that was read from a file often ends in a line break or a blank, and is used without it.
std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const auto begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

// Lines of a key file are secrets of their own; its weak ones (dashes, braces, words) are not.
std::vector<std::string_view> linesOf(std::string_view secret) {
    std::vector<std::string_view> lines;
    for (std::size_t begin = 0;
         secret.find('\n') != std::string_view::npos && begin < secret.size();) {
        const std::size_t end = std::min(secret.find('\n', begin), secret.size());
        const auto line = trimmed(secret.substr(begin, end - begin));
        if (line.size() >= 2 * MaskedValues::kShortestMasked || !isWeakSecret(line))
            lines.push_back(line);
        begin = end + 1;
    }
    return lines;
}

// The length of a line break in a text, with the blanks and the border of a box around it, as a
// console that is too narrow makes it in the middle of a word; 0: there is none. `open`: the text
// ended before the break did.
std::size_t breakLength(std::string_view text, bool& open) {
    static constexpr std::array<std::string_view, 4> kBetween{" ", "\t", "\xe2\x94\x82", "|"};
    const auto skip = [&](std::size_t at) {
        for (bool more = true; more;) {
            more = false;
            for (const auto one : kBetween)
                if (text.substr(at).starts_with(one)) {
                    at += one.size();
                    more = true;
                }
        }
        return at;
    };
    constexpr std::size_t kLongest = 512;  // a wide box has many blanks
    text = text.substr(0, kLongest);
    std::size_t at = skip(0);
    if (text.substr(at).starts_with("\r")) ++at;
    if (at >= text.size()) {
        open = text.size() < kLongest;
        return 0;
    }
    if (text[at] != '\n') return 0;
    return skip(at + 1);
}

enum class Match { none, open, whole };

// Whether a text begins with a form, which a line break may part; `length` of it is the form.
Match matchForm(std::string_view form, std::string_view text, std::size_t& length) {
    constexpr std::size_t kBeforeBreak = 4;  // of the form, on the first line
    constexpr std::size_t kShortestBroken = 8;
    std::size_t at = 0;
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (at < text.size() && text[at] == form[i]) {
            ++at;
            continue;
        }
        if (at >= text.size()) return Match::open;
        if (i < kBeforeBreak || form.size() < kShortestBroken) return Match::none;
        bool open = false;
        const std::size_t gap = breakLength(text.substr(at), open);
        if (gap == 0) return open ? Match::open : Match::none;
        at += gap;
        if (at >= text.size()) return Match::open;
        if (text[at] != form[i]) return Match::none;
        ++at;
    }
    length = at;
    return Match::whole;
}

}  // namespace

bool isWeakSecret(std::string_view value) {
    constexpr std::size_t kShortest = 6, kShortestWord = 12;
    value = trimmed(value);
    if (value.size() < kShortest) return true;
    if (value.size() >= kShortestWord) return false;
    const auto only = [&](auto in) { return std::ranges::all_of(value, in); };
    return only([](char c) { return c >= '0' && c <= '9'; }) || only([](char c) {
               return (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
           }) ||
           only([](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.'; });
}

MaskedValues::MaskedValues(const std::vector<std::string>& secrets) {
    const auto add = [this](std::string_view secret) {
        if (secret.size() < kShortestMasked) return;
        for (auto& form : formsOf(secret))
            forms_[static_cast<unsigned char>(form[0])].push_back(std::move(form));
    };
    for (const std::string& secret : secrets) {
        add(secret);
        if (const auto inner = trimmed(secret); inner.size() != secret.size()) add(inner);
        for (const std::string_view line : linesOf(secret)) add(line);
    }
    for (auto& forms : forms_) {
        std::ranges::sort(forms, [](const auto& a, const auto& b) {
            return a.size() != b.size() ? a.size() > b.size() : a < b;
        });
        forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
    }
}

std::string MaskedValues::mask(std::string_view text) const {
    return maskWhile(text, false);
}

std::string MaskedValues::maskBeginning(std::string_view& text) const {
    return maskWhile(text, true);
}

std::string MaskedValues::maskWhile(std::string_view& text, bool more) const {
    std::string out;
    out.reserve(text.size());
    std::size_t copied = 0, at = 0;
    while (at < text.size()) {
        const std::string_view rest = text.substr(at);
        // The longest decides, so an open one that is longer than a whole one has to be awaited.
        std::size_t length = 0;
        bool open = false;
        for (const auto& form : forms_[static_cast<unsigned char>(rest[0])]) {
            const Match match = matchForm(form, rest, length);
            open = match == Match::open && more;
            if (open || match == Match::whole) break;
        }
        if (open) break;
        if (length == 0) {
            ++at;
            continue;
        }
        out += text.substr(copied, at - copied);
        out += kMask;
        at += length;
        copied = at;
    }
    out += text.substr(copied, at - copied);
    text.remove_prefix(at);
    return out;
}

Masker::Masker() {
    learn({});
}

// What is learned again is as good as new: the secrets in use are never the ones that are
// forgotten.
void Masker::keep(std::vector<std::string>& all, const std::vector<std::string>& secrets,
                  std::size_t most) {
    const std::set<std::string_view> now(secrets.begin(), secrets.end());
    std::erase_if(all, [&now](const std::string& one) { return now.contains(one); });
    all.insert(all.end(), now.begin(), now.end());
    most = std::max(most, now.size());
    if (all.size() > most) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
}

void Masker::learn(const std::vector<std::string>& secrets) {
    auto known = known_.lock();
    keep(known->secrets, secrets, kMostSecrets);
    known->values.reset();
}

void Masker::learnFetched(std::string_view secret) {
    auto known = known_.lock();
    keep(known->fetched, {std::string(secret)}, kMostFetched);
    known->values.reset();
}

// Made when it is asked for: many are learned at once, and each time all of them are looked at.
std::shared_ptr<const MaskedValues> Masker::values() const {
    auto known = known_.lock();
    if (known->values == nullptr) {
        auto all = known->secrets;
        all.insert(all.end(), known->fetched.begin(), known->fetched.end());
        known->values = std::make_shared<const MaskedValues>(all);
    }
    return known->values;
}

std::string Masker::mask(std::string_view text) const {
    return values()->mask(text);
}

std::string MaskedStream::next(std::string_view bytes) {
    kept_ += bytes;
    std::string_view rest = kept_;
    std::string safe = values_->maskBeginning(rest);
    kept_.erase(0, kept_.size() - rest.size());
    return safe;
}

std::string MaskedStream::finish() {
    return values_->mask(std::exchange(kept_, {}));
}

}  // namespace iac
