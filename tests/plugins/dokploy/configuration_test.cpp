// The configuration of a service, its canonical form and what belongs to it.
#include "dokploy/configuration.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "fixtures/folder.hpp"
#include "spoken_call.hpp"

using namespace iac;
using Catch::Contains;
using dokploy::Configuration;
using dokploy::Service;

namespace {

class Tree {
public:
    Tree() { write("compose.yaml", "services:\n  web:\n    image: nginx:1.27\n"); }

    void write(const std::string& name, const std::string& text) const {
        fixtures::writeFile(folder_ / name, text);
    }
    std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

    Configuration read(const Service& service, const dokploy::Variables& inherited = {}) {
        const auto input = Object()
                               .set("deployment", 1)
                               .set("service", "platform/web")
                               .set("name", "web")
                               .set("environment", "production")
                               .set("revision", "0123456789abcdef")
                               .set("directory", folder_.path().string())
                               .text();
        return dokploy::configurationOf(Step(call_.parse(input)), service, inherited);
    }
    std::string whyNot(const Service& service, const dokploy::Variables& inherited = {}) {
        try {
            read(service, inherited);
        } catch (const Error& error) {
            return error.diagnosis().kind + ": " + error.what();
        }
        return "it was taken";
    }

private:
    const fixtures::Folder folder_;
    test::SpokenCall call_;
};

Service sending(const std::string& file) {
    Service service;
    service.file = file;
    return service;
}

Service fetched(const std::string& file) {
    Service service = sending(file);
    service.from_runner = false;
    return service;
}

}  // namespace

TEST_CASE("dokploy: the canonical form is what the documentation says, and so is its hash") {
    Tree tree;
    Service service = sending("compose.yaml");
    service.variables = {{"B", "two"}, {"A", ""}};
    const auto made = tree.read(service, {{"SECRET", "s3cret"}, {"B", "overruled"}});
    const std::string form =
        "iac-runner dokploy 1\ntype compose\nsource runner\n"
        "env A e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
        "env B 3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3\n"
        "env SECRET 1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0\n"
        "file compose.yaml " +
        dokploy::sha256("services:\n  web:\n    image: nginx:1.27\n") + "\n";
    CHECK(dokploy::canonicalForm(service, made) == form);
    CHECK(made.hash == dokploy::sha256(form));
    CHECK(made.hash.size() == 64);
    CHECK(dokploy::sha256("abc") ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("dokploy: another value, file or source is another hash, and the same is the same") {
    Tree tree;
    Service service = sending("compose.yaml");
    const auto first = tree.read(service, {{"A", "1"}}).hash;
    CHECK(tree.read(service, {{"A", "1"}}).hash == first);
    CHECK(tree.read(service, {{"A", "2"}}).hash != first);
    CHECK(tree.read(service, {{"A", "1"}, {"B", ""}}).hash != first);
    CHECK(tree.read(fetched("compose.yaml"), {{"A", "1"}}).hash != first);
    service.inherit = false;
    CHECK(tree.read(service, {{"A", "1"}}).hash == tree.read(service, {}).hash);
    service.inherit = true;
    service.files = {"more"};
    tree.write("more/one.txt", "1");
    tree.write("more/deeper/two.txt", "2");
    const auto more = tree.read(service, {{"A", "1"}});
    CHECK(more.files.size() == 3);
    tree.write("more/deeper/two.txt", "3");
    CHECK(tree.read(service, {{"A", "1"}}).hash != more.hash);
    tree.write("compose.yaml", "services: {}\n");
    CHECK(tree.read(sending("compose.yaml"), {{"A", "1"}}).hash != first);
}

TEST_CASE(
    "dokploy: what a compose file includes belongs to the configuration, and what that does") {
    Tree tree;
    tree.write("web/compose.yaml",
               "include: [../base.yaml, { path: [extra.yaml] }]\n"
               "services:\n"
               "  web: { extends: { file: ../common.yaml, service: w }, env_file: [.env, a.env] }\n"
               "  db: { env_file: [ { path: missing.env, required: false } ], extends: web }\n"
               "configs: { c: { file: ./c.conf } }\n"
               "secrets: { s: { file: /etc/outside }, t: { file: '${WHERE}/t' } }\n");
    tree.write("base.yaml", "include: web/compose.yaml\nservices: {}\n");
    tree.write("common.yaml", "services: { w: { image: x, env_file: common.env } }\n");
    tree.write("common.env", "A=1\n");
    tree.write("web/extra.yaml", "services: {}\n");
    tree.write("web/a.env", "A=1\n");
    tree.write("web/c.conf", "c\n");
    std::string found;
    for (const auto& [path, hash] : tree.read(fetched("web/compose.yaml")).files)
        found += path + (hash == "missing" ? " (missing)" : "") + "\n";
    CHECK(found ==
          "base.yaml\ncommon.env\ncommon.yaml\nweb/a.env\nweb/c.conf\nweb/compose.yaml\n"
          "web/extra.yaml\nweb/missing.env (missing)\n");
    CHECK(tree.whyNot(sending("web/compose.yaml")) ==
          "needs_files: web/compose.yaml names base.yaml, and Dokploy gets the one file only");
}

TEST_CASE("dokploy: a configuration that cannot be is refused with what to do") {
    Tree tree;
    CHECK(tree.whyNot(sending("nowhere.yaml")) ==
          "missing_file: No file \"nowhere.yaml\" at 0123456789abcdef");
    CHECK_THAT(tree.whyNot(sending("../outside.yaml")), Contains("is not inside the work tree"));
    CHECK_THAT(tree.whyNot(sending("/etc/passwd")), Contains("is not inside the work tree"));
    std::filesystem::create_symlink("/etc/passwd", tree / "link.yaml");
    CHECK_THAT(tree.whyNot(sending("link.yaml")), Contains("leads out of the work tree"));
    tree.write("broken.yaml", "services:\n  web: [\n");
    CHECK_THAT(tree.whyNot(sending("broken.yaml")),
               Contains("bad_file: broken.yaml is not YAML: line"));
    tree.write("list.yaml", "- a\n");
    CHECK_THAT(tree.whyNot(sending("list.yaml")), Contains("no YAML mapping"));
    CHECK(tree.whyNot(sending("compose.yaml"), {{"SECRET", "a${{b"}}) ==
          "bad_environment: The value of SECRET holds \"${{\", which Dokploy would replace");
    Service service = sending("compose.yaml");
    service.variables = {{"URL", "${{project.URL}}"}};
    CHECK(tree.whyNot(service) == "it was taken");
    CHECK_THAT(tree.whyNot(service, {{"URL", "${{project.URL}}"}}), Contains("bad_environment"));
    service.variables = {{"URL", "${{project.URL"}};
    CHECK_THAT(tree.whyNot(service), Contains("The value of URL"));
}

TEST_CASE("dokploy: a step hands over its variables and secrets, and nothing of the process") {
    using namespace std::string_view_literals;
    const auto all = dokploy::inheritedFrom(
        "PATH=/bin\0HOME=/\0USER=u\0LANG=C\0TMPDIR=/t\0DEPLOY_ENV=staging\0IAC_REF=x\0"
        "SECRET=a=b\nc\0bad name=1\0=2\0EMPTY=\0"sv);
    CHECK(all ==
          dokploy::Variables{{"DEPLOY_ENV", "staging"}, {"SECRET", "a=b\nc"}, {"EMPTY", ""}});
}
