// bench.noop: an executor that does nothing, or keeps its lane busy by sleeping.
#include <chrono>
#include <iac/plugin.hpp>
#include <thread>

namespace {

class Noop final : public iac::Executor {
public:
    static constexpr iac::Info info{"bench.noop", "1.0.0",
                                    "Does nothing, for as long as it is told"};
    static constexpr const char* service_schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "seconds": {"type": "integer", "minimum": 0, "default": 0}}})";

    explicit Noop(const iac::Value&) {}

    iac::Outcome execute(const iac::Step& step, const iac::Call& call) override {
        const auto until = std::chrono::steady_clock::now() +
                           std::chrono::seconds(step.with.get<int>("seconds", 0));
        while (std::chrono::steady_clock::now() < until && !call.cancelled())
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        return iac::Outcome::unchanged();
    }
};

}  // namespace

IAC_PLUGINS(Noop);
