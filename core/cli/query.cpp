#include "cli/query.hpp"

#include <Poco/URI.h>

#include <algorithm>
#include <iostream>

#include "cli/answers.hpp"
#include "config/units.hpp"
#include "model/json.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

/// The daemon gives no longer ones.
constexpr std::size_t kPage = 200;

std::string encoded(const std::string& text, const std::string& reserved) {
    std::string done;
    Poco::URI::encode(text, reserved, done);
    return done;
}

}  // namespace

std::string target(std::string path, const Parameters& parameters) {
    char separator = '?';
    for (const auto& [name, value] : parameters) {
        if (value.empty()) continue;
        path += separator + name + "=" + encoded(value, "&=+#?");
        separator = '&';
    }
    return path;
}

std::string segment(const std::string& name) {
    return encoded(name, "/?#%&=+");
}

std::string momentOf(const std::string& text, Time now) {
    const auto ago = config::parseDuration(text);
    return ago ? toText(now - *ago) : text;
}

void addPart(CLI::App& command, Part& part) {
    command.add_option("--since", part.since, "Only from then on: 2h, 3d, 2025-01-24")
        ->type_name("TIME");
    command.add_option("--until", part.until, "Only before then")->type_name("TIME");
    command.add_option("--before", part.before, "Only below this id: the next page")
        ->check(CLI::PositiveNumber)
        ->type_name("ID");
    command.add_option("--limit", part.limit, "How many (default: 20)")
        ->check(CLI::Range(1, 100'000))
        ->type_name("N");
    command.add_flag("--json", part.json, "As JSON");
}

int showList(const Options& options, const std::string& name, Parameters filters, const Part& part,
             const std::function<void(const std::vector<Object>&)>& print) {
    Client client(findEndpoint(options));
    const Time now = SystemClock().now();
    filters.insert(filters.begin(), {"limit", std::to_string(std::min(part.limit, kPage))});
    filters.insert(filters.end(), {{"since", momentOf(part.since, now)},
                                   {"until", momentOf(part.until, now)},
                                   {"before", part.before > 0 ? std::to_string(part.before) : ""}});
    std::vector<Object> found;
    std::string next = target("/" + name, filters);
    while (!next.empty() && found.size() < part.limit) {
        const auto page = client.get(next);
        for (const auto& one : objectsOf(page, name))
            if (found.size() < part.limit) found.push_back(one);
        next = page->optValue<std::string>("next", {});
    }
    if (part.json) {
        auto answer = jsonObject();
        Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
        for (const auto& one : found) list->add(one);
        answer->set(name, list);
        printJson(answer);
    } else if (found.empty()) {
        std::cerr << "No " << name << ".\n";
    } else {
        print(found);
    }
    return kDone;
}

}  // namespace iac::cli
