// The table iac_call: noexcept thunks around what the runner lends during one call.
#include <algorithm>
#include <exception>
#include <stdexcept>

#include "plugin/http.hpp"
#include "plugin/services.hpp"

namespace iac::plugin {

// Every function of the table. An exception on our side must not meet the plugin's frames.
struct CallServices::Thunks {
    static CallServices& self(const iac_call* call) noexcept {
        return *static_cast<CallServices*>(call->runner);
    }
    template <class F>
    static void keep(const iac_call* call, F function) noexcept {
        try {
            function(self(call));
        } catch (const std::exception& error) {
            remember(self(call), error.what());
        }
    }
    static void remember(CallServices& services, const char* what) noexcept try {
        auto fault = services.fault_.lock();
        if (fault->empty()) *fault = what;
    } catch (const std::exception&) {
        // No memory even for the reason: the call ends without it.
        return;
    }
    template <class F>
    static iac_status guard(iac_error* error, F function) noexcept {
        try {
            return function();
        } catch (const std::exception& thrown) {
            write(error, thrown.what());
            return IAC_FAILED;
        }
    }

    static void log(const iac_call* call, std::int32_t level, iac_text sentence) noexcept {
        keep(call, [&](CallServices& its) { its.log(level, view(sentence)); });
    }
    static void output(const iac_call* call, std::int32_t stream, iac_text bytes) noexcept {
        keep(call,
             [&](CallServices& its) { its.events_.output(stream == 2 ? 2 : 1, view(bytes)); });
    }
    static void progress(const iac_call* call, double fraction, iac_text sentence) noexcept {
        // Written so that NaN becomes 0.
        const double within = fraction > 0 ? (fraction < 1 ? fraction : 1) : 0;
        keep(call, [&](CallServices& its) { its.events_.progress(within, view(sentence)); });
    }
    static void emit(const iac_call* call, iac_text json) noexcept {
        keep(call, [&](CallServices& its) { its.events_.emit(view(json)); });
    }
    static bool cancelled(const iac_call* call) noexcept { return self(call).cancelled(); }

    static iac_text secret(const iac_call* call, iac_text name) noexcept {
        return text(self(call).secret(view(name)));
    }
    static void mask(const iac_call* call, iac_text secret) noexcept {
        keep(call, [&](CallServices& its) { its.mask(view(secret)); });
    }

    static const iac_value* parse(const iac_call* call, iac_text json, iac_error* error) noexcept
        try {
        std::string reason;
        auto document = Document::parse(view(json), reason);
        if (document == nullptr) {
            write(error, reason);
            return nullptr;
        }
        auto parsed = self(call).parsed_.lock();
        parsed->push_back(std::move(document));
        return parsed->back()->root();
    } catch (const std::exception& thrown) {
        write(error, thrown.what());
        return nullptr;
    }

    static iac_status exec(const iac_call* call, const iac_exec* asked, std::int32_t* exit_code,
                           iac_error* error) noexcept {
        return guard(error, [&]() -> iac_status {
            if (asked == nullptr || !covers(asked->size, kExecSize)) {
                write(error, "exec: its iac_exec is smaller than that of ABI 1.0");
                return IAC_INVALID;
            }
            return self(call).exec(*asked, exit_code, error);
        });
    }

    static iac_status http(const iac_call* call, const iac_http* asked, iac_http_sink sink,
                           void* user, iac_error* error) noexcept {
        return guard(error, [&]() -> iac_status {
            if (asked == nullptr || !covers(asked->size, kHttpSize) || sink == nullptr) {
                write(error, "http: its iac_http is smaller than that of ABI 1.0, or has no sink");
                return IAC_INVALID;
            }
            return exchange(*asked, self(call).cancel_, sink, user, error);
        });
    }
};

void CallServices::log(int level, std::string_view sentence) {
    const std::size_t before = logged_++;
    if (before < kMostLogLines) return events_.log(level, beginning(sentence, kLongestLogLine));
    if (before == kMostLogLines)
        events_.log(IAC_WARNING, "more than " + std::to_string(kMostLogLines) +
                                     " log lines in one call; the others are dropped");
}

// Forgetting the first would show it.
void CallServices::mask(std::string_view secret) {
    if (masked_++ >= kMostMasked)
        throw std::runtime_error("it asked to mask more than " + std::to_string(kMostMasked) +
                                 " secrets in one call");
    events_.mask(secret);
}

std::string_view CallServices::secret(std::string_view name) const {
    if (std::find(room_.secrets.begin(), room_.secrets.end(), name) == room_.secrets.end())
        return {};
    for (const std::string_view variable : room_.environment)
        if (variable.size() > name.size() && variable[name.size()] == '=' &&
            variable.starts_with(name))
            return variable.substr(name.size() + 1);
    return {};
}

CallServices::CallServices(CallEvents& events, const ExecRoom& room, const Cancellation* cancel)
    : events_(events), room_(room), cancel_(cancel), table_{sizeof(iac_call), this,
                                                            hostServices(),   Thunks::log,
                                                            Thunks::output,   Thunks::progress,
                                                            Thunks::emit,     Thunks::cancelled,
                                                            Thunks::parse,    Thunks::exec,
                                                            Thunks::http,     Thunks::secret,
                                                            Thunks::mask} {}

std::string CallServices::fault() const {
    return *fault_.lock();
}

}  // namespace iac::plugin
