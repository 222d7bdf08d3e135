#include "cli/request.hpp"

#include <pwd.h>
#include <unistd.h>

#include <iostream>

#include "cli/answers.hpp"
#include "cli/following.hpp"
#include "cli/result.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

void sayWhatWasAccepted(const Object& answer, std::ostream& out) {
    const std::string id = textOf(answer, "deployment_id");
    std::string names, environment = textOf(answer, "environment");
    if (environment.empty()) environment = textOf(answer, "env");
    for (const auto& service : textsOf(answer, "services"))
        names += (names.empty() ? "" : ", ") + service;
    out << "Deployment " << id << " to " << environment
        << (answer->optValue("duplicate", false) ? " exists already" : " is accepted")
        << (names.empty() ? "" : ": " + names) << ".\n";
    for (const Object& skipped : objectsOf(answer, "skipped_services"))
        out << "Not deployed: " << textOf(skipped, "service") << ": " << textOf(skipped, "reason")
            << '\n';
}

}  // namespace

void addPatience(CLI::App& command, Patience& patience) {
    command.add_flag("--wait", patience.wait,
                     "Show the log on stderr until the end, then the result; exit 0 only on "
                     "success");
    command.add_flag("--json", patience.json, "The answer as JSON; with --wait the deployment");
    command.footer(
        "Exit codes: 0 accepted, or with --wait success; 1 the deployment failed or was "
        "cancelled;\n2 wrong usage, or the daemon refuses it; 3 the daemon cannot be reached.");
}

std::string userName() {
    const passwd* user = ::getpwuid(::getuid());
    return user == nullptr ? std::to_string(::getuid()) : std::string(user->pw_name);
}

Poco::JSON::Array::Ptr listOf(const std::vector<std::string>& texts) {
    Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
    for (const auto& text : texts) list->add(text);
    return list;
}

int finish(Client& client, const Object& answer, const Patience& patience) {
    const std::string id = textOf(answer, "deployment_id");
    if (id.empty()) {
        if (patience.json) printJson(answer);
        (patience.json ? std::cerr : std::cout)
            << "Nothing is to be deployed (" << textOf(answer, "status") << ").\n";
        return kDone;
    }
    const bool is_result = !patience.wait && !patience.json;
    sayWhatWasAccepted(answer, is_result ? std::cout : std::cerr);
    if (!patience.wait) {
        if (patience.json) printJson(answer);
        return kDone;
    }
    const Object deployment = awaitEnd(client, id, &std::cerr);
    patience.json ? printJson(deployment) : printResult(deployment);
    return exitOf(deployment);
}

Object ask(Client& client, const std::string& target, Object body) {
    body->set("triggered_by", userName());
    body->set("wait", false);  // the log is followed instead: it shows more
    return client.trigger(target, body);
}

int request(const Options& options, const std::string& target, Object body, Patience patience) {
    Client client(findEndpoint(options));
    // What a dry run says is all that it is for.
    patience.wait = patience.wait || body->optValue("dry_run", false);
    return finish(client, ask(client, target, body), patience);
}

}  // namespace iac::cli
