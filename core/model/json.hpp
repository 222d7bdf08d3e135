#pragma once

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <string>
#include <string_view>

#include "model/deployment.hpp"
#include "model/event.hpp"

namespace iac {

/// The values of the model as the API and the notifiers show them: snake_case, times as RFC 3339,
/// what is not known is absent instead of null, and all text is valid UTF-8.

/// An object that keeps its members in the order they were set.
Poco::JSON::Object::Ptr jsonObject();
/// The same as text.
std::string jsonText(Poco::JSON::Object::Ptr object);
/// Sets a member, unless the text is empty.
void setText(Poco::JSON::Object::Ptr object, const std::string& key, std::string_view text);

enum class Detail {
    list,  ///< as an entry of a list: without its steps
    full,  ///< with its steps and their attempts
};
Poco::JSON::Object::Ptr toJson(const Deployment& deployment, Detail detail);
Poco::JSON::Object::Ptr toJson(const Event& event);
Poco::JSON::Object::Ptr toJson(const Plan& plan);
/// [{"service", "reason"}]
Poco::JSON::Array::Ptr toJson(const std::vector<SkippedService>& skipped);

/// A deployment with its steps, as JSON text: the body of GET /deployments/{id}, and what a
/// notifier is told.
std::string deploymentJson(const Deployment& deployment);

}  // namespace iac
