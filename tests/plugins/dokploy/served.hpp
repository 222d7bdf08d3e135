#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "fixtures/folder.hpp"
#include "plugins/fakes/fake_dokploy.hpp"
#include "plugins/hosted.hpp"

namespace iac::test {

/// A fake Dokploy over HTTP on loopback, a work tree, and steps that the file that ships carries
/// out in a process of its own.
class Served {
public:
    Served() {
        fixtures::writeFile(tree_ / "compose.yaml", kCompose);
        dokploy_.course = [this](const fakes::Dokploy::Job&) { return course; };
        course.seconds = 0.2;
    }

    static constexpr const char* kCompose = "services:\n  web:\n    image: nginx:1.27\n";
    static constexpr const char* kRevision = "1f5a3a0c8d3b4f0c9a1d2e3f4a5b6c7d8e9f0a1b";
    static constexpr const char* kTitle = "iac-runner 1042 platform/web 1f5a3a0c8d3b";

    fakes::Dokploy::Course course;  // of every job; set it before the step
    std::string revision = kRevision;
    bool dry_run = false, force = false;
    int attempt = 1;
    int patience = 2;
    std::string more_config;  // further members of the executor's settings: R"(,"deadline":5)"
    std::vector<std::string> environment{"SECRET=s3cret"};
    const Cancellation* cancel = nullptr;
    /// What happens before a request is answered.
    std::function<void(fakes::Dokploy&, const fakes::HttpRequest&)> meanwhile;
    bool lose_deploys = false;         // the gateway answers with 502, and Dokploy hears nothing
    bool lose_deploy_answers = false;  // Dokploy has queued it, and the gateway answers with 504

    /// The state of the fake, while no request is being answered.
    template <class F>
    auto with(F function) {
        const std::lock_guard lock(mutex_);
        dokploy_.advance();
        return function(dokploy_);
    }
    std::string add(const std::string& source = "raw", bool compose = true) {
        return with(
            [&](auto& its) { return its.add("platform", "production", "web", source, compose); });
    }
    std::size_t runs() {
        return with([](auto& its) { return its.runs().size(); });
    }

    /// One step; the settings of the service as JSON.
    Hosted run(const std::string& settings = R"({"file": "compose.yaml"})") {
        plugin::HostedCall call;
        call.plugin = &shipped().find("executor", "iac.dokploy");
        call.config = R"({"url": ")" + url + R"(", "key": ")" + key +
                      R"(", "project": "platform",)" +
                      R"("poll": 0.05, "appear": 1, "patience": )" + std::to_string(patience) +
                      more_config + "}";
        call.input = R"({"deployment": 1042, "service": "platform/web", "name": "web",
            "environment": ")" +
                     environment_name + R"(", "revision": ")" + revision +
                     R"(", "triggered_by": "octocat", "directory": ")" + tree_.path().string() +
                     R"(", "attempt": )" + std::to_string(attempt) + R"(, "dry_run": )" +
                     (dry_run ? "true" : "false") + R"(, "force": )" + (force ? "true" : "false") +
                     R"(, "with": )" + settings + "}";
        call.environment = environment;
        call.environment.insert(call.environment.end(), {"PATH=/usr/bin:/bin", "HOME=/"});
        call.directory = tree_.path();
        call.timeout = Duration{60'000};
        call.grace = Duration{5'000};
        call.cancel = cancel;
        // What a test set is the server's from here on, and the test's again from there.
        with([](auto&) {});
        auto hosted = callInHost(call);
        with([](auto&) {});
        return hosted;
    }

    /// As if an earlier deployment had written what is in Dokploy: the next step is another one.
    void forget() {
        with([](auto& its) {
            for (auto& [id, service] : its.services()) {
                auto& text = *service.environment;
                text.replace(text.find("iac-runner 1042"), 15, "iac-runner 1041");
            }
        });
    }

    void write(const std::string& name, const std::string& text) {
        fixtures::writeFile(tree_ / name, text);
    }
    void answerNext(fakes::HttpAnswer answer) { server_.next(std::move(answer)); }
    std::vector<fakes::HttpRequest> requests() const { return server_.requests(); }
    std::string environmentOf(const std::string& id) {
        return with([&](auto& its) { return its.service(id).environment.value_or(""); });
    }

private:
    const fixtures::Folder tree_;
    std::mutex mutex_;
    fakes::Dokploy dokploy_{[] {
        using Seconds = std::chrono::duration<double>;
        return Seconds(std::chrono::steady_clock::now().time_since_epoch()).count();
    }};
    fakes::HttpFake server_{[this](const fakes::HttpRequest& request) {
        const std::lock_guard lock(mutex_);
        if (meanwhile) meanwhile(dokploy_, request);
        const bool deploys = request.path == "/api/compose.deploy";
        if (deploys && lose_deploys) return fakes::HttpAnswer{502, "Bad Gateway", "text/plain"};
        auto answer = dokploy_.handle(request);
        if (deploys && lose_deploy_answers) answer = {504, "Gateway Timeout", "text/plain"};
        return answer;
    }};

public:
    std::string url = server_.url();
    std::string key = "the key";
    std::string environment_name = "production";
};

}  // namespace iac::test
