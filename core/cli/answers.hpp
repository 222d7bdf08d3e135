#pragma once

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <string>
#include <vector>

namespace iac::cli {

/// What an answer of the daemon says, for a terminal. What is not there is empty text; nothing here
/// throws because a member is missing.

std::string textOf(const Poco::JSON::Object::Ptr& object, const std::string& key);
std::vector<Poco::JSON::Object::Ptr> objectsOf(const Poco::JSON::Object::Ptr& object,
                                               const std::string& key);
std::vector<std::string> textsOf(const Poco::JSON::Object::Ptr& object, const std::string& key);
Poco::JSON::Object::Ptr objectOf(const Poco::JSON::Object::Ptr& object, const std::string& key);

/// The ref without refs/heads/ and refs/tags/, and the first digits of the revision.
std::string shownRef(const Poco::JSON::Object::Ptr& deployment);
std::string shownRevision(const Poco::JSON::Object::Ptr& deployment);
/// A time without its fraction and zone.
std::string shownTime(const Poco::JSON::Object::Ptr& object, const std::string& key);

/// As JSON on stdout, indented for people on a terminal.
void printJson(const Poco::JSON::Object::Ptr& object);

}  // namespace iac::cli
