#pragma once

#include <chrono>
#include <optional>

#include "http/answer.hpp"
#include "http/request.hpp"
#include "http/site.hpp"
#include "http/trigger_answers.hpp"
#include "intake/intake.hpp"

namespace iac::http {

/// How long the caller wants to wait for the end: what the header Prefer says comes before the
/// query, and the query before `said` (the body, or what the trigger is configured with).
std::chrono::seconds wishedWait(const Request& request, std::optional<int> said);

/// The answer to whoever asked for a deployment: 202 at once, or how it is after the wait; 200 when
/// nothing is to be done. Waits on one of the bounded places.
Answer answerReceipt(const Site& site, const intake::Receipt& receipt, std::chrono::seconds wish,
                     Request& request, const Beside& beside = {});

}  // namespace iac::http
