#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "base/descriptor.hpp"
#include "base/log.hpp"
#include "world.hpp"

namespace iac::http {
namespace {

const std::string kSync = R"({"all":true})";

std::string fileBytes(const std::filesystem::path& folder) {
    std::string bytes;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    return bytes;
}

}  // namespace

TEST_CASE("a token is shown once, and only its digest is kept") {
    World world;
    const auto made = world.send("POST", "/tokens", R"({"name":"ci","role":"deploy","by":"ann"})");
    CHECK(made.status == 201);
    const std::string token = made.text("token");
    CHECK(token.substr(0, 4) == "iac_");
    CHECK(token.size() == 4 + 43);
    CHECK(token.find_first_not_of(
              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos);
    CHECK(world.makeToken("another", "read") != token);

    const auto listed = world.get("/tokens").json()->getArray("tokens");
    REQUIRE(listed->size() == 2);
    for (unsigned i = 0; i < 2; ++i) {
        const auto one = listed->getObject(i);
        CHECK_FALSE(one->has("token"));
        if (one->getValue<std::string>("name") != "ci") continue;
        CHECK(one->getValue<std::string>("role") == "deploy");
        CHECK(one->getValue<std::string>("created_by") == "ann");
        CHECK_FALSE(one->has("revoked_at"));
    }
    CHECK(fileBytes(world.folder()).find(token.substr(4)) == std::string::npos);
}

TEST_CASE("a token may do what its role says, and a refusal says which role it takes") {
    World world;
    const auto read = world.makeToken("reader", "read");
    const auto deploy = world.makeToken("ci", "deploy");
    const auto admin = world.makeToken("boss", "admin");
    const std::string hold = R"({"env":"staging","reason":"a test"})";

    for (const auto& token : {read, deploy, admin})
        CHECK(world.sendWith(token, "GET", "/deployments").status == 200);
    CHECK(world.sendWith(read, "POST", "/deployments/1/retry").status == 403);
    CHECK(world.sendWith(deploy, "POST", "/deployments/1/retry").status == 404);
    CHECK(world.sendWith(read, "POST", "/holds", hold).status == 403);
    CHECK(world.sendWith(read, "GET", "/tokens").status == 403);
    const auto refused = world.sendWith(deploy, "POST", "/holds", hold);
    CHECK(refused.status == 403);
    CHECK(refused.text("error").find("role admin") != std::string::npos);
    CHECK(refused.text("error").find("\"ci\" has the role deploy") != std::string::npos);
    const auto placed = world.sendWith(admin, "POST", "/holds", hold);
    CHECK(placed.status == 201);
    // Whoever shows a token is who the token is for, whatever the body says.
    CHECK(placed.text("by") == "boss");
}

TEST_CASE("a token that is unknown, revoked or has another form opens nothing") {
    World world;
    const auto token = world.makeToken("ci", "admin");
    CHECK(world.sendWith(token + "x", "GET", "/deployments").status == 401);
    CHECK(world.sendWith("iac_", "GET", "/deployments").status == 401);
    CHECK(world.sendWith("", "GET", "/deployments").status == 401);
    Wire basic(world.port());
    basic.send(
        World::requestText("GET", "/deployments", "", {{"Authorization", "Basic " + token}}));
    CHECK(basic.receive().status == 401);
    Wire lower(world.port());
    lower.send(
        World::requestText("GET", "/deployments", "", {{"Authorization", "bearer " + token}}));
    CHECK(lower.receive().status == 200);

    CHECK(world.send("DELETE", "/tokens/ci").status == 200);
    const auto refused = world.sendWith(token, "GET", "/deployments");
    CHECK(refused.status == 401);
    CHECK(refused.headers.count("www-authenticate") == 1);
    CHECK(refused.body.find(token) == std::string::npos);
    CHECK(world.send("DELETE", "/tokens/ci").status == 404);
    // The name is free again.
    CHECK(world.makeToken("ci", "read") != token);
}

TEST_CASE("a token is made only with a name and a role that there can be") {
    World world;
    world.makeToken("ci", "read");
    CHECK(world.send("POST", "/tokens", R"({"name":"ci","role":"read"})").status == 409);
    for (const std::string body :
         {R"({"name":"ci"})", R"({"role":"read"})", R"({"name":"a/b","role":"read"})",
          R"({"name":"","role":"read"})", R"({"name":"x","role":"root"})",
          R"({"name":"x","role":"read","expires":"never"})", R"({"name":1,"role":"read"})",
          R"(["name"])", R"({"name":"x","name":"y","role":"read"})", "no json"}) {
        INFO(body);
        CHECK(world.send("POST", "/tokens", body).status == 400);
    }
    CHECK(world.get("/tokens").json()->getArray("tokens")->size() == 1);
}

TEST_CASE("with a token that may deploy, a trigger needs no signature") {
    World world;
    const auto deploy = world.makeToken("ci", "deploy");
    const auto accepted = world.sendWith(deploy, "POST", "/sync", kSync);
    CHECK(accepted.status == 202);
    const auto stored =
        world.history().deployment(accepted.json()->getValue<DeploymentId>("deployment_id"));
    REQUIRE(stored);
    CHECK(stored->triggered_by == "ci");

    CHECK(world.sendWith(world.makeToken("reader", "read"), "POST", "/sync", kSync).status == 403);
    CHECK(world.sendWith("iac_unknown", "POST", "/sync", kSync).status == 401);
    // What is no token of ours is for the trigger to judge: this one wants a signature.
    CHECK(world.sendWith("of-somebody-else", "POST", "/sync", kSync).status == 401);
    // Nobody can say for himself that he was recognized.
    CHECK(world.post("/sync", kSync, {{"caller", "ci"}, {"X-IAC-Caller", "ci"}}).status == 401);
}

TEST_CASE("neither a token nor a signature is ever logged") {
    World world;
    const auto token = world.makeToken("ci", "admin");
    const auto extra = signedPlain(kSync, "a guess");
    const auto file = world.folder() / "stderr.txt";
    {
        // Everything that this process logs, in the meantime.
        struct Redirected {
            explicit Redirected(const std::filesystem::path& to) : before(::dup(2)) {
                const Descriptor out(::open(to.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
                REQUIRE(::dup2(out.get(), 2) == 2);
                log::setLevel(log::Level::debug);
            }
            ~Redirected() {
                log::setLevel(log::Level::info);
                ::dup2(before.get(), 2);
            }
            Descriptor before;
        } const redirected(file);
        world.sendWith(token, "DELETE", "/holds/7");
        world.sendWith(token + "x", "GET", "/deployments");
        world.sendWith(token, "POST", "/tokens", R"({"name":"ci","role":"read"})");
        world.sendWith(token, "POST", "/tokens", R"({"name":"other","role":"read"})");
        world.post("/sync", kSync, extra);
    }
    std::ifstream in(file);
    const std::string logged(std::istreambuf_iterator<char>(in), {});
    CHECK(logged.find("/holds/7") != std::string::npos);
    CHECK(logged.find("\"other\"") != std::string::npos);
    CHECK(logged.find(token) == std::string::npos);
    CHECK(logged.find("iac_") == std::string::npos);
    CHECK(logged.find(extra.front().second.substr(7)) == std::string::npos);
}

TEST_CASE("a signature of the body alone does not do where the path says what is asked for") {
    World world;
    const std::string body = R"({"by":"ann"})";
    CHECK(world.post("/deployments/1/cancel", body, signedPlain(body, kSecret)).status == 401);
    CHECK(world.send("POST", "/deployments/1/cancel", body).status == 404);
    CHECK(world.send("POST", "/deployments/1/cancel").status == 404);
}

}  // namespace iac::http
