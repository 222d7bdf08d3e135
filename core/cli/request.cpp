#include "cli/request.hpp"

#include <pwd.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "cli/answers.hpp"
#include "cli/client.hpp"
#include "cli/terminal.hpp"
#include "model/states.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

/// Between two questions when the log of a deployment cannot be followed to its end.
constexpr std::chrono::seconds kBetweenQuestions{1};
/// How long a daemon that restarts is waited for.
constexpr int kMostFailures = 60;

bool ended(const Object& deployment) {
    const auto state = deploymentState(textOf(deployment, "status"));
    return state && isFinal(*state);
}

/// The deployment when it is final; the one that took it over, if one did.
Object awaitEnd(Client& client, std::string id, bool quiet) {
    int failures = 0;
    for (;;) {
        bool whole = false;
        Object deployment;
        try {
            whole =
                client.stream("/deployments/" + id + "/log?follow=1", [&](std::string_view bytes) {
                    if (!quiet) std::cout << bytes << std::flush;
                });
            deployment = client.get("/deployments/" + id);
            failures = 0;
        } catch (const Unreachable&) {
            if (++failures >= kMostFailures) throw;
        }
        if (!deployment.isNull() && ended(deployment)) {
            const std::string next = textOf(deployment, "superseded_by");
            if (next.empty()) return deployment;
            std::cerr << "Deployment " << id << " was taken over by " << next << ".\n";
            id = next;
        } else if (!whole || failures > 0) {
            std::this_thread::sleep_for(kBetweenQuestions);
        }
    }
}

void sayWhatWasAccepted(const Object& answer) {
    const std::string id = textOf(answer, "deployment_id");
    std::string names;
    for (const auto& service : textsOf(answer, "services"))
        names += (names.empty() ? "" : ", ") + service;
    std::cerr << "Deployment " << id << " to " << textOf(answer, "environment")
              << (answer->optValue("duplicate", false) ? " exists already" : " is accepted")
              << (names.empty() ? "" : ": " + names) << ".\n";
    for (const Object& skipped : objectsOf(answer, "skipped_services"))
        std::cerr << "Not deployed: " << textOf(skipped, "service") << ": "
                  << textOf(skipped, "reason") << '\n';
}

int sayHowItEnded(const Object& deployment) {
    const std::string status = textOf(deployment, "status");
    std::cerr << "Deployment " << textOf(deployment, "id") << ": " << status << '\n';
    for (const Object& step : objectsOf(deployment, "steps")) {
        if (textOf(step, "status") != "failed") continue;
        std::cerr << textOf(step, "service") << ": " << textOf(step, "summary") << '\n';
        if (const auto next = textOf(step, "next_action"); !next.empty())
            std::cerr << "  " << next << '\n';
    }
    if (status != "success")
        for (const char* key : {"summary", "next_action"})
            if (const auto text = textOf(deployment, key); !text.empty()) std::cerr << text << '\n';
    return status == "success" ? kDone : kFailed;
}

}  // namespace

void addPatience(CLI::App& command, Patience& patience) {
    command.add_flag("--wait", patience.wait, "Show the log until the end; exit 0 only on success");
    command.add_flag("--json", patience.json, "The answer as JSON");
}

std::string userName() {
    const passwd* user = ::getpwuid(::getuid());
    return user == nullptr ? std::to_string(::getuid()) : std::string(user->pw_name);
}

int request(const Options& options, const std::string& target, Object body,
            const Patience& patience) {
    Client client(findEndpoint(options));
    body->set("triggered_by", userName());
    body->set("wait", false);  // the log is followed instead: it shows more
    const Object answer = client.post(target, body);
    const std::string id = textOf(answer, "deployment_id");
    if (id.empty()) {
        if (patience.json) printJson(answer);
        std::cerr << "Nothing is to be deployed (" << textOf(answer, "status") << ").\n";
        return kDone;
    }
    sayWhatWasAccepted(answer);
    if (!patience.wait) {
        if (patience.json) printJson(answer);
        return kDone;
    }
    const Object deployment = awaitEnd(client, id, patience.json);
    if (patience.json) printJson(deployment);
    return sayHowItEnded(deployment);
}

}  // namespace iac::cli
