// iac/plugin.hpp - write a plugin as an ordinary C++17 class. Header-only; plugin.h holds the
// contract.
//
//     class Helm final : public iac::Executor { ... };
//     IAC_PLUGINS(Helm);
//
// Derive from iac::Trigger, iac::Mapper, iac::Executor or iac::Notifier. A class needs
//   static constexpr iac::Info info{"acme.helm", "1.0.0", "Upgrades one Helm release per service"};
//   explicit Helm(const iac::Value& config);
// and may have `schema` (and, by kind, `service_schema` or `routes`), and `concurrent`.
// Every function here may throw iac::Error; nothing that is thrown leaves the plugin.
#pragma once

#include <iac/plugin.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace iac {

/// What a plugin says about itself.
struct Info {
    const char* id;       // "acme.helm"
    const char* version;  // "1.4.2"
    const char* summary;  // one line
};

/// For the people who read about a failure: what kind it was, and what to do next.
struct Diagnosis {
    std::string kind = {};         // "missing_task": lower case, stable, for rules and dashboards
    std::string next_action = {};  // "Add the task, or change `with.task` of the service."
};

/// Throw it anywhere inside a plugin; the runner gets the status, the message and the diagnosis.
class Error : public std::runtime_error {
public:
    Error(iac_status status, const std::string& message, Diagnosis diagnosis = {})
        : std::runtime_error(message), status_(status), diagnosis_(std::move(diagnosis)) {}
    iac_status status() const noexcept { return status_; }
    const Diagnosis& diagnosis() const noexcept { return diagnosis_; }

private:
    iac_status status_;
    Diagnosis diagnosis_;
};

/// The work was done and did not succeed.
[[noreturn]] inline void fail(const std::string& message, Diagnosis diagnosis = {}) {
    throw Error(IAC_FAILED, message, std::move(diagnosis));
}
/// A passing fault: the runner may try again.
[[noreturn]] inline void retry(const std::string& message, Diagnosis diagnosis = {}) {
    throw Error(IAC_RETRY, message, std::move(diagnosis));
}
/// Configuration or input makes no sense.
[[noreturn]] inline void invalid(const std::string& message, Diagnosis diagnosis = {}) {
    throw Error(IAC_INVALID, message, std::move(diagnosis));
}

namespace detail {
inline iac_text text(std::string_view s) noexcept {
    return {s.data(), s.size()};
}
inline std::string_view view(iac_text t) noexcept {
    return t.size == 0 ? std::string_view{} : std::string_view{t.data, t.size};
}
inline std::vector<iac_text> texts(const std::vector<std::string>& all) {
    std::vector<iac_text> result;
    result.reserve(all.size());
    for (const auto& one : all) result.push_back(text(one));
    return result;
}
}  // namespace detail

// ---- JSON, written
// --------------------------------------------------------------------------------

namespace json {
namespace detail {
// The bytes of the character that text begins with (RFC 3629); 0: it begins with none.
inline std::size_t characterSize(std::string_view text) {
    const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned first = byte(0);
    std::size_t size = 0;
    unsigned low = 0x80, high = 0xbf;  // of the second byte
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) size = 2;
    if (first >= 0xe0 && first <= 0xef) size = 3;
    if (first >= 0xf0 && first <= 0xf4) size = 4;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
    if (size == 0 || text.size() < size || byte(1) < low || byte(1) > high) return 0;
    for (std::size_t i = 2; i < size; ++i)
        if ((byte(i) & 0xc0u) != 0x80u) return 0;
    return size;
}
}  // namespace detail

inline bool isUtf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t size = detail::characterSize(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

/// A JSON string: quoted, with everything escaped that has to be. A byte that is not UTF-8 becomes
/// U+FFFD: JSON cannot hold it, and the runner would reject the whole result. Data that must not
/// change is looked at with isUtf8() before.
inline std::string quote(std::string_view text) {
    std::string out = "\"";
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (static_cast<unsigned char>(c) >= 0x80) {
            const std::size_t size = detail::characterSize(text.substr(at));
            if (size == 0) {
                out += "\xef\xbf\xbd";
            } else {
                out += text.substr(at, size);
                at += size - 1;
            }
            continue;
        }
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    char escaped[8];
                    std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
                    out += escaped;
                } else {
                    out += c;
                }
        }
    }
    return out += '"';
}
}  // namespace json

class Object;
class Array;

namespace detail {
template <class T>
std::string toJson(const T& value) {
    if constexpr (std::is_same_v<T, Object> || std::is_same_v<T, Array>) {
        return value.text();
    } else if constexpr (std::is_same_v<T, bool>) {
        return value ? "true" : "false";
    } else if constexpr (std::is_integral_v<T>) {
        return std::to_string(value);
    } else if constexpr (std::is_floating_point_v<T>) {
        char number[32];
        std::snprintf(number, sizeof number, "%.17g", static_cast<double>(value));
        return number;
    } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
        std::string out = "[";
        for (const auto& one : value) out += (out.size() > 1 ? "," : "") + json::quote(one);
        return out += ']';
    } else {
        return json::quote(std::string_view(value));
    }
}
}  // namespace detail

/// Writes a JSON object: Object().set("service", "web").set("paths", list).text()
class Object {
public:
    /// value: text, bool, a number, std::vector<std::string>, Object or Array.
    template <class T>
    Object& set(std::string_view name, const T& value) {
        return raw(name, detail::toJson(value));
    }
    /// json is JSON text already, eg. Value::json().
    Object& raw(std::string_view name, std::string_view json) {
        body_ += (body_.empty() ? "" : ",") + json::quote(name) + ":";
        body_ += json;
        return *this;
    }
    std::string text() const { return "{" + body_ + "}"; }

private:
    std::string body_;
};

/// Writes a JSON array: Array().add(1).add("two").text()
class Array {
public:
    template <class T>
    Array& add(const T& value) {
        body_ += (body_.empty() ? "" : ",") + detail::toJson(value);
        return *this;
    }
    std::string text() const { return "[" + body_ + "]"; }

private:
    std::string body_;
};

// ---- JSON, read
// -----------------------------------------------------------------------------------

/// A read-only view of a JSON value that the runner owns; copies are cheap and as short-lived as
/// it. "pointer" is a JSON pointer (RFC 6901); its leading slash may be left out.
class Value {
public:
    Value(const iac_host* host, const iac_value* value) noexcept : host_(host), value_(value) {}

    /// T: bool, a number, std::string, std::string_view (no copy), std::vector<std::string>, Value.
    /// Absent, null or of another type is iac::invalid with the place.
    template <class T>
    T get(std::string_view pointer) const {
        if (auto found = find<T>(pointer)) return *std::move(found);
        throw Error(IAC_INVALID, "missing value at " + place(pointer));
    }
    /// The same, but empty when absent or null.
    template <class T>
    std::optional<T> find(std::string_view pointer) const {
        const std::string where = place(pointer);
        const iac_value* found = host_->find(value_, detail::text(where));
        if (found == nullptr || host_->type(found) == IAC_NULL) return std::nullopt;
        return Value(host_, found).as<T>(where);
    }
    template <class T>
    T get(std::string_view pointer, T otherwise) const {
        return find<T>(pointer).value_or(std::move(otherwise));
    }

    bool isObject() const { return host_->type(value_) == IAC_OBJECT; }
    bool isArray() const { return host_->type(value_) == IAC_ARRAY; }
    bool isString() const { return host_->type(value_) == IAC_STRING; }
    bool isBool() const { return host_->type(value_) == IAC_BOOL; }
    bool isNumber() const { return host_->type(value_) == IAC_NUMBER; }
    /// Items of an array, members of an object; 0 for everything else.
    std::size_t count() const { return host_->count(value_); }
    /// The item or member at index, which must be less than count().
    Value operator[](std::size_t index) const { return {host_, host_->item(value_, index)}; }
    /// The name of the member at index.
    std::string key(std::size_t index) const {
        return std::string(detail::view(host_->key(value_, index)));
    }
    /// The string itself; empty for every other type. Valid as long as the value.
    std::string_view string() const { return detail::view(host_->string(value_)); }
    std::string json() const { return std::string(detail::view(host_->json(value_))); }
    const iac_host* host() const noexcept { return host_; }

private:
    static std::string place(std::string_view pointer) {
        return (pointer.empty() || pointer[0] == '/' ? "" : "/") + std::string(pointer);
    }
    void expect(int32_t type, const char* name, const std::string& where) const {
        if (host_->type(value_) != type)
            throw Error(IAC_INVALID, "value at " + where + " is not " + name);
    }
    template <class T>
    T as(const std::string& where) const {
        if constexpr (std::is_same_v<T, bool>) {
            expect(IAC_BOOL, "a boolean", where);
            return host_->boolean(value_);
        } else if constexpr (std::is_arithmetic_v<T>) {
            expect(IAC_NUMBER, "a number", where);
            return static_cast<T>(host_->number(value_));
        } else if constexpr (std::is_same_v<T, std::string> ||
                             std::is_same_v<T, std::string_view>) {
            expect(IAC_STRING, "a string", where);
            return T(string());
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
            expect(IAC_ARRAY, "an array", where);
            T result;
            for (std::size_t i = 0; i < count(); ++i) {
                const Value one = (*this)[i];
                one.expect(IAC_STRING, "a string", where + "/" + std::to_string(i));
                result.emplace_back(one.string());
            }
            return result;
        } else {
            static_assert(std::is_same_v<T, Value>,
                          "bool, a number, std::string, std::string_view, std::vector<std::string> "
                          "or iac::Value");
            return *this;
        }
    }
    const iac_host* host_;
    const iac_value* value_;
};

// ---- What the runner lends during one call
// --------------------------------------------------------

using OutputSink = std::function<void(int stream, std::string_view bytes)>;

struct Command {
    std::vector<std::string> argv;              // argv[0] is looked up in PATH; no shell
    std::string directory = {};                 // empty: the step's work tree
    std::vector<std::string> environment = {};  // "NAME=value", added to the step's own
    std::string input = {};                     // for standard input; empty: /dev/null
    double timeout_seconds = 0;                 // 0: the step's own deadline only
    bool quiet = false;                         // true: output goes to on_output only
    OutputSink on_output = {};                  // sees the output as it comes
};

struct Request {
    std::string method, url;
    std::vector<std::string> headers = {};  // "Name: value"
    std::string body = {};
    double timeout_seconds = 30;
    std::uint64_t body_limit = 0;  // bytes; 0: the runner's own limit
};

struct Reply {
    int status = 0;
    std::string body = {};
    std::vector<std::string> headers = {};  // "name: value", names in lower case

    /// The first header of that name (lower case).
    std::optional<std::string> header(std::string_view name) const {
        for (const auto& one : headers) {
            if (one.size() <= name.size() || one.compare(0, name.size(), name) != 0 ||
                one[name.size()] != ':')
                continue;
            const auto value = one.find_first_not_of(' ', name.size() + 1);
            return value == std::string::npos ? std::string() : one.substr(value);
        }
        return std::nullopt;
    }
};

/// Every function may be used from any thread until the call returns.
class Call {
public:
    explicit Call(const iac_call* call) noexcept : call_(call) {}

    /// One sentence for the runner's own log. level: IAC_DEBUG ... IAC_ERROR.
    void log(std::string_view sentence, int level = IAC_INFO) const {
        call_->log(call_, level, detail::text(sentence));
    }
    /// Text for the log of the step.
    void output(std::string_view bytes) const { call_->output(call_, 1, detail::text(bytes)); }
    void progress(double fraction, std::string_view sentence) const {
        call_->progress(call_, fraction, detail::text(sentence));
    }
    void emit(std::string_view json) const { call_->emit(call_, detail::text(json)); }
    void emit(const Object& object) const { emit(object.text()); }
    bool cancelled() const { return call_->cancelled(call_); }
    /// Executors: the value of a secret that the service names in `secrets`. Empty: it names no such
    /// one, or the runner is older than 1.1.
    std::optional<std::string> secret(std::string_view name) const {
        if (!covers(offsetof(iac_call, secret) + sizeof call_->secret)) return std::nullopt;
        const iac_text value = call_->secret(call_, detail::text(name));
        if (value.data == nullptr) return std::nullopt;
        return std::string(detail::view(value));
    }
    /// From here on the runner masks that text wherever it shows or keeps one: for a secret that the
    /// plugin has fetched itself. Throws (IAC_INVALID) where the runner is older than 1.1: it would
    /// show the secret.
    void mask(std::string_view secret) const {
        if (!covers(offsetof(iac_call, mask) + sizeof call_->mask))
            throw Error(IAC_INVALID, "this runner cannot mask a secret that a plugin has fetched: "
                                     "upgrade it to one of plugin ABI 1.1");
        call_->mask(call_, detail::text(secret));
    }

    /// Parses strict JSON; throws iac::Error (IAC_INVALID) with the reason.
    Value parse(std::string_view json) const {
        iac_error error{};
        const iac_value* value = call_->parse(call_, detail::text(json), &error);
        if (value == nullptr) throw Error(IAC_INVALID, error.message);
        return {call_->host, value};
    }

    /// Runs a program without a shell, streams its output to the step's log, and ends its process
    /// group on cancel or timeout. The exit code, or minus the signal that ended it. Not started:
    /// throws.
    int exec(const Command& command) const {
        const auto argv = detail::texts(command.argv),
                   environment = detail::texts(command.environment);
        // What on_output throws may not pass through the runner: kept here, and thrown again after.
        struct Sink {
            const OutputSink& call;
            std::exception_ptr thrown = nullptr;
        } sink{command.on_output};
        const iac_exec exec{sizeof(iac_exec), command.quiet ? uint32_t{IAC_EXEC_QUIET} : 0u, argv.data(), argv.size(),
                            detail::text(command.directory), environment.data(), environment.size(),
                            detail::text(command.input), command.timeout_seconds,
                            !command.on_output ? iac_output_sink{nullptr}
                                               : [](void* user, int32_t stream, iac_text bytes) {
                                                     auto& to = *static_cast<Sink*>(user);
                                                     if (to.thrown) return;
                                                     try {
                                                         to.call(stream, detail::view(bytes));
                                                     } catch (...) {
                                                         to.thrown = std::current_exception();
                                                     }
                                                 },
                            &sink};
        int32_t code = -1;
        iac_error error{};
        const iac_status status = call_->exec(call_, &exec, &code, &error);
        if (sink.thrown) std::rethrow_exception(sink.thrown);
        if (status != IAC_OK) throw Error(status, error.message);
        return code;
    }
    int exec(std::vector<std::string> argv) const { return exec(Command{std::move(argv)}); }

    /// One HTTP request. Any status is an answer; no answer throws (IAC_RETRY).
    Reply http(const Request& request) const {
        const auto headers = detail::texts(request.headers);
        const iac_http http{sizeof(iac_http),
                            detail::text(request.method),
                            detail::text(request.url),
                            detail::text(request.body),
                            headers.data(),
                            headers.size(),
                            request.timeout_seconds,
                            request.body_limit};
        struct Sink {
            Reply reply;
            std::exception_ptr thrown = nullptr;
        } sink;
        iac_error error{};
        const iac_status status = call_->http(
            call_, &http,
            [](void* user, const iac_http_reply* reply) {
                auto& to = *static_cast<Sink*>(user);
                try {
                    to.reply.status = reply->status;
                    to.reply.body = detail::view(reply->body);
                    for (std::size_t i = 0; i < reply->header_count; ++i)
                        to.reply.headers.emplace_back(detail::view(reply->headers[i]));
                } catch (...) {
                    to.thrown = std::current_exception();
                }
            },
            &sink, &error);
        if (sink.thrown) std::rethrow_exception(sink.thrown);
        if (status != IAC_OK) throw Error(status, error.message);
        return std::move(sink.reply);
    }

private:
    bool covers(std::size_t end) const noexcept { return call_->size >= end; }
    const iac_call* call_;
};

/// Whether two texts are equal; how long it takes says nothing of where they differ: for a token that
/// came with a request. Only their lengths show.
inline bool equalInConstantTime(std::string_view one, std::string_view other) noexcept {
    if (one.size() != other.size()) return false;
    volatile unsigned char difference = 0;
    for (std::size_t i = 0; i < one.size(); ++i)
        difference = static_cast<unsigned char>(
            difference | (static_cast<unsigned char>(one[i]) ^ static_cast<unsigned char>(other[i])));
    return difference == 0;
}

// ---- The kinds: derive from one, then name the class in IAC_PLUGINS
// --------------------------------

struct Plugin {
    static constexpr bool concurrent =
        false;  // true: one instance may be called from several threads
    static constexpr const char* schema = R"({"type": "object", "additionalProperties": false})";
    static constexpr const char* service_schema = nullptr;
    static constexpr const char* routes = nullptr;
    virtual ~Plugin() = default;
};

/// One service to bring to one revision. The work tree of that revision is the current directory of
/// what exec() runs, and its environment holds DEPLOY_ENV, IAC_DEPLOYMENT_ID, ... and the service's
/// secrets.
struct Step {
    explicit Step(const Value& in)
        : deployment(in.get<std::int64_t>("deployment")),
          service(in.get<std::string>("service")),
          name(in.get<std::string>("name")),
          environment(in.get<std::string>("environment")),
          revision(in.get<std::string>("revision")),
          ref(in.get<std::string>("ref", "")),
          triggered_by(in.get<std::string>("triggered_by", "")),
          directory(in.get<std::string>("directory", "")),
          attempt(in.get<int>("attempt", 1)),
          dry_run(in.get<bool>("dry_run", false)),
          with(in.find<Value>("with").value_or(in)),
          input(in) {}

    std::int64_t deployment;   // 1042
    std::string service;       // "platform/postgres"
    std::string name;          // "postgres"
    std::string environment;   // "staging"
    std::string revision;      // the full commit SHA
    std::string ref;           // what was asked for: "v1.2.4"
    std::string triggered_by;  // "octocat"
    std::string directory;     // absolute path of the work tree
    int attempt;               // from 1
    bool dry_run;              // say what would be done, and change nothing
    Value with;                // the service's own settings, complete by service_schema
    Value input;               // everything the runner said
};

/// How a step ended well. Failure is an exception (iac::fail, iac::retry).
class Outcome {
public:
    static Outcome changed(std::string summary = {}) { return {"changed", std::move(summary)}; }
    static Outcome unchanged(std::string summary = {}) { return {"unchanged", std::move(summary)}; }
    /// Of a dry run only: the executor cannot look at what is there. `plan --drift` says "unknown".
    static Outcome unknown(std::string summary) { return {"unknown", std::move(summary)}; }
    /// The configuration hash that is now in place, for the history.
    Outcome& hash(std::string configuration) {
        hash_ = std::move(configuration);
        return *this;
    }
    Object json() const {
        Object out;
        out.set("outcome", outcome_).set("summary", summary_);
        if (!hash_.empty()) out.set("config_hash", hash_);
        return out;
    }

private:
    Outcome(std::string outcome, std::string summary)
        : outcome_(std::move(outcome)), summary_(std::move(summary)) {}
    std::string outcome_, summary_, hash_;
};

/// Carries out one step. What a task wrote to the file IAC_OUTPUT overrides the outcome returned
/// here.
struct Executor : Plugin {
    static constexpr const char* kind = "executor/1";
    virtual Outcome execute(const Step& step, const Call& call) = 0;
    void operator()(const Value& input, const Call& call) {
        call.emit(execute(Step(input), call).json());
    }
};

/// Tells people about one move of a deployment. Its failure never fails the deployment; iac::retry
/// asks for another delivery later. A notification is delivered at least once: after a crash it may
/// come again. input: {"event": "deployment.finished", "deployment": {...}} with the same members
/// as GET /deployments/{id}, and more that sdk/README.md names.
struct Notifier : Plugin {
    static constexpr const char* kind = "notifier/1";
    virtual void notify(const Value& input, const Call& call) = 0;
    void operator()(const Value& input, const Call& call) { notify(input, call); }

    /// Text, at most 4 KiB, that the next notification of the same deployment brings along as its
    /// `memory`: the id of a message that is to be edited. Kept also when this call fails later on.
    static void remember(const Call& call, std::string_view memory) {
        call.emit(Object().set("memory", memory));
    }
    /// What the one who was told answered, in a sentence without secrets.
    static void answered(const Call& call, std::string_view sentence) {
        call.emit(Object().set("answer", sentence));
    }
    /// iac::retry, but not before that many seconds: what "Retry-After" asks for.
    [[noreturn]] static void retryAfter(const Call& call, double seconds,
                                        const std::string& message, Diagnosis diagnosis = {}) {
        call.emit(Object().set("retry_after", seconds));
        retry(message, std::move(diagnosis));
    }
};

/// What a mapper is asked: which services do these paths touch?
struct Change {
    explicit Change(const Value& in)
        : paths(in.get<std::vector<std::string>>("paths")),
          services(in.get<std::vector<std::string>>("services")),
          environment(in.get<std::string>("environment", "")) {}
    std::vector<std::string> paths;     // relative to the repository, as git prints them
    std::vector<std::string> services;  // every known service id, in deployment order; may be empty
    std::string environment;
};

/// Where a mapper writes its answer.
class Mapping {
public:
    explicit Mapping(const Call& call) : call_(call) {}
    /// `path` touches `service`, because of `rule` (as the configuration spells it).
    void service(std::string_view service, std::string_view path, std::string_view rule) const {
        call_.emit(Object().set("service", service).set("path", path).set("rule", rule));
    }
    /// `path` belongs to `service`, which is not to be deployed, because of `reason`.
    void skip(std::string_view service, std::string_view path, std::string_view reason) const {
        call_.emit(Object().set("skip", service).set("path", path).set("reason", reason));
    }

private:
    const Call& call_;
};

/// Names the services that a set of changed paths touches. Pure: no I/O, the same answer every
/// time.
struct Mapper : Plugin {
    static constexpr const char* kind = "mapper/1";
    virtual void map(const Change& change, const Mapping& mapping) = 0;
    void operator()(const Value& input, const Call& call) { map(Change(input), Mapping(call)); }
};

/// An HTTP request, as a trigger sees it. Views into the runner's memory: valid until the call
/// returns.
struct HttpRequest {
    explicit HttpRequest(const Value& in)
        : method(in.get<std::string_view>("method")),
          path(in.get<std::string_view>("path")),
          target(in.get<std::string_view>("target", in.get<std::string_view>("path"))),
          body(in.get<std::string_view>("body")),
          branch(in.get<std::string>("branch", "")),
          repository(in.get<std::string>("repository", "")),
          environment(in.get<std::string>("environment", "")),
          caller(in.get<std::string>("caller", "")),
          input(in) {}
    std::string_view method;  // "POST"
    std::string_view path;    // "/webhook"
    std::string_view target;  // path and query as they were sent, "/webhook?a=b"
    std::string_view body;    // the bytes as received
    std::string branch;       // the configured branch, "main"
    std::string repository;   // the configured repository's address, without a user and password
    std::string environment;  // the trigger's own environment; empty when it has none
    /// Whom the runner has recognized by one of its own tokens (role deploy); empty: nobody, and
    /// who sent the request is for the trigger to find out, eg. by a signature.
    std::string caller;
    Value input;  // everything the runner said

    /// The value of a header, named in lower case; empty when absent.
    std::string_view header(std::string_view name) const {
        return input.get<std::string_view>("headers/" + std::string(name), std::string_view{});
    }
};

/// What happened, in the runner's words. A `change` is a push: the paths decide what is deployed,
/// and a newer one takes over the one that waits. A `request` names its services (or all) and is
/// never merged.
struct Event {
    bool change = false;
    std::string delivery = {};     // the sender's id; seen twice, it starts nothing twice
    std::string environment = {};  // empty: the trigger's own
    std::string ref = {};  // "refs/heads/main", "v1.2.4", a full SHA; empty: the configured branch
    std::string tag = {};  // when a tag was asked for by that name
    std::string revision = {};               // the full SHA, where the sender knows it
    std::string before = {};                 // a change: the full SHA it began from, where known
    std::vector<std::string> paths = {};     // a change: what it touched, as far as the sender says
    bool paths_complete = false;             // a change: whether `paths` is all of it
    std::vector<std::string> services = {};  // a request: ids or short names; empty: all
    std::string triggered_by = {};           // "octocat"
    std::string subject = {};                // first line of the commit message
    std::optional<int> wait_seconds = {};    // how long the caller wants to wait for the end
    bool dry_run = false;
    // What of the request was ignored, a sentence each: shown to the sender, and in the log.
    std::vector<std::string> warnings = {};
};

/// What a trigger makes of a request.
class Verdict {
public:
    static Verdict accept(const Event& event) {
        Object out;
        out.set("verdict", "event").set("kind", event.change ? "change" : "request");
        out.set("delivery", event.delivery)
            .set("environment", event.environment)
            .set("ref", event.ref);
        out.set("tag", event.tag).set("revision", event.revision).set("before", event.before);
        out.set("paths", event.paths).set("paths_complete", event.paths_complete);
        out.set("services", event.services).set("triggered_by", event.triggered_by);
        out.set("subject", event.subject).set("dry_run", event.dry_run);
        if (event.wait_seconds) out.set("wait_seconds", *event.wait_seconds);
        if (!event.warnings.empty()) out.set("warnings", event.warnings);
        return Verdict(std::move(out));
    }
    /// Understood, and nothing to do: 200 {"status": "ignored", "reason": ..., "event": ...}.
    /// `event` is what the sender calls it, eg. "issues"; empty: it has no name.
    static Verdict ignore(std::string_view reason, std::string_view event = {}) {
        Object out;
        out.set("verdict", "ignore").set("reason", reason);
        if (!event.empty()) out.set("event", event);
        return Verdict(std::move(out));
    }
    /// Answered by the runner with how a deployment is now: 200 with `status` in_progress, success
    /// or failed; 404 where there is none of that id. `id` is the text that the sender wrote.
    static Verdict deployment(std::string_view id) {
        return Verdict(Object().set("verdict", "deployment").set("deployment", id));
    }
    /// Refused: a problem document with that status (400, 401, 422, ...). Nothing is stored.
    static Verdict reject(int status, std::string_view reason) {
        return Verdict(
            Object().set("verdict", "reject").set("status", status).set("reason", reason));
    }
    /// Answered by the trigger itself, eg. a ping: 200 with that body.
    static Verdict answer(const Object& body) {
        return Verdict(Object().set("verdict", "answer").set("body", body));
    }
    const Object& json() const { return json_; }

private:
    explicit Verdict(Object json) : json_(std::move(json)) {}
    Object json_;
};

/// Turns an HTTP request into an event. The signature is checked here, over the bytes as received
/// and before anything is parsed. A trigger declares `routes`, eg. "POST /webhook".
struct Trigger : Plugin {
    static constexpr const char* kind = "trigger/1";
    virtual Verdict receive(const HttpRequest& request, const Call& call) = 0;
    void operator()(const Value& input, const Call& call) {
        call.emit(receive(HttpRequest(input), call).json());
    }
};

/// Whether "sha256=<64 hex>" is the HMAC-SHA256 of bytes under one of the secrets. Constant time;
/// false for every other form, and for an empty secret.
inline bool signatureMatches(const Value& any, const std::vector<std::string>& secrets,
                             std::string_view bytes, std::string_view header) {
    constexpr std::string_view prefix = "sha256=";
    if (header.substr(0, prefix.size()) != prefix) return false;
    bool matches = false;
    for (const auto& secret : secrets) {
        matches |= any.host()->hmac_sha256_matches(detail::text(secret), detail::text(bytes),
                                                   detail::text(header.substr(prefix.size())));
    }
    return matches;
}

// ---- From classes to the C contract: no exception leaves a plugin
// ----------------------------------

namespace detail {
template <class F>
iac_status guard(iac_error* error, const iac_call* call, F function) noexcept {
    const auto report = [error](iac_status status, const char* what) {
        std::snprintf(error->message, sizeof error->message, "%s", what);
        return status;
    };
    try {
        function();
        return IAC_OK;
    } catch (const Error& e) {
        try {
            const Diagnosis& d = e.diagnosis();
            if (call != nullptr && !(d.kind.empty() && d.next_action.empty()))
                Call(call).emit(
                    Object().set("error_kind", d.kind).set("next_action", d.next_action));
        } catch (...) {
            return report(e.status(), e.what());  // the message matters more than its diagnosis
        }
        return report(e.status(), e.what());
    } catch (const std::exception& e) {
        return report(IAC_INTERNAL, e.what());
    } catch (...) {
        return report(IAC_INTERNAL, "an exception that is not a std::exception");
    }
}

template <class T>
struct Instance {
    Instance(const iac_host* h, const iac_value* config) : host(h), plugin(Value(h, config)) {}
    const iac_host* host;
    T plugin;
};
template <class T>
void* create(const iac_host* host, const iac_value* config, iac_error* error) {
    Instance<T>* made = nullptr;
    guard(error, nullptr, [&] { made = new Instance<T>(host, config); });
    return made;
}
template <class T>
void destroy(void* self) {
    delete static_cast<Instance<T>*>(self);
}
template <class T>
iac_status call(void* self, const iac_call* c, const iac_value* input, iac_error* error) {
    auto& instance = *static_cast<Instance<T>*>(self);
    return guard(error, c, [&] { instance.plugin(Value(instance.host, input), Call(c)); });
}

template <class T>
constexpr iac_plugin describe() {
    static_assert(std::is_base_of_v<Plugin, T>,
                  "derive from iac::Trigger, iac::Mapper, iac::Executor or iac::Notifier");
    static_assert(std::is_constructible_v<T, const Value&>,
                  "needs a constructor that takes (const iac::Value& config)");
    static_assert(!std::is_base_of_v<Trigger, T> || T::routes != nullptr,
                  "a trigger declares: static constexpr const char* routes = \"POST /path\";");
    return {sizeof(iac_plugin),
            T::concurrent ? uint32_t{IAC_CONCURRENT} : 0u,
            T::kind,
            T::info.id,
            T::info.version,
            T::info.summary,
            T::schema,
            T::service_schema,
            T::routes,
            create<T>,
            destroy<T>,
            call<T>};
}
template <class T>
inline constexpr iac_plugin descriptor = describe<T>();
template <class... T>
inline constexpr const iac_plugin* descriptors[] = {&descriptor<T>...};
}  // namespace detail
}  // namespace iac

// At the end of one source file: IAC_PLUGINS(Helm); or IAC_PLUGINS(Helm, HelmRollback);
#define IAC_PLUGINS(...)                                                 \
    extern "C" IAC_EXPORT const iac_module iac_plugin_module = {         \
        IAC_MAGIC,                                                       \
        IAC_ABI_MAJOR,                                                   \
        IAC_ABI_MINOR,                                                   \
        "C++ SDK 1.1, " __VERSION__,                                     \
        sizeof(::iac::detail::descriptors<__VA_ARGS__>) / sizeof(void*), \
        ::iac::detail::descriptors<__VA_ARGS__>}
