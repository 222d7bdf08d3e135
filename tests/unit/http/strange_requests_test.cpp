#include "strange_requests.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "http/routes.hpp"
#include "world.hpp"

namespace iac::http {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 20261123;
constexpr std::size_t kRequests = 3'000;
constexpr auto kTime = 20s;

std::uint64_t seed() {
    const char* said = std::getenv("IAC_TEST_SEED");
    return said == nullptr ? kSeed : std::strtoull(said, nullptr, 10);
}

/// Everything that a request may leave behind.
struct Traces {
    explicit Traces(World& world) {
        history::DeploymentQuery newest;
        newest.limit = 1;
        for (const auto& one : world.history().deployments(newest)) deployment = one.id;
        history::EventQuery last;
        last.limit = 1;
        for (const auto& one : world.history().events(last)) event = one.id;
        holds = world.history().holds()->size();
        for (const auto& token : world.history().tokens()) tokens += token.revoked_at ? 0 : 1;
    }
    bool operator==(const Traces&) const = default;
    DeploymentId deployment = 0;
    EventId event = 0;
    std::size_t holds = 0, tokens = 0;
};

class Client {
public:
    Client(World& world, StrangeRequests& make) : world_(world), make_(make) {
        for (const std::string role : {"read", "deploy", "admin"})
            tokens_.push_back(world.makeToken("of-" + role, role));
    }

    void ask(const Operation& operation) {
        auto asked = make_.make(operation);
        for (auto& header : proof(asked)) asked.headers.push_back(header);
        const Traces before(world_);
        INFO(asked.method << " " << asked.target << "\n" << asked.body);
        Wire wire(world_.port());
        wire.send(World::requestText(asked.method, asked.target, asked.body, asked.headers));
        auto answer = wire.receive();
        if (answer.status == 100) answer = wire.receive();
        INFO(answer.status << " " << answer.body);
        const auto path = asked.target.substr(0, asked.target.find('?'));
        const auto type = answer.headers.find("content-type");
        CHECK(Description::get().fault(Description::get().find(asked.method, path), answer.status,
                                       type == answer.headers.end() ? "" : type->second,
                                       answer.body) == "");
        // No place to wait is free: that is all that may fail here.
        const bool wanted_events = path.ends_with("/log");
        CHECK((answer.status < 500 || (answer.status == 503 && wanted_events)));
        if (answer.status >= 400) CHECK((Traces(world_) == before));
        ++answers_[answer.status];
    }
    const std::map<int, std::size_t>& answers() const { return answers_; }

private:
    Extra proof(const StrangeRequests::Asked& asked) {
        const std::string over = asked.method + " " + asked.target + "." + asked.body;
        switch (make_.below(10)) {
            case 0:
                return {};
            case 1:
                return {{"Authorization", "Bearer iac_nobody"}};
            case 2:
                return signedPlain(asked.body, make_.chance(50) ? kSecret : kTriggerSecret);
            case 3:
            case 4:
                return signedStamped(over, kSecret, freshNonce());
            case 5:
            case 6:
                return signedStamped(over, kTriggerSecret, freshNonce());
            default:
                return {{"Authorization", "Bearer " + make_.pick(tokens_)}};
        }
    }

    World& world_;
    StrangeRequests& make_;
    std::vector<std::string> tokens_;
    std::map<int, std::size_t> answers_;
};

}  // namespace

TEST_CASE("whatever is asked, the answer is one that is described, and a refusal changes nothing") {
    // Nobody waits here: an answer that takes long would be taken for one that never comes.
    World world([](config::Settings& settings) { settings.server.limits.waiting_callers = 0; }, {},
                [](const engine::PlanQuestion&) -> engine::PlanAnswer {
                    throw engine::CannotDeploy({"ref_not_found", "There is no such ref.", ""});
                });
    StrangeRequests make(seed());
    Client client(world, make);
    INFO("IAC_TEST_SEED=" << seed());
    const auto& operations = Description::get().operations();
    const auto end = std::chrono::steady_clock::now() + kTime;
    std::size_t asked = 0;
    for (; asked < kRequests && std::chrono::steady_clock::now() < end; ++asked)
        client.ask(operations.at(asked % operations.size()));
    // It has asked everything more than once, and was understood and refused in every way.
    CHECK(asked > 5 * operations.size());
    for (const int status : {200, 202, 400, 401, 403, 404}) {
        INFO(status);
        CHECK(client.answers().count(status) == 1);
    }
    CHECK(world.ask("GET", "/health", "", {}).status == 200);
}

}  // namespace iac::http
