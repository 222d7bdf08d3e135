#include "cli/answers.hpp"

#include <unistd.h>

#include <iostream>

#include "cli/terminal.hpp"

namespace iac::cli {

using Object = Poco::JSON::Object::Ptr;

std::string textOf(const Object& object, const std::string& key) {
    return object.isNull() ? std::string() : plain(object->optValue<std::string>(key, {}));
}

std::vector<Object> objectsOf(const Object& object, const std::string& key) {
    std::vector<Object> found;
    if (object.isNull()) return found;
    const auto array = object->getArray(key);
    for (unsigned i = 0; !array.isNull() && i < array->size(); ++i)
        if (auto one = array->getObject(i)) found.push_back(one);
    return found;
}

std::vector<std::string> textsOf(const Object& object, const std::string& key) {
    std::vector<std::string> found;
    if (object.isNull()) return found;
    const auto array = object->getArray(key);
    for (unsigned i = 0; !array.isNull() && i < array->size(); ++i)
        found.push_back(plain(array->get(i).toString()));
    return found;
}

Object objectOf(const Object& object, const std::string& key) {
    return object.isNull() ? Object() : object->getObject(key);
}

std::string shownRef(const Object& deployment) {
    std::string ref = textOf(deployment, "ref");
    for (const std::string prefix : {"refs/heads/", "refs/tags/"})
        if (ref.starts_with(prefix)) ref.erase(0, prefix.size());
    return cut(ref, 24);
}

std::string shownRevision(const Object& deployment) {
    return textOf(deployment, "revision").substr(0, 10);
}

std::string shownTime(const Poco::JSON::Object::Ptr& object, const std::string& key) {
    return textOf(object, key).substr(0, 19);
}

void printJson(const Object& object) {
    object->stringify(std::cout, ::isatty(STDOUT_FILENO) == 1 ? 2 : 0);
    std::cout << '\n';
}

}  // namespace iac::cli
