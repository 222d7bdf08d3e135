// bench.by-folder: a mapper that does little, so that its calls cost what the border costs.
#include "by_folder.hpp"

#include <iac/plugin.hpp>

namespace {

class ByFolder final : public iac::Mapper {
public:
    static constexpr iac::Info info{"bench.by-folder", "1.0.0",
                                    "Maps platform/NAME/... to the service platform/NAME"};
    static constexpr bool concurrent = true;

    explicit ByFolder(const iac::Value&) {}

    void map(const iac::Change& change, const iac::Mapping& mapping) override {
        bench::byFolder(change.paths, change.services,
                        [&](const std::string& service, const std::string& path, const char* rule) {
                            mapping.service(service, path, rule);
                        });
    }
};

}  // namespace

IAC_PLUGINS(ByFolder);
