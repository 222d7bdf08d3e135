#include "cli/following.hpp"

#include <algorithm>
#include <chrono>
#include <ostream>
#include <thread>

#include "cli/answers.hpp"
#include "cli/terminal.hpp"
#include "model/states.hpp"

namespace iac::cli {
namespace {

using Object = Poco::JSON::Object::Ptr;

/// Between two questions when the log of a deployment cannot be followed to its end.
constexpr std::chrono::seconds kBetweenQuestions{1};
/// How long a daemon that restarts is waited for.
constexpr int kMostFailures = 60;

bool ended(const Object& deployment) {
    const auto state = deploymentState(textOf(deployment, "status"));
    return state && isFinal(*state);
}

/// A log that may be told from its beginning again: only what is new goes on.
class Progress {
public:
    explicit Progress(std::ostream* out) : out_(out) {}

    void begin() { place_ = 0; }
    void operator()(std::string_view bytes) {
        const std::size_t known = std::min(bytes.size(), shown_ - std::min(shown_, place_));
        place_ += bytes.size();
        shown_ = std::max(shown_, place_);
        if (out_ != nullptr) *out_ << text_.next(bytes.substr(known)) << std::flush;
    }

private:
    std::ostream* out_;
    TerminalText text_{false};
    std::size_t shown_ = 0, place_ = 0;
};

}  // namespace

Object awaitEnd(Client& client, std::string id, std::ostream* out) {
    int failures = 0;
    Progress progress(out);
    for (;;) {
        bool whole = false;
        Object deployment;
        try {
            progress.begin();
            whole = client.stream("/deployments/" + id + "/log?follow=1",
                                  [&](std::string_view bytes) { progress(bytes); });
        } catch (const Unreachable&) {
            // Perhaps only no place to follow was free: the next question tells.
        }
        try {
            deployment = client.get("/deployments/" + id);
            failures = 0;
        } catch (const Unreachable&) {
            if (++failures >= kMostFailures) throw;
        }
        if (!deployment.isNull() && ended(deployment)) {
            const std::string next = textOf(deployment, "superseded_by");
            if (next.empty()) return deployment;
            if (out != nullptr)
                *out << "Deployment " << id << " was taken over by " << next << ".\n";
            id = next;
            progress = Progress(out);
        } else if (!whole || failures > 0) {
            std::this_thread::sleep_for(kBetweenQuestions);
        }
    }
}

}  // namespace iac::cli
