#pragma once

#include <Poco/JSON/Object.h>

namespace iac::cli {

/// How a deployment ended, step by step, on stdout: for people.
void printResult(const Poco::JSON::Object::Ptr& deployment);

/// kDone when it succeeded, else kFailed.
int exitOf(const Poco::JSON::Object::Ptr& deployment);

}  // namespace iac::cli
