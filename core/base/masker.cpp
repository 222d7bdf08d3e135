#include "base/masker.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

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

std::string urlEncoded(std::string_view bytes, bool upper) {
    const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return out;
}

// Some writers escape the slash too.
std::string jsonEscaped(std::string_view bytes, bool slash) {
    std::string out;
    for (const char c : bytes) {
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else {
            if (c == '"' || c == '\\' || (slash && c == '/')) out += '\\';
            out += c;
        }
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
    std::vector<std::string> forms{std::string(secret), urlEncoded(secret, true),
                                   urlEncoded(secret, false), jsonEscaped(secret, false),
                                   jsonEscaped(secret, true)};
    for (auto& form : base64Forms(secret)) {
        if (form.size() < 2 * MaskedValues::kShortestMasked) continue;
        forms.push_back(base64Url(form));
        forms.push_back(std::move(form));
    }
    return forms;
}

// Lines of a key file are secrets of their own; its short lines (dashes, braces) are not.
std::vector<std::string_view> linesOf(std::string_view secret) {
    std::vector<std::string_view> lines;
    for (std::size_t begin = 0;
         secret.find('\n') != std::string_view::npos && begin < secret.size();) {
        const std::size_t end = std::min(secret.find('\n', begin), secret.size());
        std::string_view line = secret.substr(begin, end - begin);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.size() >= 2 * MaskedValues::kShortestMasked) lines.push_back(line);
        begin = end + 1;
    }
    return lines;
}

}  // namespace

MaskedValues::MaskedValues(const std::vector<std::string>& secrets) {
    const auto add = [this](std::string_view secret) {
        if (secret.size() < kShortestMasked) return;
        for (auto& form : formsOf(secret))
            forms_[static_cast<unsigned char>(form[0])].push_back(std::move(form));
    };
    for (const std::string& secret : secrets) {
        add(secret);
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
        const auto& forms = forms_[static_cast<unsigned char>(rest[0])];
        // The longest decides, so an open one that is longer than a whole one has to be awaited.
        const auto found = std::ranges::find_if(forms, [rest, more](const std::string& form) {
            return rest.starts_with(form) ||
                   (more && form.size() > rest.size() && form.starts_with(rest));
        });
        if (found == forms.end()) {
            ++at;
            continue;
        }
        if (found->size() > rest.size()) break;
        out += text.substr(copied, at - copied);
        out += kMask;
        at += found->size();
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
void Masker::learn(const std::vector<std::string>& secrets) {
    auto known = known_.lock();
    auto& all = known->secrets;
    const std::set<std::string_view> now(secrets.begin(), secrets.end());
    std::erase_if(all, [&now](const std::string& one) { return now.contains(one); });
    all.insert(all.end(), now.begin(), now.end());
    const std::size_t most = std::max(kMostSecrets, now.size());
    if (all.size() > most) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(most));
    known->values = std::make_shared<const MaskedValues>(all);
}

std::shared_ptr<const MaskedValues> Masker::values() const {
    return known_.lock()->values;
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
