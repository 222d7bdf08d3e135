#include "engine/step_folders.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "engine/task_environment.hpp"
#include "fixtures/folder.hpp"
#include "fixtures/other_user.hpp"

using namespace iac;
namespace fs = std::filesystem;

namespace {

struct stat statusOf(const fs::path& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status;
}
mode_t modeOf(const fs::path& path) {
    return statusOf(path).st_mode & 07777;
}

}  // namespace

TEST_CASE("the folders of the runner's own steps lie in the data folder itself", "[step_folders]") {
    const fixtures::Folder data;
    CHECK(engine::stepFolder(data.path(), nullptr) == data.path());
    CHECK(modeOf(data.path()) == 0700);
    const engine::Scratch scratch(data.path(), 3, 1, nullptr);
    CHECK(scratch.folder() == data / "scratch/3-1");
    CHECK(modeOf(scratch.folder()) == 0700);
}

TEST_CASE("the folders of a user's steps can be passed through, and nothing can be listed",
          "[step_folders]") {
    if (!fixtures::mayRunAsOthers()) return;
    const fixtures::Folder data;
    const Account user = fixtures::nobody();
    const fs::path own = engine::stepFolder(data.path(), &user);
    CHECK(own == data / "users" / std::to_string(user.ids.uid));
    CHECK(modeOf(data.path()) == 0711);
    CHECK(modeOf(data / "users") == 0711);
    CHECK(modeOf(own) == 0710);
    CHECK(statusOf(own).st_uid == ::geteuid());
    CHECK(statusOf(own).st_gid == user.ids.gid);
    for (const char* part : {"work", "scratch"}) {
        CHECK(modeOf(own / part) == 0711);
        CHECK(statusOf(own / part).st_uid == ::geteuid());
    }
    // It is made again as it has to be, whatever became of it.
    fs::permissions(own, fs::perms::all);
    engine::stepFolder(data.path(), &user);
    CHECK(modeOf(own) == 0710);
}

TEST_CASE("a scratch folder is the user's, and what it leaves is the runner's", "[step_folders]") {
    if (!fixtures::mayRunAsOthers()) return;
    const fixtures::Folder data;
    const Account user = fixtures::nobody();
    const fs::path other = data / "of somebody else";
    fixtures::writeFile(other, "secret");
    REQUIRE(::chown(other.c_str(), 1, 1) == 0);
    fs::path folder;
    {
        const engine::Scratch scratch(data.path(), 3, 1, &user);
        folder = scratch.folder();
        CHECK(statusOf(folder).st_uid == user.ids.uid);
        CHECK(modeOf(folder) == 0700);
        const fs::path output = engine::taskOutputFile(folder);
        SECTION("a file that nobody may read") {
            fixtures::writeFile(output, "outcome=unchanged\n");
            REQUIRE(::chown(output.c_str(), user.ids.uid, user.ids.gid) == 0);
            fs::permissions(output, fs::perms::none);
            scratch.takeBack();
            CHECK(statusOf(output).st_uid == ::geteuid());
            CHECK(modeOf(output) == 0600);
            CHECK(engine::readTaskOutput(output).outcome == "unchanged");
        }
        SECTION("another name of somebody else's file") {
            fs::create_hard_link(other, output);
            scratch.takeBack();
        }
        SECTION("a link to somebody else's file") {
            fs::create_symlink(other, output);
            scratch.takeBack();
            CHECK_FALSE(engine::readTaskOutput(output).invalid.empty());
        }
        SECTION("nothing") {
            scratch.takeBack();
        }
        CHECK(statusOf(folder).st_uid == ::geteuid());
        CHECK(modeOf(folder) == 0700);
        CHECK(statusOf(other).st_uid == 1);
    }
    CHECK_FALSE(fs::exists(folder));
    CHECK(fixtures::readFile(other) == "secret");
}
