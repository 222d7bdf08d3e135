#include "linked_triggers.hpp"

#include <iac/plugin.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "target.hpp"

// CMakeLists.txt gives each its name, so that there can be two.
extern "C" const iac_module iac_github_module;
extern "C" const iac_module iac_manual_module;

namespace iac::fuzz {
namespace {

constexpr std::string_view kSecret = "the secret of the fuzzer";

plugin::Trigger linked(const iac_module& module) {
    const iac_plugin& functions = *module.plugins[0];
    plugin::Plugin plugin;
    plugin.kind = "trigger";
    plugin.id = functions.id;
    plugin.routes = functions.routes;
    plugin.functions = &functions;
    return {plugin, R"({"secret":")" + std::string(kSecret) +
                        R"(","wait":0,"replay_protection":"optional"})"};
}

void sign(http::Request& request) {
    const auto timestamp = request.header("x-iac-timestamp"), nonce = request.header("x-iac-nonce");
    std::string bytes = request.body;
    if (!timestamp.empty() && !nonce.empty())
        bytes = std::string(timestamp) + "." + std::string(nonce) + "." + request.method + " " +
                request.target + "." + bytes;
    for (auto& [name, value] : request.headers)
        if (name == "x-hub-signature-256") value = signature(bytes);
}

void check(const Event& event) {
    const auto whole = [](const std::string& sha) {
        return sha.empty() || ((sha.size() == 40 || sha.size() == 64) &&
                               sha.find_first_not_of("0123456789abcdef") == sha.npos);
    };
    require(whole(event.revision) && whole(event.before), "a commit is a full id");
    require(event.subject.size() <= 200 && event.subject.find('\n') == event.subject.npos,
            "a subject is one short line");
    require(event.triggered_by.size() <= 200, "a name is short");
    for (const auto& path : event.paths)
        require(!path.empty() && path.find('\0') == path.npos, "a path is one");
    require(event.kind == EventKind::request || event.ref == "refs/heads/main",
            "a change is one of the branch that is deployed");
}

}  // namespace

const plugin::Trigger& github() {
    static const plugin::Trigger trigger = linked(iac_github_module);
    return trigger;
}

const plugin::Trigger& manual() {
    static const plugin::Trigger trigger = linked(iac_manual_module);
    return trigger;
}

std::string signature(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data(), &size);
    std::string out = "sha256=";
    for (unsigned i = 0; i < size; ++i)
        out += {"0123456789abcdef"[digest[i] >> 4], "0123456789abcdef"[digest[i] & 15]};
    return out;
}

plugin::TriggerVerdict verdictOf(const plugin::Trigger& trigger, http::Request& request) {
    sign(request);
    plugin::TriggerRequest asked;
    asked.method = request.method;
    asked.path = request.path;
    asked.body = request.body;
    asked.headers = request.headers;
    asked.query = request.query;
    asked.branch = "main";
    asked.environment = "staging";
    auto verdict = trigger.receive(asked);
    using Kind = plugin::TriggerVerdict::Kind;
    if (verdict.kind == Kind::event) check(verdict.event);
    if (verdict.kind == Kind::rejected || verdict.kind == Kind::ignored)
        require(!verdict.reason.empty(), "whoever is sent away hears why");
    return verdict;
}

}  // namespace iac::fuzz
