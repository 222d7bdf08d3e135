#include "end_to_end/world.hpp"

#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <openssl/hmac.h>
#include <signal.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace iac::tests {
namespace {

// What a service manager gives, and one variable that no task may see. And what ThreadSanitizer is
// told of the libraries it cannot see into.
std::vector<std::string> plainEnvironment() {
    std::vector<std::string> all{
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp",
        "LANG=C.UTF-8", "ONLY_FOR_THE_DAEMON=1"};
    if (const char* options = std::getenv("TSAN_OPTIONS"))
        all.push_back(std::string("TSAN_OPTIONS=") + options);
    return all;
}

}  // namespace

Infrastructure::Infrastructure(const std::filesystem::path& folder) {
    std::filesystem::copy(std::filesystem::path(IAC_SOURCE_DIR) / "tests/fixtures/infrastructure",
                          folder, std::filesystem::copy_options::recursive);
    repository_.emplace(folder);
    commit("Begin");
}

void Infrastructure::write(const std::string& file, const std::string& text) {
    fixtures::writeFile(folder() / file, text);
}

Poco::JSON::Object::Ptr Reply::json() const {
    return Poco::JSON::Parser().parse(body).extract<Poco::JSON::Object::Ptr>();
}

std::string Reply::at(const std::string& member) const {
    auto object = json();
    std::string rest = member;
    for (std::size_t dot = rest.find('.'); dot != std::string::npos; dot = rest.find('.')) {
        object = object->getObject(rest.substr(0, dot));
        rest.erase(0, dot + 1);
    }
    if (!object->has(rest)) return "(absent)";
    const auto value = object->get(rest);
    if (value.isString()) return value.extract<std::string>();
    std::ostringstream text;
    Poco::JSON::Stringifier::stringify(value, text);
    return text.str();
}

std::string hmacHex(const std::string& secret, const std::string& bytes) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    ::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest, &size);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        constexpr const char* digits = "0123456789abcdef";
        hex += {digits[digest[i] >> 4], digits[digest[i] & 15]};
    }
    return hex;
}

std::string configuration(const std::filesystem::path& repository, const std::string& more) {
    const std::string secret = "\"" + std::string(kSecret) + "\"";
    return R"(server:
  listen: 127.0.0.1:0
  secret: )" +
           secret + R"(
data: ./data
repository:
  url: )" + repository.string() +
           R"(
  branch: main
environments:
  staging: { variables: { DEPLOY_ENV: staging } }
  production: { variables: { DEPLOY_ENV: production } }
services:
  - discover: "platform/{order}.{name}/deploy.py"
    id: "platform/{name}"
    executor: invoke
    with: { task: "{name}.sync" }
triggers:
  github: { plugin: iac.github, environment: staging, with: { secret: )" +
           secret + R"( } }
  manual: { plugin: iac.manual, with: { secret: )" +
           secret + R"(, wait: 60 } }
mappers:
  - plugin: iac.path-rules
    with:
      rules:
        - { path: "bootstrap/**", skip: "deployed by hand" }
        - { path: "platform/*.{name}/**", service: "platform/{name}" }
        - { path: "libs/**", service: "platform/*" }
executors:
  invoke: { plugin: iac.invoke, timeout: 60s }
notifiers:
  - plugin: iac.log
)" + more;
}

std::vector<std::string> commandedDisk(const std::string& command) {
    const auto library =
        std::filesystem::path(IAC_BUILD_DIR) / "tests/end_to_end/commanded_disk.so";
    // A sanitizer minds that it is not loaded first.
    return {"LD_PRELOAD=" + library.string(), "ASAN_OPTIONS=verify_asan_link_order=0", command};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::filesystem::path binary() {
    return std::filesystem::path(IAC_BUILD_DIR) / "bin/iac-runner";
}

CommandEnd runCommand(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& environment) {
    std::vector<std::string> argv{binary().string()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    CommandEnd end;
    RunLimits limits;
    limits.timeout = Duration{60'000};
    limits.output = [&end](int stream, std::string_view bytes) {
        (stream == 1 ? end.out : end.err) += bytes;
    };
    auto all = plainEnvironment();
    all.insert(all.end(), environment.begin(), environment.end());
    end.exit_code = run({argv, all, ""}, {}, limits).exit.code;
    return end;
}

Daemon::Daemon(const std::filesystem::path& folder, const std::string& text,
               const std::vector<std::string>& environment, const std::vector<std::string>& prefix)
    : configuration_(folder / "iac-runner.yaml") {
    std::ofstream(configuration_) << text;
    auto variables = plainEnvironment();
    for (const auto& one : environment) {
        const std::string name = one.substr(0, one.find('=') + 1);
        std::erase_if(variables, [&](const auto& plain) { return plain.starts_with(name); });
        variables.push_back(one);
    }
    Program program{prefix, variables, folder.string()};
    for (const auto& one : {binary().string(), std::string("serve"), std::string("--config"),
                            configuration_.string()})
        program.argv.push_back(one);
    child_ = std::make_unique<Child>(program, Child::Descriptors{{stderr_.write.get(), 2}});
    stderr_.write.close();
    reader_ = std::thread([this] {
        char buffer[4096];
        for (ssize_t size = 0; (size = ::read(stderr_.read.get(), buffer, sizeof buffer)) > 0;) {
            log_.lock()->append(buffer, static_cast<std::size_t>(size));
            logged_.ring();
        }
        log_.lock()->append("(end)\n");
        logged_.ring();
    });
    const std::string sign = "listening on 127.0.0.1:";
    const bool listens = awaitLog(sign);
    INFO(log());
    if (!environment.empty() && !listens) return;
    REQUIRE(listens);
    const std::string all = log();
    port_ = static_cast<std::uint16_t>(std::stoi(all.substr(all.find(sign) + sign.size())));
}

Daemon::~Daemon() {
    child_.reset();
    reader_.join();
    // What a sanitizer found in the daemon fails the test, however the daemon ended.
    const std::string all = log();
    const bool clean = all.find("Sanitizer") == std::string::npos &&
                       all.find("runtime error:") == std::string::npos;
    INFO(all);
    CHECK(clean);
}

bool Daemon::awaitLog(const std::string& text, std::chrono::seconds timeout, std::size_t from) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (true) {
        const auto seen = logged_.count();
        const std::string all = log();
        if (all.find(text, from) != std::string::npos) return true;
        if (all.ends_with("(end)\n") || std::chrono::steady_clock::now() >= deadline) return false;
        logged_.waitUntil(seen, deadline);
    }
}

std::string Daemon::log() {
    return *log_.lock();
}

Reply Daemon::request(const std::string& method, const std::string& path, const std::string& body,
                      const std::map<std::string, std::string>& headers) const {
    Poco::Net::HTTPClientSession session("127.0.0.1", port_);
    session.setTimeout(Poco::Timespan(120, 0));
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
    for (const auto& [name, value] : headers) request.set(name, value);
    if (!body.empty() || method == "POST")
        request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    session.sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    Reply reply;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), reply.body);
    reply.status = response.getStatus();
    for (const auto& [name, value] : response) reply.headers[name] = value;
    return reply;
}

Reply Daemon::signedPost(const std::string& path, const std::string& body,
                         const std::map<std::string, std::string>& headers) const {
    auto all = headers;
    // A signature of the body alone is for triggers.
    const auto route = path.substr(0, path.find('?'));
    if (route == "/webhook" || route == "/deploy" || route == "/sync") {
        all.emplace("X-Hub-Signature-256", "sha256=" + hmacHex(kSecret, body));
    } else {
        all.merge(stamped("POST", path, body));
    }
    all.emplace("Content-Type", "application/json");
    return request("POST", path, body, all);
}

std::map<std::string, std::string> Daemon::stamped(const std::string& method,
                                                   const std::string& path,
                                                   const std::string& body) {
    static std::atomic<int> counter{0};
    const std::string timestamp = std::to_string(::time(nullptr));
    const std::string nonce =
        "nonce-" + std::to_string(::getpid()) + "-" + std::to_string(++counter);
    const std::string bytes = timestamp + "." + nonce + "." + method + " " + path + "." + body;
    return {{"X-IAC-Timestamp", timestamp},
            {"X-IAC-Nonce", nonce},
            {"X-Hub-Signature-256", "sha256=" + hmacHex(kSecret, bytes)}};
}

Reply Daemon::get(const std::string& path) const {
    return request("GET", path, "", stamped("GET", path));
}

Reply Daemon::post(const std::string& path, const std::string& body) const {
    return request("POST", path, body, stamped("POST", path, body));
}

Reply Daemon::push(const std::string& before, const std::string& after,
                   const std::vector<std::string>& modified, const std::string& delivery) const {
    std::string paths;
    for (const auto& one : modified) paths += (paths.empty() ? "\"" : ",\"") + one + "\"";
    const std::string body =
        R"({"ref":"refs/heads/main","before":")" + before + R"(","after":")" + after +
        R"(","created":false,"deleted":false,"forced":false,"pusher":{"name":"octo"},"commits":[{"id":")" +
        after + R"(","message":"A change","added":[],"removed":[],"modified":[)" + paths +
        R"(]}],"head_commit":{"id":")" + after + R"(","message":"A change\n\nwith a body"}})";
    std::map<std::string, std::string> headers{{"X-GitHub-Event", "push"}};
    if (!delivery.empty()) headers["X-GitHub-Delivery"] = delivery;
    return signedPost("/webhook", body, headers);
}

Poco::JSON::Object::Ptr Daemon::awaitDeployment(std::int64_t id) {
    const std::string path = "/deployments/" + std::to_string(id);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(90);
    while (true) {
        const auto seen = logged_.count();
        const Reply reply = get(path);
        REQUIRE(reply.status == 200);
        const std::string status = reply.at("status");
        if (status != "queued" && status != "running") return reply.json();
        INFO(log());
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        // Each end of a deployment is a line of the log: nothing to ask before there is a new one.
        logged_.waitUntil(seen, deadline);
    }
}

bool Daemon::reload(const std::string& text) {
    return isTakenOverAfter([&] {
        std::ofstream(configuration_) << text;
        ::kill(child_->pid(), SIGHUP);
    });
}

Exit Daemon::stop() {
    ::kill(child_->pid(), SIGTERM);
    return child_->wait();
}

void Daemon::kill() {
    ::kill(child_->pid(), SIGKILL);
    child_->wait();
}

std::int64_t idOf(const Reply& reply) {
    INFO(reply.body);
    return reply.json()->getValue<std::int64_t>("deployment_id");
}

ChangedRedis::ChangedRedis() {
    infrastructure.write(kFile, "changed\n");
    after = infrastructure.commit("Change redis");
}

Reply ChangedRedis::push(const Daemon& daemon) const {
    return daemon.push(before, after, {kFile}, "the-delivery");
}

}  // namespace iac::tests
