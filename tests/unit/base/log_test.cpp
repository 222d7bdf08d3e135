#include "base/log.hpp"

#include <catch2/catch.hpp>

#include "fixtures/standard_error.hpp"

using iac::fixtures::standardError;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a log line is one line, whatever is logged", "[log]") {
    const std::string text = standardError(
        [] { iac::log::info("engine", "a\n2025-01-24T04:51:00Z info engine: forged\x1b[0m"); });
    CHECK(contains(text, "engine: a\\x0a2025-01-24T04:51:00Z info engine: forged\\x1b[0m\n"));
    CHECK(text.find('\n') == text.size() - 1);
}

TEST_CASE("a log line has no secret", "[log]") {
    iac::Masker masker;
    masker.learn({"hunter\n22"});
    iac::log::setMasker(&masker);
    const std::string text = standardError([] { iac::log::error("engine", "it is hunter\n22"); });
    iac::log::setMasker(nullptr);
    CHECK(contains(text, "engine: it is [secret]\n"));
}

TEST_CASE("what is less important than asked for is not printed", "[log]") {
    using namespace iac::log;
    CHECK(standardError([] { debug("engine", "hidden"); }).empty());
    setLevel(Level::warning);
    CHECK(standardError([] { info("engine", "hidden"); }).empty());
    CHECK(contains(standardError([] { warning("engine", "shown"); }), "engine: shown\n"));
    setLevel(Level::info);
}
