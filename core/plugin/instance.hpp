#pragma once

#include <iac/plugin.h>

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
    Document document;
    /// Keeps a text, for the document.
    std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

private:
    std::deque<std::string> texts_;
};

/// A plugin with its configuration, inside this process. [any-thread]
class InsideInstance {
public:
    /// Throws Refused when the configuration is not JSON, with the reason of create(), or when that
    /// does not return.
    InsideInstance(const Plugin& plugin, std::string_view config, const CallSettings& settings);
    ~InsideInstance();
    InsideInstance(const InsideInstance&) = delete;
    InsideInstance& operator=(const InsideInstance&) = delete;

    struct Answer {
        iac_status status = IAC_OK;
        std::string message;
        std::vector<std::string> emitted;  ///< JSON texts
    };
    /// One call of `function`, for messages; not more than `most` texts are taken. Throws Failed
    /// when it said what could not be taken, or more than that; Unanswered and Stopped.
    Answer call(const char* function, std::shared_ptr<const CallInput> input,
                std::size_t most) const;
    void stop() const { calls_.stop(); }

    const Plugin& plugin() const { return plugin_; }
    /// "iac.github (/usr/lib/iac-runner/plugins/github.so)"
    std::string name() const;

private:
    struct Made;  // shared with the calls
    const Plugin plugin_;
    mutable InsideCalls calls_;
    std::shared_ptr<Made> made_;
};

/// A document of something a plugin emitted, which has to be a JSON object. Throws Failed.
std::unique_ptr<const Document> parseEmitted(const InsideInstance& by, std::string_view json);

/// The members of an emitted object, each of the type it has to have. Absent is the empty text,
/// false, the empty list; null is the same. Everything else throws Failed with the member's name.
class Emitted {
public:
    Emitted(const InsideInstance& by, std::string_view json)
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

    const InsideInstance& by_;
    std::unique_ptr<const Document> document_;
};

}  // namespace iac::plugin
