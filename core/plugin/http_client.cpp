// http-client.so: one HTTP exchange with libcurl. In a module of its own, because libcurl brings
// thirty libraries with it.
#include <curl/curl.h>
#include <iac/plugin.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/http.hpp"
#include "plugin/services.hpp"
#include "plugin/value.hpp"

namespace iac::plugin {
namespace {

constexpr double kDefaultSeconds = 30;
constexpr double kLongestSeconds = 3600;
constexpr std::uint64_t kDefaultBodyLimit = 8u << 20;
constexpr std::size_t kMostHeaderBytes = 256u << 10;
constexpr int kPollMs = 1'000;  // curl has timers of its own; it is asked at least this often

struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What cannot be asked for at all: IAC_INVALID.
class Senseless : public std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

// Line ends in a header would begin another header, and a NUL would end it early.
std::string checked(iac_text given, const char* what) {
    const std::string_view text = view(given);
    if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
        throw Senseless(std::string("http: ") + what + " holds a line end or a NUL byte");
    return std::string(text);
}

class Exchange {
public:
    explicit Exchange(const iac_http& asked)
        : easy_(curl_easy_init()),
          multi_(curl_multi_init()),
          url_(checked(asked.url, "the URL")),
          body_limit_(asked.body_limit == 0 ? kDefaultBodyLimit : asked.body_limit) {
        if (!easy_ || !multi_) throw std::runtime_error("http: libcurl cannot be initialized");
        setUp(asked);
        curl_multi_add_handle(multi_.get(), easy_.get());
    }
    ~Exchange() { curl_multi_remove_handle(multi_.get(), easy_.get()); }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    iac_status toEnd(int cancel, iac_http_sink sink, void* user, iac_error* error) {
        int running = 1;
        while (running > 0) {
            if (curl_multi_perform(multi_.get(), &running) != CURLM_OK)
                throw std::runtime_error("http: libcurl failed inside");
            if (running == 0) break;
            curl_waitfd also{cancel, CURL_WAIT_POLLIN, 0};
            curl_multi_poll(multi_.get(), &also, cancel < 0 ? 0u : 1u, kPollMs, nullptr);
            if (cancel >= 0 && also.revents != 0) {
                write(error, place() + " was given up: the call was cancelled");
                return IAC_CANCELLED;
            }
        }
        return answer(sink, user, error);
    }

private:
    template <class T>
    void set(CURLoption option, T value) {
        if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK)
            throw Senseless("http: libcurl does not take what " + place() + " asks for");
    }

    void setUp(const iac_http& asked) {
        const std::string method = checked(asked.method, "the method");
        const bool letters = std::all_of(method.begin(), method.end(),
                                         [](unsigned char c) { return std::isupper(c) != 0; });
        if (method.empty() || !letters)
            throw Senseless("http: \"" + method + "\" is no method; eg. \"GET\"");
        if (!url_.starts_with("http://") && !url_.starts_with("https://"))
            throw Senseless("http: the URL does not begin with http:// or https://");
        set(CURLOPT_URL, url_.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_PROXY, "");  // the environment of the runner decides nothing here
        set(CURLOPT_ERRORBUFFER, said_);
        setTrust();
        setBody(method, asked);
        setHeaders(asked);
        const double seconds = asked.timeout_seconds > 0
                                   ? std::min(asked.timeout_seconds, kLongestSeconds)
                                   : kDefaultSeconds;
        set(CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(seconds * 1000)));
        set(CURLOPT_WRITEFUNCTION, takeBody);
        set(CURLOPT_WRITEDATA, this);
        set(CURLOPT_HEADERFUNCTION, takeHeader);
        set(CURLOPT_HEADERDATA, this);
    }

    // Who vouches for a server: the system's authorities, and those that the environment of the
    // runner names, as for most programs. It is never possible to do without.
    void setTrust() {
        const char *file = std::getenv("SSL_CERT_FILE"), *folder = std::getenv("SSL_CERT_DIR");
        if (file != nullptr && *file != '\0') set(CURLOPT_CAINFO, file);
        if (folder != nullptr && *folder != '\0') set(CURLOPT_CAPATH, folder);
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    }

    void setBody(const std::string& method, const iac_http& asked) {
        if (method == "HEAD") set(CURLOPT_NOBODY, 1L);
        if (asked.body.size > 0 || method == "POST") {
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(asked.body.size));
            set(CURLOPT_POSTFIELDS, asked.body.size > 0 ? asked.body.data : "");
        }
        set(CURLOPT_CUSTOMREQUEST, method.c_str());
    }

    void setHeaders(const iac_http& asked) {
        // None that nobody asked for: curl's own would call every body a form, and wait for a 100.
        std::vector<std::string> lines{"Expect:"};
        bool has_type = false;
        for (std::size_t i = 0; i < asked.header_count; ++i) {
            lines.push_back(checked(asked.headers[i], "a header"));
            if (lines.back().find(':') == std::string::npos)
                throw Senseless("http: a header is not \"Name: value\"");
            has_type = has_type || lower(lines.back()).starts_with("content-type:");
        }
        if (!has_type) lines.emplace_back("Content-Type:");
        for (const auto& line : lines) {
            curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
            if (longer == nullptr) throw std::bad_alloc();
            static_cast<void>(headers_.release());
            headers_.reset(longer);
        }
        set(CURLOPT_HTTPHEADER, headers_.get());
    }

    // Returning less than was given is how curl is told to stop.
    static std::size_t takeBody(char* data, std::size_t, std::size_t size, void* user) noexcept
        try {
        auto& self = *static_cast<Exchange*>(user);
        if (self.body_.size() + size > self.body_limit_) {
            self.too_large_ = true;
            return 0;
        }
        self.body_.append(data, size);
        return size;
    } catch (const std::exception&) {
        return 0;  // out of memory: the exchange ends as a write error
    }

    static std::size_t takeHeader(char* data, std::size_t, std::size_t size, void* user) noexcept
        try {
        auto& self = *static_cast<Exchange*>(user);
        std::string_view line(data, size);
        while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
        // Another status line begins another answer: that of "100 Continue" is not wanted.
        if (line.starts_with("HTTP/")) {
            self.reply_headers_.clear();
            self.header_bytes_ = 0;
            return size;
        }
        self.header_bytes_ += size;
        if (self.header_bytes_ > kMostHeaderBytes) return 0;
        if (const auto colon = line.find(':'); colon != std::string_view::npos)
            self.reply_headers_.push_back(lower(line.substr(0, colon)) +
                                          std::string(line.substr(colon)));
        return size;
    } catch (const std::exception&) {
        return 0;  // as above
    }

    // For sentences: without what may hold a token.
    std::string place() const {
        const std::size_t host = url_.find("://") + 3;
        const std::size_t end = std::min(url_.find_first_of("/?#", host), url_.size());
        const std::size_t at = url_.substr(0, end).rfind('@');
        const std::size_t begin = at == std::string::npos || at < host ? host : at + 1;
        return "http: the request to " + url_.substr(0, host) + url_.substr(begin, end - begin);
    }

    std::string whyNone(CURLcode code) const {
        std::string why = said_[0] != '\0' ? said_ : curl_easy_strerror(code);
        const bool stranger =
            why.find("issuer") != std::string::npos || why.find("self-signed") != std::string::npos;
        if (code == CURLE_PEER_FAILED_VERIFICATION && stranger)
            why +=
                "; an authority of your own has to be among the system's, or in the file that "
                "SSL_CERT_FILE names in the environment of the runner";
        return why;
    }

    CURLcode outcome() const {
        int left = 0;
        const CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
        return message == nullptr ? CURLE_FAILED_INIT : message->data.result;
    }

    iac_status answer(iac_http_sink sink, void* user, iac_error* error) {
        const CURLcode code = outcome();
        if (too_large_) {
            write(error,
                  place() + " got an answer larger than " + std::to_string(body_limit_) + " bytes");
            return IAC_FAILED;
        }
        if (header_bytes_ > kMostHeaderBytes) {
            write(error, place() + " got an answer with more than " +
                             std::to_string(kMostHeaderBytes) + " bytes of headers");
            return IAC_FAILED;
        }
        if (code != CURLE_OK) {
            write(error, place() + " got no answer: " + whyNone(code));
            return code == CURLE_URL_MALFORMAT ? IAC_INVALID : IAC_RETRY;
        }
        long status = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
        std::vector<iac_text> headers;
        for (const auto& one : reply_headers_) headers.push_back(text(one));
        const iac_http_reply reply{sizeof(iac_http_reply), static_cast<std::int32_t>(status),
                                   text(body_), headers.data(), headers.size()};
        sink(user, &reply);
        return IAC_OK;
    }

    std::unique_ptr<CURL, FreeEasy> easy_;
    std::unique_ptr<CURLM, FreeMulti> multi_;
    std::unique_ptr<curl_slist, FreeList> headers_;
    const std::string url_;
    const std::uint64_t body_limit_;
    std::string body_;
    std::vector<std::string> reply_headers_;
    std::size_t header_bytes_ = 0;
    bool too_large_ = false;
    char said_[CURL_ERROR_SIZE] = {};
};

}  // namespace
}  // namespace iac::plugin

extern "C" IAC_EXPORT iac_status iac_http_exchange(const iac_http*, int, iac_http_sink, void*,
                                                   iac_error*);
extern "C" iac_status iac_http_exchange(const iac_http* asked, int cancel, iac_http_sink sink,
                                        void* user, iac_error* error) {
    using namespace iac::plugin;
    try {
        static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
        if (ready != CURLE_OK) throw std::runtime_error(curl_easy_strerror(ready));
        return Exchange(*asked).toEnd(cancel, sink, user, error);
    } catch (const Senseless& senseless) {
        write(error, senseless.what());
        return IAC_INVALID;
    } catch (const std::exception& thrown) {
        write(error, thrown.what());
        return IAC_FAILED;
    }
}
