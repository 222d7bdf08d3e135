#include "base/log.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>

#include "base/descriptor.hpp"

namespace {

// What is written to stderr meanwhile; less than a pipe takes.
std::string said(const std::function<void()>& talk) {
    iac::Pipe pipe;
    const iac::Descriptor before(::dup(STDERR_FILENO));
    ::dup2(pipe.write.get(), STDERR_FILENO);
    talk();
    ::dup2(before.get(), STDERR_FILENO);
    pipe.write.close();
    std::string text(4096, '\0');
    const auto size = ::read(pipe.read.get(), text.data(), text.size());
    return text.substr(0, size < 0 ? 0 : static_cast<std::size_t>(size));
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a log line is one line, whatever is logged", "[log]") {
    const std::string text = said(
        [] { iac::log::info("engine", "a\n2025-01-24T04:51:00Z info engine: forged\x1b[0m"); });
    CHECK(contains(text, "engine: a\\x0a2025-01-24T04:51:00Z info engine: forged\\x1b[0m\n"));
    CHECK(text.find('\n') == text.size() - 1);
}

TEST_CASE("a log line has no secret", "[log]") {
    iac::Masker masker;
    masker.learn({"hunter\n22"});
    iac::log::setMasker(&masker);
    const std::string text = said([] { iac::log::error("engine", "it is hunter\n22"); });
    iac::log::setMasker(nullptr);
    CHECK(contains(text, "engine: it is [secret]\n"));
}

TEST_CASE("what is less important than asked for is not printed", "[log]") {
    using namespace iac::log;
    CHECK(said([] { debug("engine", "hidden"); }).empty());
    setLevel(Level::warning);
    CHECK(said([] { info("engine", "hidden"); }).empty());
    CHECK(contains(said([] { warning("engine", "shown"); }), "engine: shown\n"));
    setLevel(Level::info);
}
