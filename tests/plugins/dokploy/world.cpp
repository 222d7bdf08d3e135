#include <iac/plugin.hpp>

#include "dokploy/environment.hpp"
#include "simulation.hpp"

namespace iac::test {
namespace {

constexpr double kTimeout = 30;
constexpr double kAnswer = 0.05;

bool isWrite(const std::string& url) {
    return url.find("compose.update") != std::string::npos ||
           url.find("saveEnvironment") != std::string::npos;
}

bool isDeploy(const std::string& url) {
    return url.find(".deploy") != std::string::npos && url.find("deployment.") == std::string::npos;
}

}  // namespace

Faults Faults::of(int severity) {
    if (severity == 0) return {};
    const double s = severity == 1 ? 0.01 : 0.05;
    return {s, s, s, s, s / 2, s, s / 5, s / 4, s / 2, s / 2, s / 20};
}

void FaultyWorld::pass(double seconds) {
    now_ += seconds;
    dokploy.advance();
}

void FaultyWorld::pause(double seconds) {
    if (disturbing && chance(faults_.cancel)) throw Error(IAC_CANCELLED, "cancelled");
    pass(seconds);
}

// What others do meanwhile.
void FaultyWorld::disturb() {
    if (chance(faults_.restart)) {
        dokploy.restart();
        away_until_ = now_ + pick(1, 90);
    }
    if (watched.empty()) return;
    auto& service = dokploy.service(watched);
    if (chance(faults_.other_deployment)) dokploy.deploy(watched, "Manual deployment", "");
    if (chance(faults_.other_writer)) {
        const std::string line = "OTHER_" + std::to_string(++other_writes) + "=\"x\"";
        const auto text = service.environment.value_or("");
        service.environment = text.empty() ? line : text + "\n" + line;
        ++written_;
    }
}

Reply FaultyWorld::passOn(const Request& request) {
    fakes::HttpRequest got;
    got.method = request.method;
    got.path = request.url.substr(request.url.find('/', request.url.find("://") + 3));
    got.body = request.body;
    for (const auto& line : request.headers) {
        const auto colon = line.find(": ");
        std::string name = line.substr(0, colon);
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        got.headers[name] = line.substr(colon + 2);
    }
    if (request.url.find(".one?") != std::string::npos) read_at_ = written_;
    if (isWrite(request.url) && read_at_ != written_) blind_loss = true;
    const auto answer = dokploy.handle(got);
    return {answer.status, answer.body, {"content-type: " + answer.type}};
}

Reply FaultyWorld::http(const Request& request) {
    ++asked;
    pass(kAnswer);
    if (!disturbing) return passOn(request);
    disturb();
    if (chance(faults_.crash)) throw Crash();
    if (now_ < away_until_) return {pick(502, 504), "Bad Gateway", {}};
    if (chance(faults_.no_connection)) throw Error(IAC_RETRY, "no connection");
    if (chance(faults_.gateway_before)) return {pick(502, 504), "<html>", {}};
    if (chance(faults_.slow)) pass(pick(1, 25));
    Reply reply = passOn(request);
    if (chance(faults_.crash)) throw Crash();
    if (chance(faults_.lost_answer)) {
        pass(kTimeout);
        throw Error(IAC_RETRY, "no answer in time");
    }
    if (chance(faults_.gateway_after)) return {pick(502, 504), "Bad Gateway", {}};
    const bool changes = isDeploy(request.url) || isWrite(request.url);
    if (changes && reply.status == 200 && chance(faults_.empty)) reply.body.clear();
    return reply;
}

}  // namespace iac::test
