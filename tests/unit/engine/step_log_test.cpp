#include "history/step_log.hpp"

#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"

using namespace iac;
using history::StepLog;

namespace {

// What is kept of these pieces, with a limit of 20 bytes.
std::string kept(const std::vector<std::string>& pieces) {
    const fixtures::Folder folder;
    StepLog log(folder / "step.log", 20);
    for (const auto& piece : pieces) log.write(piece);
    log.finish();
    return fixtures::readFile(folder / "step.log");
}

}  // namespace

TEST_CASE("output up to the limit is kept as it is", "[step_log]") {
    CHECK(kept({}).empty());
    CHECK(kept({"short"}) == "short");
    CHECK(kept({"0123456789", "abcdefghij"}) == "0123456789abcdefghij");
}

TEST_CASE("of more than the limit the head and the tail are kept, and what is between is counted",
          "[step_log]") {
    CHECK(kept({"0123456789abcdefghijk"}) ==
          "0123456789\n... 1 bytes are left out here ...\nbcdefghijk");
    CHECK(kept({"0123456789", "abcde", "fghij", "klm", "nopqrstuvwxyz"}) ==
          "0123456789\n... 16 bytes are left out here ...\nqrstuvwxyz");
}

TEST_CASE("the last bytes are at hand for the diagnosis, in constant memory", "[step_log]") {
    const fixtures::Folder folder;
    StepLog log(folder / "step.log", 1'000);
    for (int i = 0; i < 1'000; ++i) log.write(std::string(1'000, 'x'));
    log.write("the end");
    CHECK(log.tail().size() <= 2 * StepLog::kTail);
    CHECK(log.tail().ends_with("xthe end"));
}

TEST_CASE("a full disk ends no task: what was lost is counted", "[step_log]") {
    StepLog log("/dev/full", 20);
    CHECK_NOTHROW(log.write("printed all the same"));
    CHECK(log.tail() == "printed all the same");
    CHECK_NOTHROW(log.finish());
}

TEST_CASE("a log that cannot be written says where", "[step_log]") {
    const fixtures::Folder folder;
    fixtures::writeFile(folder / "file", "");
    CHECK_THROWS(StepLog(folder / "file/step.log", 20));
}
