#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "config/embedded.hpp"
#include "config/json.hpp"
#include "fixture.hpp"

using namespace iac;
using namespace iac::config;
namespace fs = std::filesystem;

namespace {

const fs::path kFolder = fs::path(IAC_SOURCE_DIR) / "config";

std::string contentOf(const fs::path& file) {
    std::ostringstream out;
    out << std::ifstream(file, std::ios::binary).rdbuf();
    return out.str();
}

/// The paths of all keys that a schema has, "[]" for an item and "*" for a name of the user's own.
void keysOf(const Poco::JSON::Object::Ptr& schema, const std::string& path,
            std::set<std::string>& keys) {
    if (!schema || schema->has("not")) return;
    if (const auto properties = asObject(schema->get("properties")))
        for (const auto& key : properties->getNames()) {
            const auto sub = asObject(properties->get(key));
            if (sub->has("not")) continue;
            keys.insert(path + "." + key);
            keysOf(sub, path + "." + key, keys);
        }
    keysOf(asObject(schema->get("items")), path + "[]", keys);
    keysOf(asObject(schema->get("additionalProperties")), path + ".*", keys);
}

/// The same of a file's lines: names are compared by what the schema calls them.
std::set<std::string> keysOf(const Settings& settings) {
    std::set<std::string> keys;
    for (const auto& [path, line] : settings.origins.lines) {
        std::string general = "." + path;
        for (const auto* section : {".environments.", ".triggers.", ".executors."}) {
            if (!general.starts_with(section)) continue;
            const auto name = std::string(section).size();
            const auto end = std::min(general.find('.', name), general.size());
            general.replace(name, end - name, "*");
        }
        for (auto open = general.find('['); open != std::string::npos;
             open = general.find('[', open + 2))
            general.replace(open, general.find(']', open) - open + 1, "[]");
        keys.insert(general);
    }
    return keys;
}

}  // namespace

TEST_CASE("the reference is built in as it lies in config", "[reference]") {
    CHECK(reference() == contentOf(kFolder / "reference.yaml"));
    CHECK(embedded::schema == contentOf(kFolder / "schema.json"));
}

TEST_CASE("the reference checks, and every key of the schema is in it", "[reference]") {
    const Variable secret("WEBHOOK_SECRET", "secret-of-the-test");
    const Variable url("GIT_REPO_URL", "https://example.com/infrastructure.git");
    const Variable git("GIT_TOKEN", "git-token-of-the-test");
    const Variable token("TRAEFIK_TOKEN", "token-of-the-test");
    const auto settings = load(kFolder / "reference.yaml");

    std::set<std::string> wanted;
    keysOf(asObject(Poco::JSON::Parser().parse(std::string(embedded::schema))), "", wanted);
    REQUIRE(wanted.size() > 60);
    const auto there = keysOf(settings);
    for (const auto& key : wanted) {
        INFO(key);
        CHECK(there.contains(key));
    }
}

TEST_CASE("the defaults that the reference shows are the defaults", "[reference]") {
    const Variable secret("WEBHOOK_SECRET", "secret-of-the-test");
    const Variable url("GIT_REPO_URL", "https://example.com/infrastructure.git");
    const Variable git("GIT_TOKEN", "git-token-of-the-test");
    const Variable token("TRAEFIK_TOKEN", "token-of-the-test");
    const auto shown = load(kFolder / "reference.yaml");
    const Settings plain;
    CHECK(shown.server.host == plain.server.host);
    CHECK(shown.server.port == plain.server.port);
    const auto& limits = shown.server.limits;
    CHECK(limits.webhook_body == plain.server.limits.webhook_body);
    CHECK(limits.body == plain.server.limits.body);
    CHECK(limits.bodies_in_flight == plain.server.limits.bodies_in_flight);
    CHECK(limits.request == plain.server.limits.request);
    CHECK(limits.headers == plain.server.limits.headers);
    CHECK(limits.keep_alive == plain.server.limits.keep_alive);
    CHECK(limits.connections == plain.server.limits.connections);
    CHECK(limits.connections_per_address == plain.server.limits.connections_per_address);
    CHECK(limits.waiting_callers == plain.server.limits.waiting_callers);
    CHECK(limits.waiting_callers_per_token == plain.server.limits.waiting_callers_per_token);
    CHECK(shown.server.trusted_proxies == plain.server.trusted_proxies);
    CHECK(limits.waiting_deployments == plain.server.limits.waiting_deployments);
    CHECK(limits.step_output == plain.server.limits.step_output);
    CHECK(shown.server.compatibility.text_ids == plain.server.compatibility.text_ids);
    CHECK(shown.server.compatibility.bad_signature == plain.server.compatibility.bad_signature);
    CHECK(shown.repository.branch == plain.repository.branch);
    CHECK(shown.repository.timeout == plain.repository.timeout);
    CHECK(shown.repository.strict_fsck == plain.repository.strict_fsck);
    CHECK(shown.repository.username == plain.repository.username);
    CHECK(shown.repository.limits == plain.repository.limits);
    const ExecutorUse executor;
    CHECK(shown.executors.at(0).timeout == executor.timeout);
    CHECK(shown.executors.at(0).grace == executor.grace);
    CHECK(shown.executors.at(0).retries == executor.retries);
    const InsideUse inside;
    CHECK(shown.triggers.at(0).timeout == inside.timeout);
    CHECK(shown.mappers.at(0).timeout == inside.timeout);
    CHECK(shown.triggers.at(0).own_process == inside.own_process);
    CHECK(shown.mappers.at(0).own_process == inside.own_process);
    CHECK(shown.engine.on_failure == plain.engine.on_failure);
    CHECK(shown.engine.on_interrupt == plain.engine.on_interrupt);
    CHECK(shown.engine.steps_at_once == plain.engine.steps_at_once);
    CHECK(shown.engine.stop_grace == plain.engine.stop_grace);
    CHECK(shown.engine.deadline == plain.engine.deadline);
    CHECK(shown.engine.umask == plain.engine.umask);
}

TEST_CASE("every example checks", "[reference]") {
    const Folder folder;
    const Variable secret("WEBHOOK_SECRET", "secret-of-the-test");
    const Variable url("GIT_REPO_URL", "/srv/infrastructure");
    const Variable file("SECRETS_FILE",
                        folder.write("secrets.env", "DATABASE_PASSWORD=\"of the database\"\n"));
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(kFolder / "examples")) {
        if (entry.path().extension() != ".yaml") continue;
        INFO(entry.path());
        CHECK_NOTHROW(load(entry.path()));
        ++count;
    }
    CHECK(count >= 3);
}
