#include <catch2/catch.hpp>

#include <sqlite3.h>

#include "world.hpp"

namespace iac::http {
namespace {

constexpr const char* kTarget = "/deployments?limit=5";
const std::string kGet = std::string("GET ") + kTarget + ".";
const std::string kSync = R"({"all":true})";
const std::string kSyncPost = "POST /sync." + kSync;

int getWith(World& world, const Extra& extra, const std::string& target = kTarget) {
    Wire wire(world.port());
    wire.send(World::requestText("GET", target, "", extra));
    return wire.receive().status;
}

}  // namespace

TEST_CASE("the history is shown to whoever signs method and target, and to nobody else") {
    World world;
    CHECK(getWith(world, signedStamped(kGet, kSecret, freshNonce())) == 200);
    CHECK(getWith(world, {}) == 401);
    CHECK(getWith(world, signedStamped(kGet, "another secret", freshNonce())) == 401);
    CHECK(getWith(world, signedStamped("DELETE /deployments.", kSecret, freshNonce())) == 401);
    CHECK(getWith(world, signedStamped(kGet, kSecret, freshNonce()), "/deployments") == 401);
    CHECK(getWith(world, {{"Authorization", "Bearer abc"}}) == 401);
    // A signature over nothing at all must not open everything.
    CHECK(getWith(world, signedPlain("", kSecret)) == 401);
}

TEST_CASE("the history can be read while nothing can be written") {
    World world;
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open((world.folder() / "history.db").c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    CHECK(getWith(world, signedStamped(kGet, kSecret, freshNonce())) == 200);
    sqlite3_close(other);
}

TEST_CASE("a signature is not taken when it has another form") {
    World world;
    auto extra = signedStamped(kGet, kSecret, freshNonce());
    auto& signature = extra.back().second;
    SECTION("without the scheme") {
        signature = signature.substr(7);
    }
    SECTION("one digit short") {
        signature.pop_back();
    }
    SECTION("with a letter that is no digit") {
        signature.back() = 'g';
    }
    SECTION("empty") {
        signature.clear();
    }
    CHECK(getWith(world, extra) == 401);
}

TEST_CASE("a refused request says why, and how it wants to be signed") {
    World world;
    Wire wire(world.port());
    wire.send(World::requestText("GET", kTarget, "", {}));
    const auto answer = wire.receive();
    CHECK(answer.status == 401);
    CHECK(answer.headers.count("www-authenticate") == 1);
    CHECK(answer.text("error").find("X-Hub-Signature-256") != std::string::npos);
}

TEST_CASE("two secrets are valid while one is being replaced") {
    World world([](config::Settings& settings) {
        settings.server.secrets = {Secret("the new one"), Secret("the old one")};
    });
    CHECK(getWith(world, signedStamped(kGet, "the new one", freshNonce())) == 200);
    CHECK(getWith(world, signedStamped(kGet, "the old one", freshNonce())) == 200);
    CHECK(getWith(world, signedStamped(kGet, kSecret, freshNonce())) == 401);
}

TEST_CASE("without a secret nobody is let in") {
    World world([](config::Settings& settings) { settings.server.secrets.clear(); });
    CHECK(getWith(world, signedStamped(kGet, "", freshNonce())) == 401);
}

TEST_CASE("a signed request is taken once, and only near its time") {
    World world;
    const auto once = signedStamped(kGet, kSecret, freshNonce());
    CHECK(getWith(world, once) == 200);
    CHECK(getWith(world, once) == 401);
    CHECK(getWith(world, signedStamped(kGet, kSecret, freshNonce(), -290)) == 200);
    CHECK(getWith(world, signedStamped(kGet, kSecret, freshNonce(), -310)) == 401);
    CHECK(getWith(world, signedStamped(kGet, kSecret, freshNonce(), 310)) == 401);
    CHECK(getWith(world, signedStamped(kGet, kSecret, "short")) == 401);
    CHECK(getWith(world, signedStamped(kGet, kSecret, "with a space")) == 401);
}

TEST_CASE("a wrong signature does not use a nonce up") {
    World world;
    const auto nonce = freshNonce();
    CHECK(getWith(world, signedStamped(kGet, "a guess", nonce)) == 401);
    CHECK(getWith(world, signedStamped(kGet, kSecret, nonce)) == 200);
}

TEST_CASE("a trigger's request with a timestamp is taken once") {
    World world;
    const auto extra = signedStamped(kSyncPost, kTriggerSecret, freshNonce());
    CHECK(world.post("/sync", kSync, extra).status == 202);
    CHECK(world.post("/sync", kSync, extra).status == 401);
    CHECK(world.post("/sync", kSync, signedStamped(kSyncPost, kTriggerSecret, freshNonce(), -400))
              .status == 401);
}

TEST_CASE("a stamped signature counts for its method and path alone") {
    World world;
    const std::string body = R"({"by":"ann"})";
    const auto made = [](const std::string& over) {
        return signedStamped(over, kSecret, freshNonce());
    };
    CHECK(world.post("/deployments/1/cancel", body, made("POST /deployments/2/cancel." + body))
              .status == 401);
    CHECK(world.post("/deployments/1/retry", body, made("POST /deployments/1/cancel." + body))
              .status == 401);
    CHECK(world.post("/deployments/1/cancel?x=1", body, made("POST /deployments/1/cancel." + body))
              .status == 401);
    CHECK(world.post("/deployments/1/cancel", body, made(body)).status == 401);  // as it once was
    CHECK(world.post("/deployments/1/cancel", body, made("POST /deployments/1/cancel." + body))
              .status == 404);
    const std::string deploy = R"({"env":"staging","ref":"main","wait":0})";
    CHECK(world
              .post("/deploy", deploy,
                    signedStamped("POST /sync." + deploy, kTriggerSecret, freshNonce()))
              .status == 401);
}

TEST_CASE("a signature of the body alone opens no route of the runner itself") {
    World world;
    const std::vector<std::pair<std::string, std::string>> requests{
        {"/tokens", R"({"name":"again","role":"admin"})"},
        {"/rollback", R"({"env":"staging"})"},
        {"/holds", R"({"env":"staging","reason":"a test"})"},
        {"/plan", R"({"files":["a"]})"}};
    for (const auto& [path, body] : requests) {
        INFO(path);
        CHECK(world.post(path, body, signedPlain(body, kSecret)).status == 401);
    }
    CHECK(world.history().tokens().empty());
    CHECK(world.history().holds()->empty());
}

TEST_CASE("with server.replay_protection: optional a signed body plans, and mints no token") {
    World world(
        [](config::Settings& settings) { settings.server.replay_protection_required = false; });
    const std::string plan = R"({"files":["a"]})", token = R"({"name":"again","role":"admin"})";
    CHECK(world.post("/plan", plan, signedPlain(plan, kSecret)).status != 401);
    CHECK(world.post("/tokens", token, signedPlain(token, kSecret)).status == 401);
}

TEST_CASE("nobody but a signed sender fills the table of nonces of a trigger") {
    World world;
    const auto nonce = freshNonce();
    CHECK(world.post("/sync", kSync, signedStamped(kSyncPost, "a guess", nonce)).status == 401);
    CHECK(world.post("/sync", kSync, signedStamped(kSyncPost, kTriggerSecret, nonce)).status ==
          202);
}

TEST_CASE("a request to a trigger that is refused does not use its nonce up") {
    World world;
    const std::string unknown = R"({"services":["platform/mysql"]})";
    const auto nonce = freshNonce();
    CHECK(
        world.post("/sync", unknown, signedStamped("POST /sync." + unknown, kTriggerSecret, nonce))
            .status == 422);
    CHECK(world.post("/sync", kSync, signedStamped(kSyncPost, kTriggerSecret, nonce)).status ==
          202);
    CHECK(world.post("/sync", kSync, signedStamped(kSyncPost, kTriggerSecret, nonce)).status ==
          401);
}

TEST_CASE("a refused request leaves nothing behind") {
    World world;
    CHECK(world.post("/sync", kSync, signedPlain(kSync, "a guess")).status == 401);
    CHECK(world.history().deployments({}).empty());
}

}  // namespace iac::http
