#include "base/utf8.hpp"
#include "plugin/inside.hpp"
#include "plugin/instance.hpp"

namespace iac::plugin {
namespace {

// Of one call: every path of a large change, several times over.
constexpr std::size_t kMostMapped = 1'000'000;

struct MapperInput : CallInput {
    std::vector<std::string> paths, services;
};

Mapped readMapped(const Emitted& emitted) {
    Mapped mapped;
    mapped.skip = emitted.has("skip");
    mapped.service = emitted.text(mapped.skip ? "skip" : "service");
    mapped.path = emitted.text("path");
    mapped.why = emitted.text(mapped.skip ? "reason" : "rule");
    if (mapped.service.empty()) emitted.fail("it names neither a service nor one to skip");
    return mapped;
}

std::shared_ptr<const CallInput> inputOf(const std::vector<std::string>& paths,
                                         const std::vector<std::string>& services,
                                         std::string_view environment) {
    auto input = std::make_shared<MapperInput>();
    input->paths.reserve(paths.size());
    // Git's paths are any bytes, and what a plugin gets is text.
    for (const auto& path : paths) input->paths.push_back(pathText(path));
    input->services = services;
    auto& document = input->document;
    document.setRoot(
        document.object({{"paths", document.list(input->paths)},
                         {"services", document.list(input->services)},
                         {"environment", document.text(input->keep(std::string(environment)))}}));
    input->bodiless = *document.root();
    return input;
}

}  // namespace

class Mapper::Instance {
public:
    const std::unique_ptr<plugin::Instance> called;
};

Mapper::Mapper(const Plugin& plugin, std::string_view config, const CallSettings& settings)
    : instance_(new Instance{makeInstance(plugin, config, settings)}) {}
Mapper::~Mapper() = default;
Mapper::Mapper(Mapper&&) noexcept = default;
Mapper& Mapper::operator=(Mapper&&) noexcept = default;

void Mapper::stop() const {
    instance_->called->stop();
}

std::vector<Mapped> Mapper::map(const std::vector<std::string>& paths,
                                const std::vector<std::string>& services,
                                std::string_view environment) const {
    const auto& called = *instance_->called;
    const auto answer = called.call("map", inputOf(paths, services, environment), kMostMapped);
    if (answer.status != IAC_OK) throw Failed(called.name() + " failed: " + answer.message);
    std::vector<Mapped> result;
    result.reserve(answer.emitted.size());
    for (const auto& json : answer.emitted) result.push_back(readMapped(Emitted(called, json)));
    return result;
}

}  // namespace iac::plugin
