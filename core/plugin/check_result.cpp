#include "plugin/check_result.hpp"

#include <algorithm>
#include <memory>

#include "plugin/value.hpp"

namespace iac::plugin {
namespace {

constexpr std::size_t kLongestMemory = 4u << 10;

const iac_value* memberOf(const iac_value& object, const std::string& name) {
    const auto* found = find(&object, "/" + name);
    return found == nullptr || found->type == IAC_NULL ? nullptr : found;
}

std::string notText(const iac_value& object, std::initializer_list<const char*> names) {
    for (const std::string name : names)
        if (const auto* found = memberOf(object, name); found && found->type != IAC_STRING)
            return "its member \"" + name + "\" is not text";
    return {};
}

std::string textAt(const iac_value& object, const std::string& name) {
    const auto* found = memberOf(object, name);
    return found == nullptr ? std::string() : std::string(stringOf(*found));
}

std::string oneOf(const std::string& name, const std::string& text,
                  const std::vector<std::string>& known) {
    if (std::find(known.begin(), known.end(), text) != known.end()) return {};
    std::string all;
    for (const auto& one : known) (all += all.empty() ? "" : ", ") += one;
    return "its \"" + name + "\" is \"" + text + "\", and can be " + all;
}

std::string executorFault(const iac_value& object, bool dry_run) {
    if (auto fault =
            notText(object, {"outcome", "summary", "config_hash", "error_kind", "next_action"});
        !fault.empty())
        return fault;
    const std::string outcome = textAt(object, "outcome");
    std::vector<std::string> known{"changed", "unchanged", "failed"};
    if (dry_run) known.emplace_back("unknown");
    return outcome.empty() ? std::string() : oneOf("outcome", outcome, known);
}

std::string mapperFault(const iac_value& object) {
    if (auto fault = notText(object, {"service", "skip", "path", "rule", "reason"}); !fault.empty())
        return fault;
    if (textAt(object, "service").empty() && textAt(object, "skip").empty())
        return "it names neither a service nor one to skip";
    return {};
}

std::string notifierFault(const iac_value& object) {
    if (auto fault = notText(object, {"memory", "answer", "error_kind", "next_action"});
        !fault.empty())
        return fault;
    if (textAt(object, "memory").size() > kLongestMemory)
        return "its \"memory\" is larger than " + std::to_string(kLongestMemory) + " bytes";
    const auto* pause = memberOf(object, "retry_after");
    return pause != nullptr && pause->type != IAC_NUMBER ? "its member \"retry_after\" is no number"
                                                         : "";
}

std::string triggerFault(const iac_value& object) {
    if (auto fault = notText(object, {"verdict", "kind", "reason", "delivery", "environment", "ref",
                                      "tag", "revision", "before", "triggered_by", "subject"});
        !fault.empty())
        return fault;
    const std::string verdict = textAt(object, "verdict");
    if (auto fault = oneOf("verdict", verdict, {"event", "ignore", "reject", "answer"});
        !fault.empty())
        return fault;
    if (verdict == "event") return oneOf("kind", textAt(object, "kind"), {"change", "request"});
    const auto* status = memberOf(object, "status");
    const double number = status == nullptr ? 0 : numberOf(*status);
    if (verdict == "reject" && (number < 400 || number > 499))
        return "its \"status\" is not from 400 to 499";
    if (verdict == "answer" && memberOf(object, "body") == nullptr) return "it lacks \"body\"";
    return {};
}

}  // namespace

std::string resultFault(std::string_view kind, const std::vector<std::string>& emitted,
                        bool dry_run) {
    if (kind == "trigger/1" && emitted.size() != 1)
        return "it gave " + std::to_string(emitted.size()) +
               " verdicts about one request; it has to give one";
    for (const auto& json : emitted) {
        std::string reason;
        const auto document = Document::parse(json, reason);
        if (document == nullptr) return "it is not JSON: " + reason;
        const auto& object = *document->root();
        if (object.type != IAC_OBJECT) return "it is not a JSON object";
        const std::string fault = kind == "executor/1"   ? executorFault(object, dry_run)
                                  : kind == "mapper/1"   ? mapperFault(object)
                                  : kind == "notifier/1" ? notifierFault(object)
                                                         : triggerFault(object);
        if (!fault.empty()) return fault;
    }
    return {};
}

}  // namespace iac::plugin
