#pragma once

#include <iac/plugin.h>

#include <string>
#include <vector>

#include "base/cancellation.hpp"
#include "base/clock.hpp"
#include "plugin/services.hpp"
#include "plugin/value.hpp"

namespace iac::plugin {

/// What a call for real gets: who hears what it says, and where exec() runs.
struct RealServices {
    CallEvents& events;
    const ExecRoom& room;
    const Cancellation* cancel;  ///< may be nullptr
};

/// What exec() and http() do where they only pretend. Thread-safe.
class Pretence {
public:
    virtual ~Pretence() = default;
    virtual iac_status exec(const iac_exec& asked, std::int32_t* exit_code, iac_error* error) = 0;
    virtual iac_status http(const iac_http& asked, iac_http_sink sink, void* user,
                            iac_error* error) = 0;
};

/// An instance of a plugin under test; destroyed at the end.
class CheckedInstance {
public:
    CheckedInstance(const iac_plugin& plugin, const iac_value& config);
    ~CheckedInstance();
    CheckedInstance(const CheckedInstance&) = delete;
    CheckedInstance& operator=(const CheckedInstance&) = delete;

    bool isMade() const { return self_ != nullptr; }
    /// Why create() gave none; empty when it did not say.
    const std::string& reason() const { return reason_; }

    struct Answer {
        iac_status status = IAC_OK;
        std::string sentence;
        std::vector<std::string> emitted;
        Duration took{0};

        /// What is wrong whatever was asked: a status that does not exist, one without a sentence,
        /// an exception that was no iac::Error, a result that is no JSON object. Empty: nothing.
        std::string fault() const;
        /// "invalid (missing value at /service)"
        std::string text() const;
        /// "invalid"
        const char* statusText() const;
    };
    /// One call, with services that start and send nothing. cancel: may be nullptr.
    Answer call(const iac_value& input, const Cancellation* cancel) const;
    /// The same, with the answers of a pretence. One at a time in a process.
    Answer callPretending(const iac_value& input, CallEvents& events, Pretence& pretence) const;
    /// One call for real: programs are started, requests are sent.
    Answer callForReal(const iac_value& input, const RealServices& real) const;

private:
    Answer ask(const iac_value& input, const RealServices& lent, Pretence* pretence) const;

    const iac_plugin& plugin_;
    void* self_;
    std::string reason_;
};

}  // namespace iac::plugin
