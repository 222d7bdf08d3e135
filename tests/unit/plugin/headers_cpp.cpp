// The SDK's headers alone, as C++17 and as C++20: all of the wrapper instantiated once.
#include <iac/plugin.hpp>

namespace {

struct Everything final : iac::Executor {
    static constexpr iac::Info info{"test.everything", "1.0.0", "Uses all of the wrapper"};
    explicit Everything(const iac::Value& config)
        : texts(config.get<std::vector<std::string>>("texts")),
          number(config.get<std::uint64_t>("number", 1)) {}
    iac::Outcome execute(const iac::Step& step, const iac::Call& call) override {
        const iac::Value parsed = call.parse("[1]");
        for (std::size_t i = 0; i < parsed.count(); ++i) call.output(parsed[i].json());
        call.exec({"true"});
        const iac::Reply reply = call.http({"GET", "https://example.com"});
        call.emit(iac::Object().set("x", iac::Array().add(number)).set("y", texts).set("z", true));
        return reply.header("etag") ? iac::Outcome::changed(step.service)
                                    : iac::Outcome::unchanged();
    }
    std::vector<std::string> texts;
    std::uint64_t number;
};

}  // namespace

IAC_PLUGINS(Everything);
