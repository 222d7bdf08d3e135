#include <Poco/URI.h>

#include <iostream>
#include <memory>

#include "base/clock.hpp"
#include "cli/answers.hpp"
#include "cli/client.hpp"
#include "cli/terminal.hpp"
#include "config/units.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

constexpr int kPage = 200;

struct Filters {
    std::string environment, service, status, since;
    int limit = 20;
    bool json = false;
};

/// "2h" ago, or a time as the daemon understands it.
std::string sinceOf(const std::string& text) {
    const auto ago = config::parseDuration(text);
    return ago ? toText(SystemClock().now() - *ago) : text;
}

std::string firstPage(const Filters& filters) {
    std::string target = "/deployments?limit=" + std::to_string(std::min(filters.limit, kPage));
    const auto add = [&](const std::string& name, const std::string& value) {
        if (value.empty()) return;
        std::string encoded;
        Poco::URI::encode(value, "&=+#?", encoded);
        target += "&" + name + "=" + encoded;
    };
    add("env", filters.environment);
    add("service", filters.service);
    add("status", filters.status);
    add("since", filters.since.empty() ? "" : sinceOf(filters.since));
    return target;
}

std::string servicesOf(const Object& deployment) {
    std::string names;
    for (const Object& service : objectsOf(objectOf(deployment, "plan"), "services"))
        names += (names.empty() ? "" : ", ") + shortName(textOf(service, "service"));
    return cut(names, 40);
}

void print(const std::vector<Object>& deployments) {
    std::vector<std::vector<std::string>> rows{
        {"ID", "STATUS", "ENVIRONMENT", "REF", "REVISION", "BY", "CREATED", "TOOK", "SERVICES"}};
    for (const Object& one : deployments)
        rows.push_back({textOf(one, "id"), textOf(one, "status"), textOf(one, "environment"),
                        shownRef(one), shownRevision(one), cut(textOf(one, "triggered_by"), 20),
                        textOf(one, "created_at").substr(0, 19),
                        shownSeconds(one->optValue<double>("duration_seconds", -1)),
                        servicesOf(one)});
    printTable(rows, 1);
}

int history(const Options& options, const Filters& filters) {
    Client client(findEndpoint(options));
    std::vector<Object> found;
    std::string target = firstPage(filters);
    while (!target.empty() && found.size() < static_cast<std::size_t>(filters.limit)) {
        const auto page = client.get(target);
        for (auto& one : objectsOf(page, "deployments")) found.push_back(one);
        target = page->optValue<std::string>("next", {});
    }
    if (found.size() > static_cast<std::size_t>(filters.limit))
        found.resize(static_cast<std::size_t>(filters.limit));
    if (filters.json) {
        Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
        for (const auto& one : found) list->add(one);
        Object object = new Poco::JSON::Object;
        object->set("deployments", list);
        printJson(object);
    } else if (found.empty()) {
        std::cerr << "No deployments.\n";
    } else {
        print(found);
    }
    return kDone;
}

}  // namespace

void addHistory(CLI::App& app, const Options& options, Run& run) {
    auto* command = app.add_subcommand("history", "What was deployed, newest first");
    auto filters = std::make_shared<Filters>();
    command->add_option("--env", filters->environment, "Only of this environment");
    command->add_option("--service", filters->service, "Only with this service");
    command->add_option("--status", filters->status,
                        "Only queued, running, success, failed, cancelled or superseded ones");
    command->add_option("--since", filters->since, "Only from then on: 2h, 3d, 2025-01-24");
    command->add_option("--limit", filters->limit, "How many (default: 20)")
        ->check(CLI::Range(1, 100'000));
    command->add_flag("--json", filters->json, "As JSON");
    command->callback([&options, &run, filters] {
        run = [&options, filters] { return history(options, *filters); };
    });
}

}  // namespace iac::cli
