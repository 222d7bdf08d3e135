#pragma once

#include <iac/plugin.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/registry.hpp"
#include "plugin/value.hpp"

namespace iac::plugin {

/// A plugin with its configuration, inside this process. [any-thread]
class InsideInstance {
public:
    /// Throws Refused when the configuration is not JSON, or with the reason of create().
    InsideInstance(const Plugin& plugin, std::string_view config);
    ~InsideInstance();
    InsideInstance(const InsideInstance&) = delete;
    InsideInstance& operator=(const InsideInstance&) = delete;

    struct Answer {
        iac_status status = IAC_OK;
        std::string message;
        std::vector<std::string> emitted;  ///< JSON texts
    };
    /// One call; not more than `most` texts are taken. Serialized unless the plugin is concurrent.
    /// Throws Failed when it said what could not be taken, or more than that.
    Answer call(const iac_value& input, std::size_t most) const;

    const Plugin& plugin() const { return plugin_; }
    /// "iac.github (/usr/lib/iac-runner/plugins/github.so)"
    std::string name() const;

private:
    Plugin plugin_;
    std::unique_ptr<const Document> config_;
    void* self_ = nullptr;
    mutable std::mutex exclusive_;
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
