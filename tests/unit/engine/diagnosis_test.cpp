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

TEST_CASE("the failures of the first users are named", "[diagnosis]") {
    const auto [output, kind] = GENERATE(table<const char*, const char*>({
        {"RuntimeError: DOKPLOY_API_KEY not set\n", "missing_secret"},
        {"ValueError: VAULT_ROOT_TOKEN is not set in the environment\n", "missing_secret"},
        {"Dokploy API: 401 Unauthorized for compose.deploy\n", "dokploy_key_refused"},
        {"httpx.HTTPStatusError: Client error '401 Unauthorized' for url "
         "'https://cloud.example.com/api/compose.one'\n",
         "dokploy_key_refused"},
        {"Permission denied accessing secret/data/platform/staging/redis\n", "vault_denied"},
        {"Vault at https://vault.example.com is unreachable\n", "vault_unreachable"},
        {"Error: Vault is sealed\n", "vault_unreachable"},
        {"Get \"https://vault:8200/v1/auth\": dial tcp: connection refused\n", "vault_unreachable"},
        {"could not read item: bootstrap/vault/Root Token\n", "onepassword_item_missing"},
        {"[ERROR] 2026/11/25 \"redis\" isn't an item in the \"platform\" vault\n",
         "onepassword_item_missing"},
        {"No GitHub provider found in Dokploy\n", "dokploy_git_provider_missing"},
        {"AppRole staging/redis: credentials missing\n", "vault_approle_missing"},
        {"Container redis-1  is unhealthy\n", "container_unhealthy"},
        {"fatal: No names found, cannot describe anything.\n", "git_no_tags"},
        {"Error response from daemon: manifest for redis:99 not found: manifest unknown\n",
         "image_missing"},
        {"Bind for 0.0.0.0:5432 failed: port is already allocated\n", "port_taken"},
        {"Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n",
         "docker_unreachable"},
        {"socket.gaierror: [Errno -2] Name or service not known\n", "name_not_resolved"},
    }));
    CAPTURE(output);
    CHECK(diagnose({}, "invoke redis.sync ended with exit code 1", output).error_kind == kind);
}

TEST_CASE("signs that stand in different lines are not put together", "[diagnosis]") {
    for (const char* output :
         {"reading from vault\nregistry: permission denied\n", "deploying to dokploy\nHTTP 401\n",
          "vault: ok\nwaiting for db: connection refused\n", "the key is\nnot set\n",
          "all containers are healthy\n", "tests: 401 passed\n", "unhealthy food\n"}) {
        CAPTURE(output);
        CHECK(diagnose({}, "it failed", output).error_kind == "step_failed");
    }
    // A text of the configuration is taken as it stands.
    const std::vector<iac::config::DiagnosisRule> rules{{{"a & b"}, "both", "", "Look."}};
    CHECK(diagnose(rules, "b then a", "").error_kind == "step_failed");
    CHECK(diagnose(rules, "a & b", "").error_kind == "both");
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
