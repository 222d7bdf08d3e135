#pragma once

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <string>

namespace iac::config {

/// The object or array in a value, or null: Poco's own getters make one of what is none.
Poco::JSON::Object::Ptr asObject(const Poco::Dynamic::Var& value);
Poco::JSON::Array::Ptr asArray(const Poco::Dynamic::Var& value);

/// A copy that shares nothing.
Poco::Dynamic::Var deepCopy(const Poco::Dynamic::Var& value);

/// The schema of an object's member: of `properties`, or `additionalProperties`; null when neither
/// says anything.
Poco::JSON::Object::Ptr memberSchema(const Poco::JSON::Object::Ptr& schema, const std::string& key);

/// A copy of a schema without `anyOf` and `oneOf`, at every depth.
Poco::Dynamic::Var withoutForms(const Poco::Dynamic::Var& schema);

}  // namespace iac::config
