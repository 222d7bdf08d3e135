#include "world.hpp"

#include <Poco/JSON/Parser.h>
#include <Poco/Net/SocketAddress.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>

#include "description.hpp"
#include "history/step_log.hpp"

namespace iac::http {
namespace {

constexpr std::chrono::seconds kPatience{30};

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::string hmacHex(std::string_view secret, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data(), &size);
    std::string hex;
    for (unsigned i = 0; i < size; ++i)
        hex += {"0123456789abcdef"[digest[i] >> 4], "0123456789abcdef"[digest[i] & 15]};
    return hex;
}

}  // namespace

Poco::JSON::Object::Ptr Received::json() const {
    INFO("body: " << body);
    return Poco::JSON::Parser().parse(body).extract<Poco::JSON::Object::Ptr>();
}

std::string Received::list(const std::string& key) const {
    std::string joined;
    const auto array = json()->getArray(key);
    REQUIRE_FALSE(array.isNull());
    for (unsigned i = 0; i < array->size(); ++i)
        joined += (joined.empty() ? "" : " ") + array->getElement<std::string>(i);
    return joined;
}

Wire::Wire(std::uint16_t port) : socket_(Poco::Net::SocketAddress("127.0.0.1", port)) {
    socket_.setNoDelay(true);
}

void Wire::send(std::string_view bytes) {
    socket_.sendBytes(bytes.data(), static_cast<int>(bytes.size()), MSG_NOSIGNAL);
}

bool Wire::more(std::chrono::milliseconds most) {
    if (!socket_.poll(Poco::Timespan(most.count() * 1000), Poco::Net::Socket::SELECT_READ))
        return false;
    char piece[16 << 10];
    int got = 0;
    try {
        got = socket_.receiveBytes(piece, sizeof piece);
    } catch (const Poco::Exception&) {
        return false;  // reset: as good as an end
    }
    buffer_.append(piece, static_cast<std::size_t>(got));
    return got > 0;
}

Received Wire::receive() {
    Received received;
    std::size_t head = 0;
    while ((head = buffer_.find("\r\n\r\n")) == std::string::npos) {
        INFO("came so far: " << buffer_);
        REQUIRE(more(kPatience));
    }
    const std::string lines = buffer_.substr(0, head + 2);
    buffer_.erase(0, head + 4);
    REQUIRE(lines.substr(0, 9) == "HTTP/1.1 ");
    received.status = std::stoi(lines.substr(9, 3));
    for (std::size_t at = lines.find("\r\n") + 2; at < lines.size();) {
        const auto end = lines.find("\r\n", at), colon = lines.find(": ", at);
        received.headers[lower(lines.substr(at, colon - at))] =
            lines.substr(colon + 2, end - colon - 2);
        at = end + 2;
    }
    if (received.headers.count("transfer-encoding") != 0) {
        for (;;) {
            std::size_t line = 0;
            while ((line = buffer_.find("\r\n")) == std::string::npos) REQUIRE(more(kPatience));
            const std::size_t size = std::stoul(buffer_.substr(0, line), nullptr, 16);
            while (buffer_.size() < line + 2 + size + 2) REQUIRE(more(kPatience));
            received.body += buffer_.substr(line + 2, size);
            buffer_.erase(0, line + 2 + size + 2);
            if (size == 0) return received;
        }
    }
    const auto length = received.headers.find("content-length");
    const std::size_t size = length == received.headers.end() ? 0 : std::stoul(length->second);
    while (buffer_.size() < size) REQUIRE(more(kPatience));
    received.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return received;
}

std::string Wire::rest(std::chrono::milliseconds most) {
    const auto end = std::chrono::steady_clock::now() + most;
    while (std::chrono::steady_clock::now() < end && more(most)) {
    }
    return std::exchange(buffer_, {});
}

std::string Wire::some(std::chrono::milliseconds most) {
    if (buffer_.empty()) more(most);
    return std::exchange(buffer_, {});
}

bool Wire::closed(std::chrono::milliseconds most) {
    if (!socket_.poll(Poco::Timespan(most.count() * 1000), Poco::Net::Socket::SELECT_READ))
        return false;
    return !more(most);
}

std::string freshNonce() {
    static std::atomic<int> number{0};
    return "nonce-of-a-test-" + std::to_string(++number);
}

Extra signedPlain(std::string_view body, std::string_view secret) {
    return {{"X-Hub-Signature-256", "sha256=" + hmacHex(secret, body)}};
}

Extra signedStamped(std::string_view over, std::string_view secret, std::string nonce,
                    std::int64_t shift_seconds) {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const std::string time = std::to_string(now.count() + shift_seconds);
    const std::string bytes = time + "." + nonce + "." + std::string(over);
    return {{"X-IAC-Timestamp", time},
            {"X-IAC-Nonce", nonce},
            {"X-Hub-Signature-256", "sha256=" + hmacHex(secret, bytes)}};
}

World::World(const std::function<void(config::Settings&)>& tweak,
             std::map<std::string, std::function<bool()>> checks,
             std::function<engine::PlanAnswer(const engine::PlanQuestion&)> plan) {
    std::string path = (std::filesystem::temp_directory_path() / "http.XXXXXX").string();
    REQUIRE(mkdtemp(path.data()) != nullptr);
    folder_ = path;
    settings_.data = folder_;
    settings_.server.port = 0;
    settings_.server.secrets = {Secret(kSecret)};
    settings_.environments = {{"staging", {}, {}, {}}, {"production", {}, {}, {}}};
    for (const std::string name : {"postgres", "redis"}) {
        config::ServiceRule rule;
        rule.id = "platform/" + name;
        rule.executor = "invoke";
        rule.with = new Poco::JSON::Object;
        settings_.services.push_back(rule);
    }
    if (tweak) tweak(settings_);
    history_ =
        std::make_unique<history::History>(folder_ / "history.db", history::Limits{}, clock_);
    catalogue_.publish(planning::Catalogue(settings_.services, {}));
    registry_ = std::make_unique<plugin::Registry>(
        std::vector<std::filesystem::path>{IAC_BUILD_DIR "/lib/iac-runner/plugins"});
    trigger_ =
        std::make_unique<plugin::Trigger>(registry_->find("trigger", "iac.manual"),
                                          R"({"secret":")" + std::string(kTriggerSecret) +
                                              R"(","wait":0,"replay_protection":"optional"})");
    intake_ = std::make_unique<intake::Intake>(settings_, *history_, catalogue_, planner_,
                                               intake::Lookups{}, masker_, clock_);
    Rooms rooms;
    rooms.settings = &settings_;
    rooms.history = history_.get();
    rooms.intake = intake_.get();
    rooms.catalogue = &catalogue_;
    rooms.registry = registry_.get();
    rooms.triggers = {{"manual", "staging", trigger_.get()}};
    rooms.clock = &clock_;
    rooms.checks = std::move(checks);
    rooms.plan = std::move(plan);
    server_ = std::make_unique<Server>(std::move(rooms));
}

World::~World() {
    server_.reset();
    intake_.reset();
    history_.reset();
    std::error_code gone;
    std::filesystem::remove_all(folder_, gone);
}

Received World::ask(const std::string& method, const std::string& target, const std::string& body,
                    const Extra& extra) {
    Wire wire(port());
    wire.send(requestText(method, target, body, extra));
    const auto answer = wire.receive();
    const auto& description = Description::get();
    const auto type = answer.headers.find("content-type");
    INFO(method << " " << target << ": " << answer.status << " " << answer.body);
    CHECK(description.fault(description.find(method, target.substr(0, target.find('?'))),
                            answer.status, type == answer.headers.end() ? "" : type->second,
                            answer.body) == "");
    return answer;
}

std::string World::requestText(const std::string& method, const std::string& target,
                               const std::string& body, const Extra& extra) {
    std::string text = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n";
    for (const auto& [name, value] : extra) text += name + ": " + value + "\r\n";
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

Received World::get(const std::string& target) {
    return send("GET", target);
}

Received World::send(const std::string& method, const std::string& target,
                     const std::string& body) {
    return ask(method, target, body,
               signedStamped(method + " " + target + "." + body, kSecret, freshNonce()));
}

Received World::sendWith(const std::string& token, const std::string& method,
                         const std::string& target, const std::string& body) {
    return ask(method, target, body, {{"Authorization", "Bearer " + token}});
}

std::string World::makeToken(const std::string& name, const std::string& role) {
    const auto made =
        send("POST", "/tokens", R"({"name":")" + name + R"(","role":")" + role + "\"}");
    REQUIRE(made.status == 201);
    return made.text("token");
}

Received World::post(const std::string& target, const std::string& body, const Extra& extra) {
    return ask("POST", target, body, extra);
}

std::vector<Step> World::begin(DeploymentId id, const std::vector<std::string>& services) {
    const auto taken = history_->takeNext("staging");
    REQUIRE(taken);
    REQUIRE(taken->id == id);
    Plan plan;
    for (const auto& service : services) plan.services.push_back({service, "a test"});
    plan.skipped = {{"bootstrap/vault", "deployed by hand"}};
    return history_->setPlan(id, std::string(40, 'a'), plan,
                             std::vector<std::string>(services.size(), "invoke"));
}

void World::endStep(const Step& step, StepState state, const std::string& output) {
    const int attempt = history_->startAttempt(step.id);
    const auto running = history_->running();
    REQUIRE_FALSE(running.empty());
    history::StepLog log(history::stepLogFile(settings_.data, running.front(), step.id, attempt),
                         1 << 20);
    log.write(output);
    log.finish();
    history_->finishAttempt(step.id, attempt, {state, state == StepState::failed ? 1 : 0, "ended"});
    history::StepEnd end;
    end.state = state;
    if (state == StepState::failed)
        end.diagnosis = {"missing_task", "No task \"x\" in tasks.py", "Add the task."};
    history_->finishStep(step.id, end);
}

void World::end(DeploymentId id, DeploymentState state) {
    history::DeploymentEnd end;
    end.state = state;
    history_->finish(id, end);
}

DeploymentId deploy(World& world, const std::string& ref) {
    const auto answer =
        world.post("/deploy", R"({"env":"staging","ref":")" + ref + R"(","triggered_by":"ann"})");
    REQUIRE(answer.status == 202);
    return answer.json()->getValue<DeploymentId>("deployment_id");
}

std::string ids(const Received& page, const std::string& member) {
    std::string joined;
    const auto list = page.json()->getArray(member);
    for (unsigned i = 0; i < list->size(); ++i)
        joined += (joined.empty() ? "" : " ") + list->getObject(i)->getValue<std::string>("id");
    return joined;
}

}  // namespace iac::http
