#include "http/head.hpp"

#include <algorithm>
#include <string_view>

#include "http/answer.hpp"

namespace iac::http {
namespace {

/// RFC 9110, 5.6.2.
bool isTokenCharacter(char c) {
    static constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != std::string_view::npos;
}

bool isBlank(char c) {
    return c == ' ' || c == '\t';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

Problem notOurRequestLine() {
    return Problem(400,
                   "The request does not begin with a line of a method, a path and a version, "
                   "such as \"GET /health HTTP/1.1\".");
}

Problem tooLong(int status, const std::string& what, std::size_t most) {
    return Problem(status, what + " longer than " + std::to_string(most) + " bytes.");
}

}  // namespace

bool isControl(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

bool isToken(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, isTokenCharacter);
}

bool HeadReader::take(char byte) {
    if (++size_ > kLongestHead) throw tooLong(431, "The head of the request is", kLongestHead);
    if (returned_ != (byte == '\n'))
        throw Problem(400, "A line of the head does not end with CRLF.");
    returned_ = byte == '\r';
    if (returned_) return false;
    if (byte == '\n') return endLine();
    switch (at_) {
        case At::method:
            takeMethod(byte);
            break;
        case At::target:
            takeTarget(byte);
            break;
        case At::version:
            takeVersion(byte);
            break;
        case At::field:
            beginField(byte);
            break;
        case At::name:
            takeName(byte);
            break;
        case At::value:
            takeValue(byte);
            break;
    }
    return false;
}

bool HeadReader::endLine() {
    switch (at_) {
        case At::method:
            // Some clients send one behind a body (RFC 9112, 2.2).
            if (!head_.method.empty() || empty_line_) throw notOurRequestLine();
            empty_line_ = true;
            return false;
        case At::target:
            throw notOurRequestLine();
        case At::version:
            endRequestLine();
            return false;
        case At::field:
            return true;
        case At::name:
            throw Problem(400, "A line of the head has no colon: it is no header.");
        case At::value: {
            auto& value = head_.fields.back().second;
            while (!value.empty() && isBlank(value.back())) value.pop_back();
            at_ = At::field;
            return false;
        }
    }
    return false;
}

void HeadReader::endRequestLine() {
    head_.http_1_1 = version_ == "HTTP/1.1";
    if (!head_.http_1_1 && version_ != "HTTP/1.0") {
        const auto digit = [this](std::size_t at) {
            return version_[at] >= '0' && version_[at] <= '9';
        };
        if (version_.size() == 8 && version_.starts_with("HTTP/") && digit(5) &&
            version_[6] == '.' && digit(7))
            throw Problem(505, "HTTP/1.1 and HTTP/1.0 are understood here.");
        throw notOurRequestLine();
    }
    at_ = At::field;
}

void HeadReader::takeMethod(char byte) {
    if (byte == ' ' && !head_.method.empty()) {
        at_ = At::target;
        return;
    }
    if (!isTokenCharacter(byte)) throw notOurRequestLine();
    head_.method += byte;
    if (head_.method.size() > kLongestMethod) throw tooLong(400, "The method is", kLongestMethod);
}

void HeadReader::takeTarget(char byte) {
    if (byte == ' ' && !head_.target.empty()) {
        at_ = At::version;
        return;
    }
    // What else may be in it is the business of whoever looks for a path.
    static constexpr std::string_view spaces = " \t\v\f";
    if (spaces.find(byte) != std::string_view::npos) throw notOurRequestLine();
    if (static_cast<unsigned char>(byte) >= 0x80)
        throw Problem(400, "The path and query hold a byte that is not ASCII; encode it as %XX.");
    head_.target += byte;
    if (head_.target.size() > kLongestTarget)
        throw tooLong(414, "The path and query are", kLongestTarget);
}

void HeadReader::takeVersion(char byte) {
    if (version_.size() == std::string_view("HTTP/1.1").size()) throw notOurRequestLine();
    version_ += byte;
}

void HeadReader::beginField(char byte) {
    if (isBlank(byte)) {
        // Folded (RFC 9112, 5.2): one space for the end of the line and all blanks around it.
        if (head_.fields.empty()) throw Problem(400, "The first header begins with a blank.");
        auto& value = head_.fields.back().second;
        if (!value.empty()) value += ' ';
        at_ = At::value;
        before_the_text_ = true;
        return;
    }
    if (head_.fields.size() == kMostFields)
        throw Problem(400,
                      "The request has more than " + std::to_string(kMostFields) + " headers.");
    head_.fields.emplace_back();
    at_ = At::name;
    takeName(byte);
}

void HeadReader::takeName(char byte) {
    auto& name = head_.fields.back().first;
    if (byte == ':' && !name.empty()) {
        at_ = At::value;
        before_the_text_ = true;
        return;
    }
    if (!isTokenCharacter(byte)) throw Problem(400, "The name of a header is not valid.");
    name += lower(byte);
    if (name.size() > kLongestFieldName)
        throw tooLong(400, "The name of a header is", kLongestFieldName);
}

void HeadReader::takeValue(char byte) {
    if (before_the_text_ && isBlank(byte)) return;
    before_the_text_ = false;
    auto& [name, value] = head_.fields.back();
    if (isControl(byte)) throw Problem(400, "The header " + name + " holds a control character.");
    value += byte;
    if (value.size() > kLongestFieldValue)
        throw tooLong(400, "The header " + name + " is", kLongestFieldValue);
}

}  // namespace iac::http
