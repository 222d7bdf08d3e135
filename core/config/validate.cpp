#include "config/validate.hpp"

#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/poco_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "config/schema.hpp"

namespace iac::config {

std::vector<RawFinding> validate(const Poco::JSON::Object::Ptr& json,
                                 const Poco::Dynamic::Var& value) {
    using Adapter = valijson::adapters::PocoJsonAdapter;
    valijson::Schema schema;
    try {
        const Poco::Dynamic::Var node(json);
        valijson::SchemaParser(valijson::SchemaParser::kDraft7)
            .populateSchema(Adapter(node), schema);
    } catch (const std::exception& error) {
        throw SchemaFault(std::string("is not a JSON Schema: ") + error.what());
    }
    valijson::ValidationResults results;
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    if (validator.validate(schema, Adapter(value), &results)) return {};

    std::vector<RawFinding> findings;
    for (const auto& error : results) {
        RawFinding finding{{}, error.description};
        // "<root>", "[services]", "[2]", "[executor]"
        for (std::size_t i = 1; i < error.context.size(); ++i) {
            const auto& token = error.context[i];
            finding.tokens.push_back(token.substr(1, token.size() - 2));
        }
        findings.push_back(std::move(finding));
    }
    return findings;
}

}  // namespace iac::config
