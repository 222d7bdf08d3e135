#pragma once

#include <Poco/JSON/Object.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace iac::http {

using Json = Poco::Dynamic::Var;
using JsonObject = Poco::JSON::Object::Ptr;

/// One operation of the description of the API.
struct Operation {
    struct Parameter {
        std::string name, in;
        JsonObject schema;
    };
    std::string method;  ///< "GET"
    std::string path;    ///< "/deployments/{id}"
    std::string role;
    std::vector<Parameter> parameters;
    JsonObject body;                    ///< the schema of a JSON body; null: it takes none
    std::map<int, JsonObject> answers;  ///< by status: the whole response
};

/// core/http/openapi.yaml as the daemon serves it, for whoever checks answers against it.
class Description {
public:
    static const Description& get();

    const std::vector<Operation>& operations() const { return operations_; }
    /// Of a path as it is asked for, without its query; null: there is none.
    const Operation* find(const std::string& method, const std::string& path) const;
    /// Statuses that any request may get.
    const std::set<int>& transport() const { return transport_; }

    /// What is wrong with an answer, in a sentence; empty: it is as described. `operation` may be
    /// null: then only what any request may get is.
    std::string fault(const Operation* operation, int status, const std::string& type,
                      const std::string& body) const;
    /// The schema itself where one only refers to it.
    JsonObject resolved(JsonObject schema) const;

private:
    Description();
    Operation operation(const std::string& path, const std::string& method,
                        const JsonObject& of_path) const;
    std::string check(const Json& value, JsonObject schema, const std::string& at) const;
    std::string checkObject(const JsonObject& value, const JsonObject& schema,
                            const std::string& at) const;

    JsonObject root_;
    std::vector<Operation> operations_;
    std::set<int> transport_;
};

}  // namespace iac::http
