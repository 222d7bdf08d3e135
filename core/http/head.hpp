#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace iac::http {

/// The most that the head of a request may hold.
constexpr std::size_t kLongestMethod = 32;
constexpr std::size_t kLongestTarget = 2048;
constexpr std::size_t kMostFields = 100;
constexpr std::size_t kLongestFieldName = 256;
constexpr std::size_t kLongestFieldValue = 8192;
constexpr std::size_t kLongestHead = 64u << 10;  ///< with blanks and line ends

/// Whether a byte is a control character that no field may hold (RFC 9110, 5.5).
bool isControl(char c);
/// A token of RFC 9110, 5.6.2, such as the name of a field.
bool isToken(std::string_view text);

/// The request line and the fields (headers) of a request, not yet judged.
struct Head {
    std::string method, target;
    bool http_1_1 = true;  ///< or else HTTP/1.0
    /// In their order. Names in lower case; values byte by byte as they came, without blanks around
    /// them, and what was folded on one line.
    std::vector<std::pair<std::string, std::string>> fields;
};

/// Makes a Head of its bytes, one after the other, and does no I/O. What RFC 9112 lets a server
/// tolerate is refused where another reader could take it for something else: a line end of one
/// character, more than one space in the request line, a blank before the colon. Tolerated are an
/// empty line before the request line, and fields that are folded. [one thread; one head]
class HeadReader {
public:
    /// True: the head is whole with this byte. Throws Problem (400, 414, 431, 505) at the first
    /// byte that cannot stand where it does; nothing may be taken after that.
    bool take(char byte);
    /// Whether anything was taken.
    bool begun() const { return size_ > 0; }
    /// What was read, once it is whole.
    Head& head() { return head_; }

private:
    /// What the next byte of the line belongs to.
    enum class At : std::uint8_t { method, target, version, field, name, value };

    bool endLine();
    void endRequestLine();
    void takeMethod(char byte);
    void takeTarget(char byte);
    void takeVersion(char byte);
    void beginField(char byte);
    void takeName(char byte);
    void takeValue(char byte);

    Head head_;
    std::string version_;
    std::size_t size_ = 0;
    At at_ = At::method;
    bool returned_ = false;         // the last byte was CR
    bool empty_line_ = false;       // there was one before the request line
    bool before_the_text_ = false;  // of a value, or of one of its lines: blanks do not count
};

}  // namespace iac::http
