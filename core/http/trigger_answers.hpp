#pragma once

#include <Poco/JSON/Array.h>

#include <string>
#include <string_view>
#include <vector>

#include "http/answer.hpp"
#include "intake/intake.hpp"
#include "model/deployment.hpp"
#include "planning/catalogue.hpp"

namespace iac::http {

/// The answers to whoever asked for a deployment, the same for every trigger, retry and rollback.

/// "/deployments/7"
std::string deploymentUrl(DeploymentId id);
/// The full ids of what is to be deployed, in order.
Poco::JSON::Array::Ptr plannedIds(const Plan& plan);

/// What an answer says beside the deployment.
struct Beside {
    DeploymentId retry_of = 0, rollback_of = 0;  ///< what it comes from; 0: nothing before
    std::vector<std::string> warnings = {};      ///< what of the request was ignored
    bool text_ids = false;                       ///< server.compatibility.deployment_id
};

/// 200: understood, nothing is to be done. `event`: what the sender calls it; empty: no name.
Answer ignoredAnswer(std::string_view reason, std::string_view event = {});
/// 200: the event touches no service.
Answer noChangesAnswer(const Plan& plan, const Beside& beside = {});
/// 202: it is on disk and will be deployed.
Answer acceptedAnswer(const intake::Receipt& receipt, const planning::Catalogue* catalogue,
                      Time now, const Beside& beside = {});

enum class As {
    outcome,      ///< final: 200 when it succeeded, else 500, so that `curl --fail` fails
    in_progress,  ///< the caller waited and it is not done: 202
    duplicate,    ///< it stood there before, and the caller did not wait: 200
    status,       ///< how it is now: 200, and in_progress, success or failed
};
/// A deployment in the one form for all triggers: what http-api shows for /deploy and for /sync.
Answer deploymentAnswer(const Deployment& deployment, const planning::Catalogue* catalogue, As as,
                        bool duplicate, const Beside& beside = {});

}  // namespace iac::http
