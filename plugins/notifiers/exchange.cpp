#include "exchange.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>

#include "text.hpp"

namespace iac::notifiers {
namespace {

constexpr std::size_t kLongestQuote = 200;

bool begins(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

bool isHere(std::string_view host) {
    return host == "localhost" || host == "[::1]" || begins(host, "127.");
}

}  // namespace

void checkUrl(std::string_view setting, const std::string& url, bool secret) {
    const auto refuse = [&](const char* why) { invalid(std::string(setting) + ": " + why); };
    const bool encrypted = begins(url, "https://");
    if (!encrypted && !begins(url, "http://")) refuse("it is no address that begins with https://");
    const auto unfit = [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == '\x7f' || c == '"' || c == '\\';
    };
    if (std::any_of(url.begin(), url.end(), unfit))
        refuse("the address holds a space or another character that no address has");
    const std::size_t begin = url.find("://") + 3;
    const std::string host = url.substr(begin, url.find_first_of("/?#", begin) - begin);
    if (host.empty()) refuse("the address names no host");
    if (host.find('@') != host.npos)
        refuse("the address holds a user or a password; there are settings for what is secret");
    const std::size_t port = host.rfind(':');
    const bool has_port = port != host.npos && host.find(']', port) == host.npos;
    if (secret && !encrypted && !isHere(has_port ? host.substr(0, port) : host))
        refuse("it has to begin with https://: what is sent there is secret");
}

void checkHeader(std::string_view setting, const std::string& text) {
    const auto unfit = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; };
    if (std::any_of(text.begin(), text.end(), unfit))
        invalid(std::string(setting) + ": it holds a line end or another control character");
}

Reply postJson(const Call& call, const std::string& url, std::vector<std::string> headers,
               const std::string& json) {
    headers.emplace_back("Content-Type: application/json; charset=utf-8");
    headers.emplace_back("User-Agent: iac-runner");
    return call.http({"POST", url, std::move(headers), json, kRequestSeconds, kMostAnswered});
}

bool isPassing(int status) {
    constexpr int kTimeout = 408, kTooEarly = 425, kTooMany = 429;
    return status == kTimeout || status == kTooEarly || status == kTooMany || status >= 500;
}

std::optional<double> retryAfterOf(const Reply& reply) {
    const auto header = reply.header("retry-after");
    if (!header || header->empty()) return std::nullopt;
    double seconds = 0;
    if (header->find_first_not_of("0123456789. ") == header->npos) {
        seconds = std::strtod(header->c_str(), nullptr);
    } else {
        std::tm parts{};
        if (strptime(header->c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr)
            return std::nullopt;
        seconds = std::difftime(timegm(&parts), std::time(nullptr));
    }
    return std::clamp(seconds, 0.0, kLongestRetryAfter);
}

std::string quoted(std::string_view said) {
    const std::string text = cut(oneLine(said), kLongestQuote);
    return text.empty() ? text : "\"" + text + "\"";
}

void tryLater(const Call& call, const Reply& reply, const std::string& message,
              const Diagnosis& diagnosis) {
    if (const auto seconds = retryAfterOf(reply))
        Notifier::retryAfter(
            call, *seconds,
            message + "; it asks to wait " + std::to_string(std::lround(*seconds)) + " s",
            diagnosis);
    retry(message, diagnosis);
}

}  // namespace iac::notifiers
