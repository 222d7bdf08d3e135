#include "base/remove_tree.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "fixtures/folder.hpp"

using namespace iac;
namespace fs = std::filesystem;

namespace {

// The limit of open files, for as long as a test.
class FewDescriptors {
public:
    explicit FewDescriptors(rlim_t most) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit now{most, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &now);
    }
    ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    FewDescriptors(const FewDescriptors&) = delete;
    FewDescriptors& operator=(const FewDescriptors&) = delete;

private:
    rlimit before_{};
};

// Made from within: the whole path would be longer than a system call takes.
void nest(const fs::path& folder, int depth, const std::string& name) {
    const fs::path before = fs::current_path();
    fs::create_directories(folder);
    fs::current_path(folder);
    for (int i = 0; i < depth; ++i) {
        REQUIRE(::mkdir(name.c_str(), 0700) == 0);
        REQUIRE(::chdir(name.c_str()) == 0);
    }
    fixtures::writeFile("./deepest", "x");
    fs::current_path(before);
}

}  // namespace

TEST_CASE("removeTree removes what is nested deeper than there are descriptors", "[remove_tree]") {
    const fixtures::Folder folder;
    const fs::path tree = folder / "tree";
    nest(tree, 3'000, "d");
    nest(tree / "beside", 300, "a-long-name-of-a-folder-to-make-the-path-grow");
    const FewDescriptors few(64);
    std::error_code error;
    removeTree(tree, error);
    CHECK_FALSE(error);
    CHECK_FALSE(fs::exists(tree));
}

TEST_CASE("removeTree removes folders whatever their modes are", "[remove_tree]") {
    const fixtures::Folder folder;
    const fs::path tree = folder / "tree";
    fixtures::writeFile(tree / "a/b/c", "x");
    fixtures::writeFile(tree / "a/.removed-1/c", "x");
    fs::permissions(tree / "a/b", fs::perms::owner_read | fs::perms::owner_exec);
    fs::permissions(tree / "a", fs::perms::none);
    std::error_code error;
    removeTree(tree, error);
    CHECK_FALSE(error);
    CHECK_FALSE(fs::exists(tree));
}

TEST_CASE("removeTree removes many files and folders of one folder", "[remove_tree]") {
    const fixtures::Folder folder;
    const fs::path tree = folder / "tree";
    fixtures::writeFile(tree / "file", "x");
    fs::create_directories(tree / "below/empty");
    for (int i = 0; i < 5'000; ++i)
        fs::create_hard_link(tree / "file", tree / ("below/" + std::to_string(i)));
    for (int i = 0; i < 500; ++i)
        fixtures::writeFile(tree / ("folder" + std::to_string(i)) / "file", "x");
    std::error_code error;
    removeTree(tree, error);
    CHECK_FALSE(error);
    CHECK_FALSE(fs::exists(tree));
}

TEST_CASE("removeTree removes links, and never what they point to", "[remove_tree]") {
    const fixtures::Folder folder;
    fixtures::writeFile(folder / "kept/file", "x");
    const fs::path tree = folder / "tree";
    fs::create_directories(tree / "sub");
    fs::create_directory_symlink(folder / "kept", tree / "link");
    fs::create_directory_symlink(folder / "kept", tree / "sub/link");
    fs::create_symlink("nowhere", tree / "broken");
    std::error_code error;
    removeTree(tree, error);
    CHECK_FALSE(error);
    CHECK(fs::exists(folder / "kept/file"));
    fs::create_directory_symlink(folder / "kept", tree);
    removeTree(tree, error);
    CHECK_FALSE(fs::is_symlink(tree));
    CHECK(fs::exists(folder / "kept/file"));
    // What is not there is removed already.
    removeTree(tree, error);
    CHECK_FALSE(error);
}
