#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.hpp"

namespace iac {

/// Whether a value is too short or too much like a word ("true", "5432", "postgres") to be masked
/// wherever it stands: logs would become unreadable, and it would be no secret for long.
bool isWeakSecret(std::string_view value);

/// The secret values the runner knows, in every form they may show up in: plain, without blanks
/// around it, base64 and base64url (also within a longer text), URL-encoded (RFC 3986, forms, and
/// as Python and JavaScript do it), JSON-escaped (also in ASCII, and safe for HTML); a secret of
/// several lines also line by line; and each of these parted by line breaks, as base64 and narrow
/// consoles do it. Immutable. Not found: a secret that is encoded twice, in another way, or
/// character by character.
///
/// A value shorter than kShortestMasked bytes is not masked: it would black out ordinary text.
class MaskedValues {
public:
    static constexpr std::size_t kShortestMasked = 4;
    static constexpr std::string_view kMask = "[secret]";

    explicit MaskedValues(const std::vector<std::string>& secrets);

    /// The text with every secret replaced by kMask.
    std::string mask(std::string_view text) const;
    /// The same for the beginning of a text of which more may come: stops where a secret may begin
    /// that is not complete yet, and takes what it has read off `text`. What mask() would say of
    /// the whole text, these parts say together.
    std::string maskBeginning(std::string_view& text) const;

private:
    std::string maskWhile(std::string_view& text, bool more) const;

    // By first byte, longest first: a secret within a secret cannot leak the rest.
    std::array<std::vector<std::string>, 256> forms_;
};

/// The one place that knows what must not be printed. Shared by the log, the step output, the
/// answers. [any-thread]
class Masker {
public:
    /// The values it knows at most; beyond, those it learned first are forgotten.
    static constexpr std::size_t kMostSecrets = 10'000;

    Masker();
    /// Learns more of them. None is forgotten because it was rotated: a step that began with it may
    /// still print it. What is masked already stays masked.
    void learn(const std::vector<std::string>& secrets);
    /// Learns one that a plugin has fetched. They have a limit of their own, and so take no place
    /// of those that the configuration knows.
    void learnFetched(std::string_view secret);
    std::string mask(std::string_view text) const;
    std::shared_ptr<const MaskedValues> values() const;
    static constexpr std::size_t kMostFetched = 1'000;

private:
    static void keep(std::vector<std::string>& all, const std::vector<std::string>& secrets,
                     std::size_t most);
    struct Known {
        std::vector<std::string> secrets;  ///< the first learned first
        std::vector<std::string> fetched;  ///< the same
        std::shared_ptr<const MaskedValues> values;
    };
    mutable Guarded<Known> known_;
};

/// Masks a stream that comes in pieces: a secret split over two of them is found too. One thread.
class MaskedStream {
public:
    explicit MaskedStream(std::shared_ptr<const MaskedValues> values)
        : values_(std::move(values)) {}
    /// What can be said safely after this piece. The rest is kept until more comes.
    std::string next(std::string_view bytes);
    /// From here on also these; what was kept is looked at again.
    void use(std::shared_ptr<const MaskedValues> values) { values_ = std::move(values); }
    /// What was kept; the stream has ended.
    std::string finish();

private:
    std::shared_ptr<const MaskedValues> values_;
    std::string kept_;
};

}  // namespace iac
