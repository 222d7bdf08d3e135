// iac.dokploy: brings one service of a Dokploy to one revision, and knows what became of it.

#include <iac/plugin.hpp>

#include "configuration.hpp"
#include "deployment.hpp"
#include "schemas.hpp"

namespace {

using iac::dokploy::Variables;

class Dokploy final : public iac::Executor {
public:
    static constexpr iac::Info info{"iac.dokploy", "1.0.0",
                                    "Deploys a service through Dokploy, and follows it to its end"};
    static constexpr const char* schema = iac::dokploy::kServerSchema;
    static constexpr const char* service_schema = iac::dokploy::kServiceSchema;

    explicit Dokploy(const iac::Value& config) : server_(iac::dokploy::serverOf(config)) {}

    iac::Outcome execute(const iac::Step& step, const iac::Call& call) override {
        iac::dokploy::LentWorld world(call);
        return iac::dokploy::deploy(step, call, world, server_, inherited(call));
    }

private:
    // The variables of the environment and the secrets of the service are lent to what exec() runs,
    // and to nobody else: one program prints them, to us alone.
    static Variables inherited(const iac::Call& call) {
        constexpr std::size_t kMost = 4u << 20;
        std::string printed;
        iac::Command command{{"env", "-0"}};
        command.quiet = true;
        command.on_output = [&printed](int stream, std::string_view bytes) {
            if (stream == 1) printed += bytes.substr(0, kMost - printed.size());
        };
        if (const int exit_code = call.exec(command); exit_code != 0)
            iac::fail("env -0 ended with exit code " + std::to_string(exit_code),
                      {"program_missing", "Install coreutils on the runner's host."});
        return iac::dokploy::inheritedFrom(printed);
    }

    const iac::dokploy::Server server_;
};

}  // namespace

IAC_PLUGINS(Dokploy);
