// A file of the configuration, as far as it is read without its schema: YAML with the line of
// everything, durations, sizes, times as in crontab, and KEY=value files.
#include "config/cron.hpp"
#include "config/document.hpp"
#include "config/env_file.hpp"
#include "config/units.hpp"
#include "target.hpp"

using namespace iac;

namespace {

void readWords(std::string_view text) {
    if (const auto duration = config::parseDuration(text))
        fuzz::require(duration->count() >= 0 && *duration <= std::chrono::hours(24 * 366 * 100),
                      "a duration is within its limit");
    if (const auto bytes = config::parseSize(text))
        fuzz::require(*bytes <= config::kLargestSize, "a size is within its limit");
    std::string why;
    const auto cron = config::Cron::parse(text, why);
    fuzz::require(cron.has_value() == why.empty(), "what is no pattern has a reason");
    try {
        for (const auto& [name, value] : config::parseEnvFile(text))
            fuzz::require(config::isVariableName(name), "a name is one");
    } catch (const std::runtime_error&) {
        return;  // the sentence for a file that is none
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::text(data, size);
    readWords(input.substr(0, input.find('\n')));
    if (input.find('\n') != input.npos) readWords(input);
    try {
        const auto document = config::parseDocument("input", std::string(input));
        for (const auto& [path, line] : document.origins.lines)
            fuzz::require(line >= 1 && static_cast<std::size_t>(line) <= size + 1,
                          "a line is one of the file");
    } catch (const config::Invalid&) {
        return 0;  // the sentences for a file that is none
    }
    return 0;
}
