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
    const auto found = diagnose("invoke redis.sync ended with exit code 1", output);
    CHECK(found.error_kind == kind);
    CHECK(found.summary == "invoke redis.sync ended with exit code 1");
    CHECK_FALSE(found.next_action.empty());
}

TEST_CASE("a denial of one service is not taken for that of another", "[diagnosis]") {
    CHECK(diagnose("dokploy: 401 for compose.deploy", "").error_kind == "dokploy_key_refused");
    CHECK(diagnose("the registry answered 401", "").error_kind == "step_failed");
}
