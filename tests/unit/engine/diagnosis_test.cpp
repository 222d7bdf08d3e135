#include "engine/diagnosis.hpp"

#include <catch2/catch.hpp>

using iac::engine::diagnose;

TEST_CASE("what a task printed tells what kind of failure it was", "[diagnosis]") {
    const auto [output, kind] = GENERATE(table<const char*, const char*>({
        {"Traceback ...\nModuleNotFoundError: No module named 'hvac'\n", "missing_python_module"},
        {"No idea what 'redis.sync' is!\n", "missing_task"},
        {"Error: Vault: permission denied\n", "vault_denied"},
        {"write /var/lib/x: no space left on device\n", "disk_full"},
        {"OSError: [Errno 12] Cannot allocate memory\n", "out_of_memory"},
        {"git@github.com: Permission denied (publickey).\n", "git_authentication"},
        {"everything is on fire\n", "step_failed"},
    }));
    CAPTURE(output);
    const auto found = diagnose({}, "invoke redis.sync ended with exit code 1", output);
    CHECK(found.error_kind == kind);
    CHECK(found.summary == "invoke redis.sync ended with exit code 1");
    CHECK_FALSE(found.next_action.empty());
}

TEST_CASE("a denial of one service is not taken for that of another", "[diagnosis]") {
    CHECK(diagnose({}, "dokploy: 401 for compose.deploy", "").error_kind == "dokploy_key_refused");
    CHECK(diagnose({}, "the registry answered 401", "").error_kind == "step_failed");
}

TEST_CASE("the rules of the configuration come before those that are built in", "[diagnosis]") {
    const std::vector<iac::config::DiagnosisRule> rules{
        {{"No Space Left"}, "volume_full", "the volume is full", "Grow it."},
        {{"first", "second"}, "either", "", "Look."}};
    const auto full = diagnose(rules, "it failed", "write: no space left on device");
    CHECK(full.error_kind == "volume_full");
    CHECK(full.summary == "the volume is full");
    CHECK(full.next_action == "Grow it.");
    CHECK(diagnose(rules, "the SECOND of them", "").error_kind == "either");
    CHECK(diagnose(rules, "the SECOND of them", "").summary == "the SECOND of them");
    CHECK(diagnose(rules, "No idea what 'x' is!", "").error_kind == "missing_task");
}
