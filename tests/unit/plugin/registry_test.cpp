#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "plugin/file_identity.hpp"
#include "unit/plugin/fixture.hpp"

namespace iac::plugin {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

// Why the only file of that folder is refused, without "plugin FILE ".
std::string whyRefused(const PluginFolder& folder, const std::string& name) {
    const Registry registry({folder.path()});
    REQUIRE(registry.plugins().empty());
    REQUIRE(registry.refused().size() == 1);
    const RefusedFile& refused = registry.refused()[0];
    const std::string prefix =
        "plugin " + std::filesystem::canonical(folder.path()).string() + "/" + name + ".so ";
    REQUIRE_THAT(refused.reason, StartsWith(prefix));
    return refused.reason.substr(prefix.size());
}

std::string whyRefused(const std::string& fixture) {
    return whyRefused(PluginFolder({fixture}), fixture);
}

std::string whyRefusedBytes(const std::string& bytes) {
    const PluginFolder folder;
    fixtures::writeFile(folder.file("made"), bytes);
    PluginFolder::protect(folder.file("made"));
    return whyRefused(folder, "made");
}

}  // namespace

TEST_CASE("a good file gives its plugins, with what they say about themselves", "[registry]") {
    const PluginFolder folder({"actor", "inside", "plain", "bad_nothing"});
    const Registry registry({folder.path()});
    for (const auto& one : registry.refused()) UNSCOPED_INFO(one.reason);
    REQUIRE(registry.refused().empty());
    CHECK(registry.plugins().size() == 7);

    const Plugin& actor = registry.find("executor", "test.actor");
    CHECK(actor.kind == "executor");
    CHECK(actor.version == "1.0.0");
    CHECK(actor.summary == "Does what its input says");
    CHECK(actor.schema == R"({"type": "object"})");
    CHECK(actor.service_schema == R"({"type": "object"})");
    CHECK(actor.file == std::filesystem::canonical(folder.path()) / "actor.so");
    CHECK(registry.find("trigger", "test.echo").routes == "POST /echo,  PUT /echo/again");
    CHECK(registry.find("notifier", "test.plain-c").summary == "A notifier in plain C");
}

TEST_CASE("a plugin that is not there is refused with the ones that are", "[registry]") {
    const PluginFolder folder({"inside", "bad_kind", "bad_symbol"});
    const Registry registry({folder.path()});
    CHECK_THROWS_WITH(registry.find("mapper", "acme.none"),
                      Contains("there is no mapper \"acme.none\"; known: test.by-first, "
                               "test.raw-mapper") &&
                          Contains("bad_symbol.so is not an iac-runner plugin"));
    CHECK_THROWS_WITH(registry.find("executor", "test.echo"), Contains("it is a trigger"));
    CHECK_THROWS_WITH(registry.find("executor", "acme.bad"),
                      Contains("bad_kind.so declares \"acme.bad\", which is a \"executor/2\""));
}

TEST_CASE("a folder that is not there is refused, an empty one is not", "[registry]") {
    const PluginFolder folder;
    CHECK(Registry({folder.path()}).plugins().empty());
    CHECK_THROWS_AS(Registry({folder.path() / "none"}), Refused);
    CHECK_THROWS_WITH(Registry({folder.path() / "none"}), Contains("/none cannot be read: "));
}

TEST_CASE("what is no regular file of a trusted owner is not opened", "[registry]") {
    PluginFolder folder({"bad_nothing"});
    SECTION("a symbolic link") {
        std::filesystem::create_symlink(builtPlugin("actor"), folder.file("link"));
        std::filesystem::remove(folder.file("bad_nothing"));
        CHECK(whyRefused(folder, "link") == "is not a regular file (it is a symbolic link)");
    }
    SECTION("a folder") {
        std::filesystem::remove(folder.file("bad_nothing"));
        std::filesystem::create_directory(folder.file("folder"));
        CHECK(whyRefused(folder, "folder") == "is not a regular file");
    }
    SECTION("a pipe, which nobody writes") {
        std::filesystem::remove(folder.file("bad_nothing"));
        REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
        CHECK(whyRefused(folder, "pipe") == "is not a regular file");
    }
    SECTION("a file that others may write") {
        REQUIRE(::chmod(folder.file("bad_nothing").c_str(), 0664) == 0);
        CHECK_THAT(whyRefused(folder, "bad_nothing"),
                   StartsWith("can be changed by other users; run: chmod go-w /"));
    }
    SECTION("a folder that others may write") {
        REQUIRE(::chmod(folder.path().c_str(), 0777) == 0);
        CHECK_THAT(whyRefused(folder, "bad_nothing"),
                   StartsWith("can be replaced by other users; run: chmod go-w /"));
    }
    if (::geteuid() != 0) return;  // only root can give a file away
    SECTION("a file of another user") {
        REQUIRE(::chown(folder.file("bad_nothing").c_str(), 1003, 1003) == 0);
        CHECK(whyRefused(folder, "bad_nothing") ==
              "is owned by uid 1003; the owner must be root or the runner's user");
    }
    SECTION("a folder of another user") {
        REQUIRE(::chown(folder.path().c_str(), 1003, 1003) == 0);
        CHECK_THAT(whyRefused(folder, "bad_nothing"), Contains(", which is owned by uid 1003;"));
    }
}

TEST_CASE("a plugin below a folder that others may change is not opened", "[registry]") {
    const fixtures::Folder home;
    const auto above = home / "above", folder = above / "between/plugins";
    std::filesystem::create_directories(folder);
    for (const auto& one : {above, above / "between", folder}) PluginFolder::protect(one);
    std::filesystem::copy_file(builtPlugin("actor"), folder / "actor.so");
    PluginFolder::protect(folder / "actor.so");
    const auto why = [&] {
        const Registry registry({folder});
        return registry.refused().empty() ? std::string() : registry.refused()[0].reason;
    };
    CHECK(why().empty());
    SECTION("one above may be written by all") {
        REQUIRE(::chmod(above.c_str(), 0777) == 0);
        CHECK_THAT(why(), Contains("can be replaced by other users; run: chmod go-w " +
                                   std::filesystem::canonical(above).string()));
    }
    SECTION("the one directly above may be written by the group") {
        REQUIRE(::chmod((above / "between").c_str(), 0775) == 0);
        CHECK_THAT(why(), Contains("can be replaced by other users"));
    }
    SECTION("one above may be written by all and is sticky, as /tmp is") {
        REQUIRE(::chmod(above.c_str(), 01777) == 0);
        CHECK(why().empty());
    }
    SECTION("the folder itself is sticky: others may still add to it") {
        REQUIRE(::chmod(folder.c_str(), 01777) == 0);
        CHECK_THAT(why(), Contains("can be replaced by other users"));
    }
    SECTION("a link leads there, below one that may be written by all") {
        REQUIRE(::chmod(above.c_str(), 0777) == 0);
        std::filesystem::create_symlink(folder, home / "link");
        const Registry registry({home / "link"});
        CHECK(registry.plugins().empty());
    }
    if (::geteuid() != 0) return;  // only root can give a folder away
    SECTION("one above belongs to another user") {
        REQUIRE(::chown(above.c_str(), 1003, 1003) == 0);
        CHECK_THAT(why(), Contains("which is owned by uid 1003;"));
    }
}

TEST_CASE("what is no shared object for this processor is not opened", "[registry]") {
    std::string bytes = fixtures::readFile(builtPlugin("bad_nothing"));
    CHECK(whyRefusedBytes("") == "is not a shared object (no ELF header)");
    CHECK(whyRefusedBytes("#!/bin/sh\necho hello\n") == "is not a shared object (no ELF header)");
    CHECK(whyRefusedBytes(bytes.substr(0, 30)) ==
          "is not a shared object (it is cut off; copy it again)");

    auto* header = reinterpret_cast<Elf64_Ehdr*>(bytes.data());
    SECTION("of another processor") {
        header->e_machine = EM_S390;
        CHECK_THAT(whyRefusedBytes(bytes), StartsWith("is built for another processor (ELF machine "
                                                      "22; this runner needs "));
    }
    SECTION("of 32 bits") {
        bytes[EI_CLASS] = ELFCLASS32;
        CHECK_THAT(whyRefusedBytes(bytes), StartsWith("is built for another processor (not a"));
    }
    SECTION("an object file") {
        header->e_type = ET_REL;
        CHECK(whyRefusedBytes(bytes) == "is not a shared object (ELF type 1)");
    }
}

TEST_CASE("a half-copied file harms the probe only", "[registry]") {
    const std::string bytes = fixtures::readFile(builtPlugin("actor"));
    // Behind the program headers: the loader maps what is not there, and dies when it touches it.
    const std::string why = whyRefusedBytes(bytes.substr(0, 8192));
    CHECK_THAT(why, StartsWith("crashed: ") || StartsWith("cannot be loaded: "));
}

TEST_CASE("a static constructor that does not come back harms the probe only", "[registry]") {
    CHECK_THAT(whyRefused("bad_crash"), StartsWith("crashed: Aborted"));
    CHECK(whyRefused("bad_exit") == "ended the process with exit code 0");
}

TEST_CASE("a static constructor that never ends is given up after the time of a probe",
          "[registry]") {
    const auto begin = std::chrono::steady_clock::now();
    const PluginFolder folder({"bad_hang", "bad_nothing"});
    const Registry registry({folder.path()});
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(25));
    CHECK(registry.find("executor", "acme.bad").file.filename() == "bad_nothing.so");
    REQUIRE(registry.refused().size() == 1);
    CHECK_THAT(registry.refused()[0].reason,
               Contains("bad_hang.so did not let itself be opened in 5 s"));
}

TEST_CASE("each thing that can be wrong with a plugin file has its sentence", "[registry]") {
    CHECK_THAT(whyRefused("bad_undefined"),
               StartsWith("cannot be loaded: ") && Contains("undefined symbol: not_there"));
    CHECK(whyRefused("bad_symbol") ==
          "is not an iac-runner plugin: it exports no iac_plugin_module (is IAC_PLUGINS(...) "
          "missing?)");
    CHECK(whyRefused("bad_magic") ==
          "exports iac_plugin_module, but not one this SDK made (bad magic)");
    CHECK(whyRefused("bad_major") ==
          "speaks plugin ABI 2.1, this runner speaks 1.1; rebuild it against the installed SDK (it "
          "was built with: C++ SDK 2.0, 14.1.0)");
    CHECK(whyRefused("bad_minor") ==
          "needs plugin ABI 1.4, this runner speaks 1.1; upgrade the runner or rebuild against an "
          "older SDK");
    for (const std::string name :
         {"bad_version", "bad_version_empty", "bad_version_dots", "bad_version_v"})
        CHECK_THAT(whyRefused(name), Contains("has the version \"") &&
                                         Contains("a version is numbers joined by dots"));
    const PluginFolder semantic({"bad_version_semantic"});
    CHECK(Registry({semantic.path()}).plugins().size() == 1);
    CHECK_THAT(whyRefused("bad_size"), Contains("iac_plugin is smaller than that of ABI 1.0"));
    CHECK_THAT(whyRefused("bad_id"), StartsWith("declares the id \"Acme Bad\"; an id is "));
    CHECK(whyRefused("bad_function") ==
          "declares \"acme.bad\", which lacks a function: create, destroy and call are required");
    CHECK(whyRefused("bad_kind") ==
          "declares \"acme.bad\", which is a \"executor/2\"; this runner knows executor/1, "
          "mapper/1, notifier/1, trigger/1");
    CHECK(whyRefused("bad_schema") ==
          "declares \"acme.bad\", which has a schema that is not a JSON object: it is another JSON "
          "value");
    CHECK_THAT(whyRefused("bad_schema_text"), Contains("this is not valid JSON: "));
    CHECK_THAT(whyRefused("bad_routes"), Contains("declares no routes"));
}

TEST_CASE("a plugin of a later 1.x with a larger descriptor is taken", "[registry]") {
    const PluginFolder folder({"bad_larger"});
    CHECK(Registry({folder.path()}).find("executor", "acme.bad").version == "1.0.0");
}

TEST_CASE("an id is provided once: the first file by name has it", "[registry]") {
    PluginFolder folder({"bad_nothing"});
    folder.add("bad_nothing", "zz_again");
    const Registry registry({folder.path(), folder.path()});
    CHECK(registry.plugins().size() == 1);
    REQUIRE(registry.refused().size() == 1);
    CHECK_THAT(registry.refused()[0].reason,
               Contains("zz_again.so declares \"acme.bad\", which ") &&
                   Contains("/bad_nothing.so already provides; remove one of the two files"));
}

TEST_CASE("a plugin has the hash of its file", "[registry]") {
    const fixtures::Folder folder;
    fixtures::writeFile(folder / "abc", "abc");
    CHECK(sha256OfFile(folder / "abc") ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    fixtures::writeFile(folder / "empty", "");
    CHECK(sha256OfFile(folder / "empty") ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256OfFile(folder / "absent").empty());
    CHECK(sha256OfFile(folder.path()).empty());
    const PluginFolder plugins({"plain", "actor"});
    const Registry registry({plugins.path()});
    const auto& actor = registry.find("executor", "test.actor");
    CHECK(actor.sha256.size() == 64);
    CHECK(actor.sha256 == sha256OfFile(builtPlugin("actor")));
}

}  // namespace iac::plugin
