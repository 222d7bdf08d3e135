#include "plugin/check_call.hpp"

#include <atomic>
#include <exception>

#include "base/guarded.hpp"
#include "plugin/services.hpp"

namespace iac::plugin {
namespace {

constexpr std::size_t kMostKept = 10'000;  // results of one call; more are counted nowhere

// Keeps what is emitted, and passes everything on.
class Listener final : public CallEvents {
public:
    explicit Listener(CallEvents& next) : next_(next) {}
    void log(int level, std::string_view sentence) override { next_.log(level, sentence); }
    void output(int stream, std::string_view bytes) override { next_.output(stream, bytes); }
    void progress(double fraction, std::string_view sentence) override {
        next_.progress(fraction, sentence);
    }
    void exited(int code) override { next_.exited(code); }
    void mask(std::string_view secret) override { next_.mask(secret); }
    void emit(std::string_view json) override {
        next_.emit(json);
        auto emitted = emitted_.lock();
        if (emitted->size() < kMostKept) emitted->emplace_back(json);
    }
    std::vector<std::string> take() { return std::move(*emitted_.lock()); }

private:
    CallEvents& next_;
    Guarded<std::vector<std::string>> emitted_;
};

class Nobody final : public CallEvents {
public:
    void log(int, std::string_view) override {}
    void output(int, std::string_view) override {}
    void progress(double, std::string_view) override {}
    void exited(int) override {}
    void mask(std::string_view) override {}
    void emit(std::string_view) override {}
};

// Whatever it is asked, it is done.
class Agreeing final : public Pretence {
public:
    iac_status exec(const iac_exec&, std::int32_t* exit_code, iac_error*) override {
        if (exit_code != nullptr) *exit_code = 0;
        return IAC_OK;
    }
    iac_status http(const iac_http&, iac_http_sink sink, void* user, iac_error*) override {
        constexpr std::int32_t kOk = 200;
        const iac_http_reply reply{sizeof reply, kOk, text("{}"), nullptr, 0};
        sink(user, &reply);
        return IAC_OK;
    }
};
Agreeing agreeing;

// The table has no room for it. All calls of a test share one.
std::atomic<Pretence*> pretending{nullptr};

iac_status pretendExec(const iac_call* call, const iac_exec* asked, std::int32_t* exit_code,
                       iac_error* error) noexcept try {
    if (asked == nullptr || !covers(asked->size, kExecSize) || asked->argc == 0) {
        write(error, "exec: its iac_exec is smaller than that of ABI 1.0, or its argv is empty");
        return IAC_INVALID;
    }
    if (call->cancelled(call)) {
        write(error, "it was not started: the step was cancelled");
        return IAC_CANCELLED;
    }
    return pretending.load()->exec(*asked, exit_code, error);
} catch (const std::exception& thrown) {
    write(error, thrown.what());
    return IAC_FAILED;
}

iac_status pretendHttp(const iac_call* call, const iac_http* asked, iac_http_sink sink, void* user,
                       iac_error* error) noexcept try {
    if (asked == nullptr || !covers(asked->size, kHttpSize) || sink == nullptr) {
        write(error, "http: its iac_http is smaller than that of ABI 1.0, or has no sink");
        return IAC_INVALID;
    }
    if (call->cancelled(call)) {
        write(error, "it was not sent: the step was cancelled");
        return IAC_CANCELLED;
    }
    return pretending.load()->http(*asked, sink, user, error);
} catch (const std::exception& thrown) {
    write(error, thrown.what());
    return IAC_FAILED;
}

std::string take(iac_error& error) {
    error.message[sizeof error.message - 1] = '\0';
    return error.message;
}

const char* nameOf(iac_status status) {
    constexpr const char* kNames[] = {"ok", "failed", "retry", "cancelled", "invalid", "internal"};
    return status < IAC_OK || status > IAC_INTERNAL ? "no status" : kNames[status];
}

}  // namespace

CheckedInstance::CheckedInstance(const iac_plugin& plugin, const iac_value& config)
    : plugin_(plugin) {
    iac_error error{};
    self_ = plugin.create(hostServices(), &config, &error);
    if (self_ == nullptr) reason_ = take(error);
}

CheckedInstance::~CheckedInstance() {
    if (self_ != nullptr) plugin_.destroy(self_);
}

CheckedInstance::Answer CheckedInstance::call(const iac_value& input,
                                              const Cancellation* cancel) const {
    static const ExecRoom nowhere{{}, "/", Duration{0}, {}};
    Nobody nobody;
    return ask(input, {nobody, nowhere, cancel}, &agreeing);
}

CheckedInstance::Answer CheckedInstance::callForReal(const iac_value& input,
                                                     const RealServices& real) const {
    return ask(input, real, nullptr);
}

CheckedInstance::Answer CheckedInstance::callPretending(const iac_value& input, CallEvents& events,
                                                        Pretence& pretence) const {
    static const ExecRoom nowhere{{}, "/", Duration{0}, {}};
    return ask(input, {events, nowhere, nullptr}, &pretence);
}

CheckedInstance::Answer CheckedInstance::ask(const iac_value& input, const RealServices& lent,
                                             Pretence* pretence) const {
    Listener listener(lent.events);
    CallServices services(listener, lent.room, lent.cancel);
    iac_call table = *services.table();
    if (pretence != nullptr) {
        pretending = pretence;
        table.exec = pretendExec;
        table.http = pretendHttp;
    }
    iac_error error{};
    Answer answer;
    const auto begin = std::chrono::steady_clock::now();
    answer.status = plugin_.call(self_, &table, &input, &error);
    answer.took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin);
    answer.sentence = take(error);
    answer.emitted = listener.take();
    if (const auto fault = services.fault(); !fault.empty()) {
        answer.status = IAC_INTERNAL;
        answer.sentence = fault;
    }
    return answer;
}

std::string CheckedInstance::Answer::fault() const {
    if (status < IAC_OK || status > IAC_INTERNAL)
        return "call() returned the status " + std::to_string(status) + ", which ABI 1.0 lacks";
    if (status != IAC_OK && sentence.empty())
        return std::string("call() returned \"") + nameOf(status) + "\" without a sentence";
    if (status == IAC_INTERNAL) return "call() ended with a defect: " + sentence;
    for (const auto& json : emitted) {
        std::string reason;
        const auto document = Document::parse(json, reason);
        if (document == nullptr) return "call() emitted what is not JSON: " + reason;
        if (document->root()->type != IAC_OBJECT) return "call() emitted what is not a JSON object";
    }
    return {};
}

const char* CheckedInstance::Answer::statusText() const {
    return nameOf(status);
}

std::string CheckedInstance::Answer::text() const {
    return sentence.empty() ? nameOf(status) : std::string(nameOf(status)) + " (" + sentence + ")";
}

}  // namespace iac::plugin
