#include "intake/checks.hpp"

#include <Poco/String.h>

#include "intake/intake.hpp"
#include "repository/mirror.hpp"

namespace iac::intake {
namespace {

std::string environmentNames(const config::Settings& settings) {
    std::string names;
    for (const auto& one : settings.environments) names += (names.empty() ? "" : ", ") + one.name;
    return names;
}

}  // namespace

void checkEnvironment(const config::Settings& settings, std::string_view environment) {
    if (settings.environment(environment) == nullptr)
        throw Refused(422, "there is no environment \"" + std::string(environment) +
                               "\" (there are: " + environmentNames(settings) + ")");
}

void checkRef(const Event& event) {
    if (!event.ref.empty() && !repository::isValidRef(event.ref))
        throw Refused(400,
                      "\"" + event.ref + "\" is no valid name of a branch or tag, and no full SHA");
    for (const std::string& sha : {event.revision, event.before})
        if (!sha.empty() && !isFullSha(sha))
            throw Refused(
                400,
                "\"" + sha + "\" is no full commit SHA: 40 or 64 hexadecimal digits in lower case");
}

void checkActor(std::string_view by) {
    const auto begin = by.find_first_not_of(' ');
    if (begin == std::string_view::npos) return;
    const std::string name(by.substr(begin, by.find_last_not_of(' ') + 1 - begin));
    if (Poco::icompare(name, std::string(kFreeze)) == 0)
        throw Refused(422, "the name \"" + std::string(kFreeze) +
                               "\" is reserved for freezes; give your own");
}

}  // namespace iac::intake
