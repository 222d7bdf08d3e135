// @id@: a file below FOLDER/NAME/ touches the service FOLDER/NAME.
#include <iac/plugin.hpp>

#include <algorithm>

namespace {

class @Class@ final : public iac::Mapper {
public:
    static constexpr iac::Info info{"@id@", IAC_PLUGIN_VERSION,
                                    "Maps FOLDER/NAME/... to the service FOLDER/NAME"};
    static constexpr const char* schema = R"({
        "type": "object", "additionalProperties": false,
        "properties": {
            "folder": {
                "type": "string", "minLength": 1, "default": "platform",
                "description": "The folder of the repository that holds one folder for each service."}}})";

    // A mapper has no state that changes: it may be asked by several threads at once.
    static constexpr bool concurrent = true;

    explicit @Class@(const iac::Value& config)
        : prefix_(config.get<std::string>("folder") + "/") {}

    // No I/O here, and the same answer every time: it runs inside the runner, for every push.
    void map(const iac::Change& change, const iac::Mapping& mapping) override {
        for (const std::string& path : change.paths) {
            const auto end = path.find('/', prefix_.size());
            if (path.compare(0, prefix_.size(), prefix_) != 0 || end == path.npos) continue;
            const std::string service = path.substr(0, end);
            const auto& known = change.services;
            if (std::find(known.begin(), known.end(), service) != known.end())
                mapping.service(service, path, prefix_ + "NAME/...");
        }
    }

private:
    const std::string prefix_;
};

}  // namespace

IAC_PLUGINS(@Class@);
