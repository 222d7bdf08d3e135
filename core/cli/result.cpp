#include "cli/result.hpp"

#include <iostream>

#include "cli/answers.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

std::string headline(const Object& deployment) {
    std::string text =
        "Deployment " + textOf(deployment, "id") + " to " + textOf(deployment, "environment");
    const std::string ref = shownRef(deployment), revision = shownRevision(deployment);
    if (!ref.empty() && !revision.starts_with(ref.substr(0, revision.size()))) text += ", " + ref;
    if (!revision.empty()) text += " (" + revision + ")";
    if (deployment->optValue("dry_run", false)) text += ", dry run";
    return text + ": " + shownStatus(textOf(deployment, "status"));
}

void printStep(const Object& step) {
    constexpr std::size_t kStatus = 9;
    std::string summary = textOf(step, "summary");
    if (summary.empty() && textOf(step, "status") == "skipped") summary = textOf(step, "reason");
    std::cout << "  " << shownStatus(textOf(step, "status"), kStatus) << "  "
              << textOf(step, "service") << (summary.empty() ? "" : ": ") << summary << '\n';
    if (const auto next = textOf(step, "next_action"); !next.empty())
        std::cout << "  " << std::string(kStatus, ' ') << "  " << next << '\n';
}

}  // namespace

void printResult(const Object& deployment) {
    std::cout << headline(deployment) << '\n';
    const auto steps = objectsOf(deployment, "steps");
    for (const Object& step : steps) printStep(step);
    if (steps.empty() && exitOf(deployment) == kDone) std::cout << "  nothing was to be deployed\n";
    if (exitOf(deployment) != kDone)
        for (const char* key : {"summary", "next_action"})
            if (const auto text = textOf(deployment, key); !text.empty())
                std::cout << "  " << text << '\n';
}

int exitOf(const Object& deployment) {
    return textOf(deployment, "status") == "success" ? kDone : kFailed;
}

}  // namespace iac::cli
