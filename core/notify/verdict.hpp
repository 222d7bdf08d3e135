#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "history/history.hpp"
#include "model/deployment.hpp"

namespace iac::notify {

/// All that decides whether a notifier is told of a move. It comes from the configuration and the
/// history alone, so that a restart changes nothing.
struct Circumstances {
    config::NotifierUse use;
    history::OutboxMessage message;
    Deployment deployment;             ///< as it is now, with its steps
    std::vector<Step> steps_before;    ///< History::stepsBefore()
    std::optional<Deployment> before;  ///< History::deploymentBefore(), with its steps
    bool heard_of_before = true;       ///< false: the end of `before` could not be told
    bool later_waits = false;          ///< another message of the deployment waits behind this one
};

struct Verdict {
    enum class Is { tell, tell_recovered, drop };
    Is is = Is::tell;
    std::string_view because;  ///< of the rule that decided: "nothing was changed"
};

/// The first rule that applies decides; where none does, the notifier is told. The rules stand in
/// verdict.cpp, in their order.
Verdict judge(const Circumstances& circumstances);

/// Whether a service is meant by a pattern of `when.service`: `*` stands for anything. A pattern
/// without a slash is held against the short name ("postgres" means "platform/postgres").
bool isMeant(const std::string& pattern, const std::string& service);

}  // namespace iac::notify
