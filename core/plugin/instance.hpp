#pragma once

#include <iac/plugin.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/inside.hpp"
#include "plugin/inside_calls.hpp"
#include "plugin/registry.hpp"
#include "plugin/value.hpp"

namespace iac::plugin {

/// What a plugin is asked, together with the texts it lies in: a call that was given up may still
/// read them.
class CallInput {
public:
    virtual ~CallInput() = default;
    Document document;      ///< all of it
    iac_value bodiless;     ///< a part of it: without `body`, which may be any bytes
    std::string_view body;  ///< of a trigger's request

    /// Keeps a text, for the document.
    std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

private:
    std::deque<std::string> texts_;
};

/// A trigger or a mapper with its configuration. [any-thread]
class Instance {
public:
    struct Answer {
        iac_status status = IAC_OK;
        std::string message;
        std::vector<std::string> emitted;  ///< JSON texts
    };

    explicit Instance(const Plugin& plugin) : plugin_(plugin) {}
    virtual ~Instance() = default;
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    /// One call of `function`, for messages; not more than `most` texts are taken. Throws Failed
    /// when it said what could not be taken, or more than that; Unanswered and Stopped.
    virtual Answer call(const char* function, std::shared_ptr<const CallInput> input,
                        std::size_t most) const = 0;
    virtual void stop() const = 0;

    const Plugin& plugin() const { return plugin_; }
    /// "iac.github (/usr/lib/iac-runner/plugins/github.so)"
    std::string name() const { return plugin_.id + " (" + plugin_.file.string() + ")"; }

private:
    const Plugin plugin_;
};

/// Throws Refused when the configuration is not JSON, with the reason of create(), or when that
/// does not return.
std::unique_ptr<Instance> makeInstance(const Plugin& plugin, std::string_view config,
                                       const CallSettings& settings);

/// What a plugin that writes no step's log says: it goes to the runner's own.
void logFor(const Plugin& plugin, int level, std::string_view sentence);

/// In this process.
class InsideInstance final : public Instance {
public:
    InsideInstance(const Plugin& plugin, std::string_view config, const CallSettings& settings);
    ~InsideInstance() override;
    Answer call(const char* function, std::shared_ptr<const CallInput> input,
                std::size_t most) const override;
    void stop() const override { calls_.stop(); }

private:
    struct Made;  // shared with the calls
    Masker* const masker_;
    mutable InsideCalls calls_;
    std::shared_ptr<Made> made_;
};

/// In the plugin host: a process, and an instance, for each call. So many at once, whether or not
/// the plugin is concurrent: they share nothing.
class HostedInstance final : public Instance {
public:
    static constexpr std::size_t kMostAtOnce = 16;

    HostedInstance(const Plugin& plugin, std::string_view config, const CallSettings& settings);
    Answer call(const char* function, std::shared_ptr<const CallInput> input,
                std::size_t most) const override;
    void stop() const override;

private:
    struct Places {
        std::size_t taken = 0;
        bool stopping = false;
    };
    void takePlace() const;

    const std::string config_;
    const Duration timeout_;
    Masker* const masker_;
    mutable Cancellation stop_;
    mutable Guarded<Places> places_;
    mutable std::condition_variable left_;
};

/// A document of something a plugin emitted, which has to be a JSON object. Throws Failed.
std::unique_ptr<const Document> parseEmitted(const Instance& by, std::string_view json);

/// The members of an emitted object, each of the type it has to have. Absent is the empty text,
/// false, the empty list; null is the same. Everything else throws Failed with the member's name.
class Emitted {
public:
    Emitted(const Instance& by, std::string_view json)
        : by_(by), document_(parseEmitted(by, json)) {}

    bool has(std::string_view name) const { return member(name) != nullptr; }
    std::string text(std::string_view name) const;
    bool boolean(std::string_view name) const;
    std::vector<std::string> texts(std::string_view name) const;
    /// A whole number within bounds. The member has to be there.
    int number(std::string_view name, int least, int most) const;
    /// A member as JSON text. It has to be there.
    std::string json(std::string_view name) const;

    [[noreturn]] void fail(const std::string& why) const;

private:
    const iac_value* member(std::string_view name) const;
    const iac_value* expect(std::string_view name, int type, const char* what) const;

    const Instance& by_;
    std::unique_ptr<const Document> document_;
};

}  // namespace iac::plugin
