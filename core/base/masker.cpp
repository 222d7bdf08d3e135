#include "base/masker.hpp"

#include <algorithm>
#include <array>
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

std::string jsonEscaped(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        if (c == '"' || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else {
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

}  // namespace

MaskedValues::MaskedValues(const std::vector<std::string>& secrets) {
    const auto add = [this](std::string form) {
        if (form.size() >= kShortestMasked) forms_.push_back(std::move(form));
    };
    const auto addAll = [&](std::string_view secret) {
        if (secret.size() < kShortestMasked) return;
        add(std::string(secret));
        add(urlEncoded(secret, true));
        add(urlEncoded(secret, false));
        add(jsonEscaped(secret));
        // A short secret's base64 is too short to be told from ordinary text.
        for (auto& form : base64Forms(secret))
            if (form.size() >= 2 * kShortestMasked) add(std::move(form));
    };
    for (const std::string& secret : secrets) {
        addAll(secret);
        for (std::size_t begin = 0;
             secret.find('\n') != std::string::npos && begin < secret.size();) {
            const std::size_t end = std::min(secret.find('\n', begin), secret.size());
            // Lines of a key file are secrets of their own; its short lines (dashes, braces) are
            // not.
            if (end - begin >= 2 * kShortestMasked)
                addAll(std::string_view(secret).substr(begin, end - begin));
            begin = end + 1;
        }
    }
    std::ranges::sort(forms_, [](const auto& a, const auto& b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    forms_.erase(std::unique(forms_.begin(), forms_.end()), forms_.end());
    for (const auto& form : forms_) begins_[static_cast<unsigned char>(form[0])] = true;
    longest_ = forms_.empty() ? 0 : forms_.front().size();
}

std::string MaskedValues::mask(std::string_view text) const {
    std::string out;
    out.reserve(text.size());
    std::size_t copied = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::string* found = nullptr;
        if (begins_[static_cast<unsigned char>(text[at])]) {
            for (const std::string& form : forms_) {
                if (text.compare(at, form.size(), form) == 0) {
                    found = &form;
                    break;
                }
            }
        }
        if (found == nullptr) {
            ++at;
            continue;
        }
        out += text.substr(copied, at - copied);
        out += kMask;
        at += found->size();
        copied = at;
    }
    return out += text.substr(copied);
}

std::size_t MaskedValues::openEnd(std::string_view text) const {
    for (std::size_t size = std::min(longest_ > 0 ? longest_ - 1 : 0, text.size()); size > 0;
         --size) {
        const std::string_view end = text.substr(text.size() - size);
        if (!begins_[static_cast<unsigned char>(end[0])]) continue;
        const bool open = std::ranges::any_of(forms_, [end](const std::string& form) {
            return form.size() > end.size() && form.compare(0, end.size(), end) == 0;
        });
        if (open) return size;
    }
    return 0;
}

Masker::Masker() : values_(std::make_shared<const MaskedValues>(std::vector<std::string>{})) {}

void Masker::setSecrets(const std::vector<std::string>& secrets) {
    *values_.lock() = std::make_shared<const MaskedValues>(secrets);
}

std::shared_ptr<const MaskedValues> Masker::values() const {
    return *values_.lock();
}

std::string Masker::mask(std::string_view text) const {
    return values()->mask(text);
}

std::string MaskedStream::next(std::string_view bytes) {
    kept_ += bytes;
    // Held back before masking: the open end may begin inside what mask() would replace, and then
    // stays whole.
    const std::size_t open = values_->openEnd(kept_);
    std::string safe = kept_.substr(0, kept_.size() - open);
    kept_.erase(0, kept_.size() - open);
    return values_->mask(safe);
}

std::string MaskedStream::finish() {
    return values_->mask(std::exchange(kept_, {}));
}

}  // namespace iac
