// The fake Dokploy held against recordings of a real one (v0.30.2), where they are at hand: the
// same status, and of the members that the fake sends, the same names and types.
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <iac/plugin.hpp>

#include "fixtures/folder.hpp"
#include "plugins/fakes/fake_dokploy.hpp"

using namespace iac;
using Poco::Dynamic::Var;

namespace {

const std::filesystem::path kRecordings =
    std::filesystem::path(IAC_SOURCE_DIR).parent_path() / "shared/data/dokploy/recordings";

using Object = Poco::JSON::Object::Ptr;
using Array = Poco::JSON::Array::Ptr;

Var parsed(const std::string& text) {
    // This parser takes no bare values.
    if (text == "true") return true;
    if (text[0] != '{' && text[0] != '[') return text;
    return Poco::JSON::Parser().parse(text);
}

std::string typeOf(const Var& value) {
    if (value.isEmpty()) return "null";
    if (value.type() == typeid(Object)) return "object";
    if (value.type() == typeid(Array)) return "array";
    if (value.isBoolean()) return "boolean";
    return value.isNumeric() ? "number" : "string";
}

// Where the two differ in shape; empty when they agree. A real answer may say more.
std::string difference(const Var& fake, const Var& real, const std::string& place) {
    const auto fake_type = typeOf(fake), real_type = typeOf(real);
    // A text that is null today is text tomorrow: env, finishedAt, customGitUrl.
    const bool both_text = (fake_type == "null" || fake_type == "string") &&
                           (real_type == "null" || real_type == "string");
    if (fake_type != real_type && !both_text)
        return place + " is " + fake_type + ", and was " + real_type + "\n";
    std::string out;
    if (fake_type == "object") {
        const auto mine = fake.extract<Object>(), its = real.extract<Object>();
        for (const auto& name : mine->getNames()) {
            const auto inner = place + "/" + name;
            out += its->has(name) ? difference(mine->get(name), its->get(name), inner)
                                  : inner + " was never seen\n";
        }
    } else if (fake_type == "array") {
        const auto mine = fake.extract<Array>(), its = real.extract<Array>();
        if (mine->size() > 0 && its->size() > 0)
            out += difference(mine->get(0), its->get(0), place + "/0");
    }
    return out;
}

/// A recorded pair, and a fake in the state it was recorded in.
class Recorded {
public:
    Recorded() {
        compose_ = dokploy_.add("iac", "production", "web");
        git_ = dokploy_.add("iac", "production", "gitweb", "git");
        application_ = dokploy_.add("iac", "production", "api", "docker", false);
        dokploy_.course = [](const fakes::Dokploy::Job&) {
            fakes::Dokploy::Course course;
            course.seconds = 60;
            return course;
        };
        dokploy_.deploy(compose_, "slow one", "run=2");
        dokploy_.deploy(compose_, "queued two", "run=3");
    }

    std::string compare(const std::string& name) {
        const auto pair = Poco::JSON::Parser()
                              .parse(fixtures::readFile(kRecordings / (name + ".json")))
                              .extract<Object>();
        const auto request = pair->getObject("request"), response = pair->getObject("response");
        fakes::HttpRequest asked;
        asked.method = request->getValue<std::string>("method");
        asked.path = mine(request->getValue<std::string>("path"));
        const auto headers = request->getObject("headers");
        for (const auto& header : headers->getNames()) {
            const auto value = headers->getValue<std::string>(header);
            asked.headers[Poco::toLower(header)] = value == "<redacted>" ? "the key" : value;
        }
        const auto body = request->get("body");
        if (body.type() == typeid(Object)) {
            std::ostringstream out;
            body.extract<Object>()->stringify(out);
            asked.body = mine(out.str());
        } else if (!body.isEmpty()) {
            asked.body = body.convert<std::string>();
        }
        const auto answer = dokploy_.handle(asked);
        const int status = response->getValue<int>("status");
        if (answer.status != status)
            return "status " + std::to_string(answer.status) + ", and was " +
                   std::to_string(status);
        const auto real = response->get("body");
        const bool empty = real.isString() && real.extract<std::string>().empty();
        if (answer.body.empty() || empty)
            return answer.body.empty() == empty ? "" : "one is empty, the other is not";
        return difference(parsed(answer.body), real, "");
    }

private:
    // The ids of the recording, in terms of ours.
    std::string mine(std::string text) const {
        const std::pair<const char*, std::string> ids[] = {
            {"EWrYPWz7JYuH1D5cFqVG1", compose_},
            {"dAgKp5rVkImEAwCNnWthU", git_},
            {"0_Si-2ciTKkfk4sXzDHiM", application_},
            {"rG3GJMIfVL9ojeq4zfznI", dokploy_.environments().front().id},
            {"BL9AvFYXNzAxBNcGV1lmy", dokploy_.projects().front().id},
            {"VJD6UrgvTbs1uucxTrq08", dokploy_.runs().front().row}};
        for (const auto& [from, to] : ids)
            for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
                text.replace(at, std::string_view(from).size(), to);
        return text;
    }

    fakes::Dokploy dokploy_{[] { return 1000.0; }};
    std::string compose_, git_, application_;
};

}  // namespace

TEST_CASE("dokploy: the fake answers as a real Dokploy was recorded to answer") {
    if (!std::filesystem::exists(kRecordings)) {
        WARN("skipped: there are no recordings at " << kRecordings.string());
        return;
    }
    const auto name = GENERATE(
        as<std::string>(), "settings.getDokployVersion", "auth-401-badkey", "auth-401-nokey",
        "unknown-procedure", "health", "project.all", "project.create", "environment.create",
        "compose.create", "compose.create-git", "compose.create-env-ignored",
        "compose.create-bad-env-id", "compose.one", "compose.one-404", "compose.one-running",
        "compose.one-missing-param", "compose.one-wrong-method", "compose.update-raw",
        "compose.update-notfound", "compose.update-no-id", "compose.update-bad-type",
        "compose.update-env-null", "compose.update-unknown-field", "compose.deploy",
        "compose.deploy-404", "compose.deploy-bad-empty", "compose.deploy-bad-minlength",
        "compose.deploy-bad-title-type", "compose.deploy-bad-json", "compose.deploy-wrong-method",
        "compose.deploy-wrong-content-type", "application.one", "application.one-404",
        "application.deploy", "application.saveEnvironment", "application.saveEnvironment-partial",
        "application.update-image", "deployment.allByCompose-running",
        "deployment.allByCompose-empty", "deployment.all-app", "deployment.queueList-2",
        "deployment.readLogs", "deployment.readLogs-404");
    INFO(name);
    Recorded recorded;
    CHECK(recorded.compare(name) == "");
}
