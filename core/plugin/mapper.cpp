#include "base/utf8.hpp"
#include "plugin/inside.hpp"
#include "plugin/instance.hpp"

namespace iac::plugin {
namespace {

// Of one call: every path of a large change, several times over.
constexpr std::size_t kMostMapped = 1'000'000;

Mapped readMapped(const Emitted& emitted) {
    Mapped mapped;
    mapped.skip = emitted.has("skip");
    mapped.service = emitted.text(mapped.skip ? "skip" : "service");
    mapped.path = emitted.text("path");
    mapped.why = emitted.text(mapped.skip ? "reason" : "rule");
    if (mapped.service.empty()) emitted.fail("it names neither a service nor one to skip");
    return mapped;
}

}  // namespace

class Mapper::Instance : public InsideInstance {
    using InsideInstance::InsideInstance;
};

Mapper::Mapper(const Plugin& plugin, std::string_view config)
    : instance_(std::make_unique<Instance>(plugin, config)) {}
Mapper::~Mapper() = default;
Mapper::Mapper(Mapper&&) noexcept = default;
Mapper& Mapper::operator=(Mapper&&) noexcept = default;

std::vector<Mapped> Mapper::map(const std::vector<std::string>& paths,
                                const std::vector<std::string>& services,
                                std::string_view environment) const {
    // Git's paths are any bytes, and what a plugin gets is text.
    std::vector<std::string> texts;
    texts.reserve(paths.size());
    for (const auto& path : paths) texts.push_back(pathText(path));
    Document input;
    input.setRoot(input.object({{"paths", input.list(texts)},
                                {"services", input.list(services)},
                                {"environment", input.text(environment)}}));
    const auto answer = instance_->call(*input.root(), kMostMapped);
    if (answer.status != IAC_OK) throw Failed(instance_->name() + " failed: " + answer.message);
    std::vector<Mapped> result;
    result.reserve(answer.emitted.size());
    for (const auto& json : answer.emitted) result.push_back(readMapped(Emitted(*instance_, json)));
    return result;
}

}  // namespace iac::plugin
