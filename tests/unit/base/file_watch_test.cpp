#include "base/file_watch.hpp"

#include <poll.h>

#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"

using iac::FileWatch;
using iac::fixtures::writeFile;

namespace {

bool awaitSomething(const FileWatch& watch) {
    pollfd watched{watch.descriptor(), POLLIN, 0};
    return ::poll(&watched, 1, 20'000) == 1;
}

}  // namespace

TEST_CASE("a file that is written, replaced or removed has changed", "[file_watch]") {
    const iac::fixtures::Folder folder;
    const auto file = folder.path() / "secrets.env";
    writeFile(file, "A=1\n");
    FileWatch watch({file});
    CHECK_FALSE(watch.changed());
    SECTION("written") {
        writeFile(file, "A=22\n");
    }
    SECTION("replaced by a rename") {
        writeFile(folder.path() / "fresh", "A=2\n");
        std::filesystem::rename(folder.path() / "fresh", file);
    }
    SECTION("removed") {
        std::filesystem::remove(file);
    }
    REQUIRE(awaitSomething(watch));
    CHECK(watch.changed());
    CHECK_FALSE(watch.changed());
}

TEST_CASE("a file behind a link that is turned to another folder has changed", "[file_watch]") {
    const iac::fixtures::Folder folder;
    for (const char* each : {"one", "two"}) {
        std::filesystem::create_directory(folder.path() / each);
        writeFile(folder.path() / each / "secrets.env", "A=1\n");
    }
    // As Kubernetes does it: the file is a link through "..data", which is replaced.
    std::filesystem::create_symlink("one", folder.path() / "..data");
    std::filesystem::create_symlink("..data/secrets.env", folder.path() / "secrets.env");
    FileWatch watch({folder.path() / "secrets.env"});
    std::filesystem::create_symlink("two", folder.path() / "..next");
    std::filesystem::rename(folder.path() / "..next", folder.path() / "..data");
    REQUIRE(awaitSomething(watch));
    CHECK(watch.changed());
}

TEST_CASE("what happens to another file is no change", "[file_watch]") {
    const iac::fixtures::Folder folder;
    writeFile(folder.path() / "secrets.env", "A=1\n");
    FileWatch watch({folder.path() / "secrets.env"});
    writeFile(folder.path() / "other", "B=1\n");
    REQUIRE(awaitSomething(watch));
    CHECK_FALSE(watch.changed());
}

TEST_CASE("a file whose folder is not there is no fault, and does not change", "[file_watch]") {
    const iac::fixtures::Folder folder;
    FileWatch watch({folder.path() / "nowhere" / "secrets.env"});
    CHECK_FALSE(watch.changed());
}
