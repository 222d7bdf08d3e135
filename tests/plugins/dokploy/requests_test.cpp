// Everything iac.dokploy asks for, held against Dokploy's own OpenAPI document, where it is at
// hand.
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>

#include "plugins/referee.hpp"
#include "served.hpp"

using namespace iac;
using test::Served;

namespace {

const std::filesystem::path kDocument = std::filesystem::path(IAC_SOURCE_DIR).parent_path() /
                                        "shared/data/dokploy/openapi-live-v0.30.2.json";

void keep(Poco::JSON::Array& all, const Served& served) {
    for (const auto& request : served.requests()) {
        Poco::JSON::Object::Ptr one = new Poco::JSON::Object;
        one->set("method", request.method);
        one->set("path", request.path);
        if (request.method == "POST") one->set("body", request.body);
        all.add(one);
    }
}

// Every way through the plugin that asks for something else.
std::string everyRequest() {
    Poco::JSON::Array all;
    Served made;
    made.environment_name = "staging";
    made.more_config = R"(,"auto_deploy": "off")";
    made.with([](auto& its) { its.containers = {{"running", "Up 1 second"}}; });
    const auto hosted = made.run(
        R"({"file": "compose.yaml", "create": true, "verify": {"containers": true, "within": 1}})");
    INFO(hosted.result.message);
    REQUIRE(hosted.result.status == IAC_OK);
    keep(all, made);

    Served application;
    application.add("docker", false);
    application.more_config = R"(,"auto_deploy": "off")";
    REQUIRE(application.run(R"({"type": "application"})").result.status == IAC_OK);
    keep(all, application);

    Served git;
    git.add("git");
    git.dry_run = true;
    REQUIRE(git.run(R"({"source": "dokploy"})").result.status == IAC_OK);
    git.dry_run = false;
    REQUIRE(git.run(R"({"source": "dokploy"})").result.status == IAC_OK);
    keep(all, git);
    std::ostringstream out;
    all.stringify(out);
    return out.str();
}

}  // namespace

TEST_CASE("dokploy: Dokploy's own description takes every request") {
    if (!std::filesystem::exists(kDocument)) {
        WARN("skipped: there is no OpenAPI document at " << kDocument.string());
        return;
    }
    const fixtures::Folder folder;
    fixtures::writeFile(folder / "requests.json", everyRequest());
    test::askReferee("dokploy.mjs", {kDocument.string(), (folder / "requests.json").string()});
}
