// The environment of a service as Dokploy keeps it: written by whoever, changed by us.
#include "dokploy/environment.hpp"

#include <iac/plugin.hpp>

#include "target.hpp"

using namespace iac;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::text(data, size);
    const auto all = dokploy::variablesOf(input);
    dokploy::templateIn(all, false);
    std::size_t end = 0;
    for (const auto& entry : dokploy::entriesOf(input)) {
        fuzz::require(end <= entry.begin && entry.begin < entry.end && entry.end <= input.size(),
                      "assignments stand in the text, one behind the other");
        end = entry.end;
    }
    // As a value of ours, beside others.
    const std::string value(input);
    if (const auto line = dokploy::assignment("OURS", value))
        fuzz::require(dokploy::variablesOf("A='1'\n" + *line + "\nB=2") ==
                          dokploy::Variables{{"A", "1"}, {"B", "2"}, {"OURS", value}},
                      "what is written is read back");
    // As a text of somebody else's, with ours set in it.
    try {
        auto expected = all;
        expected["OURS"] = "a b";
        expected.erase("GONE");
        const auto once = dokploy::merged(value, {{"OURS", "a b"}}, {"GONE"});
        fuzz::require(dokploy::variablesOf(once) == expected, "merging changes nothing else");
        fuzz::require(dokploy::merged(once, {{"OURS", "a b"}}, {"GONE"}) == once,
                      "merging twice is merging once");
    } catch (const Error& error) {
        fuzz::require(error.diagnosis().kind == "bad_environment", "a refusal says why");
    }
    return 0;
}
