#include "plugin/value.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "plugin/services.hpp"

namespace iac::plugin {
namespace {

std::unique_ptr<const Document> parsed(const std::string& json) {
    std::string reason;
    auto document = Document::parse(json, reason);
    INFO(reason);
    REQUIRE(document);
    return document;
}

std::string whyNot(const std::string& json) {
    std::string reason;
    REQUIRE_FALSE(Document::parse(json, reason));
    return reason;
}

std::string nested(std::size_t deep) {
    return std::string(deep, '[') + std::string(deep, ']');
}

std::string there(const Document& document, std::string_view pointer) {
    const iac_value* found = find(document.root(), pointer);
    return found == nullptr ? "absent" : std::string(document.json(*found));
}

}  // namespace

TEST_CASE("a document gives back what was parsed", "[value]") {
    const std::string json =
        R"({"a":null,"b":[true,false,-1,18446744073709551615,1.5,"x\n\u00e9\u0001"],"c":{},"d":[]})";
    const auto document = parsed(json);
    CHECK(document->json(*document->root()) ==
          "{\"a\":null,\"b\":[true,false,-1,18446744073709551615,1.5,\"x\\n\xC3\xA9\\u0001\"],"
          "\"c\":{},\"d\":[]}");
}

TEST_CASE("a JSON pointer finds what RFC 6901 says it names", "[value]") {
    const auto document = parsed(R"({"a/b":1,"m~n":2,"":3,"list":[10,[20]],"deep":{"er":"x"}})");
    CHECK(there(*document, "/a~1b") == "1");
    CHECK(there(*document, "/m~0n") == "2");
    CHECK(there(*document, "/") == "3");
    CHECK(there(*document, "/list/0") == "10");
    CHECK(there(*document, "/list/1/0") == "20");
    CHECK(there(*document, "/deep/er") == "\"x\"");
    CHECK(find(document->root(), "") == document->root());

    for (const auto* absent :
         {"/nothing", "/list/2", "/list/00", "/list/-", "/list/1x", "/deep/e", "/deep/er/x",
          "/m~2n", "/m~", "list", "/list/99999999999999999999"}) {
        INFO(absent);
        CHECK(there(*document, absent) == "absent");
    }
}

TEST_CASE("what is not strict JSON is refused with the reason", "[value]") {
    for (const std::string bad : {"", " ", "{", "[1,]", "{\"a\":1,}", "01", "nul", "\"\\x\"", "1 2",
                                  "{a:1}", "// x\n1", "\"\xFF\"", "[1e999]", "\"a\nb\""}) {
        INFO(bad);
        CHECK_FALSE(whyNot(bad).empty());
    }
    CHECK(whyNot("") == "this is not valid JSON: it is empty");
}

TEST_CASE("a member may not be there twice in one object", "[value]") {
    CHECK(whyNot(R"({"a":1,"b":{"x":1,"x":2}})").find("\"x\" is there twice") != std::string::npos);
    std::string many = "{";
    for (int i = 0; i < 100; ++i) many += "\"k" + std::to_string(i) + "\":0,";
    CHECK(whyNot(many + "\"k50\":1}").find("\"k50\" is there twice") != std::string::npos);
    CHECK(parsed(many + "\"k100\":1}")->root()->count == 101);
}

TEST_CASE("depth is bounded", "[value]") {
    CHECK(parsed(nested(Document::kDeepest - 1))->root()->count == 1);
    CHECK(whyNot(nested(Document::kDeepest + 1)).find("nested more than 64 deep") !=
          std::string::npos);
    CHECK(whyNot(nested(100'000)).find("nested") != std::string::npos);
}

TEST_CASE("the number of values is bounded, and a parser that met a giant parses on", "[value]") {
    std::string zeros = "[";
    for (std::size_t i = 0; i < Document::kMostValues; ++i) zeros += "0,";
    zeros += "0]";
    CHECK(whyNot(zeros).find("more than 2000000 values") != std::string::npos);
    CHECK(parsed("[1]")->root()->count == 1);
}

TEST_CASE("a document made by hand does not copy its strings and shows any bytes as JSON",
          "[value]") {
    const std::string body = "not \xFF UTF-8 \xC3\xA9 \xED\xA0\x80 \"quoted\"";
    Document document;
    const std::vector<std::string> list{"a", "b"};
    document.setRoot(
        document.object({{"body", document.text(body)}, {"list", document.list(list)}}));

    const iac_host& host = *hostServices();
    const iac_value* found = host.find(document.root(), text("/body"));
    REQUIRE(found != nullptr);
    CHECK(host.string(found).data == body.data());
    CHECK(host.string(found).size == body.size());

    const std::string json(view(host.json(document.root())));
    CHECK(json.find("not \xEF\xBF\xBD UTF-8 \xC3\xA9 \xEF\xBF\xBD") != std::string::npos);
    CHECK(parsed(json)->root()->count == 2);
    CHECK(there(document, "/list/1") == "\"b\"");
}

TEST_CASE("the services read every type and answer an absent value calmly", "[value]") {
    const auto document = parsed(R"({"s":"x","n":-2.5,"t":true,"a":[7],"big":9007199254740993})");
    const iac_host& host = *hostServices();
    const iac_value* root = document->root();
    CHECK(host.type(root) == IAC_OBJECT);
    CHECK(host.count(root) == 5);
    CHECK(view(host.key(root, 1)) == "n");
    CHECK(host.number(host.item(root, 1)) == -2.5);
    CHECK(host.boolean(host.item(root, 2)));
    CHECK(host.number(host.find(root, text("/a/0"))) == 7);
    CHECK(view(host.json(host.find(root, text("/big")))) == "9007199254740993");
    CHECK(host.item(root, 5) == nullptr);
    CHECK(host.key(root, 5).size == 0);
    CHECK(host.string(host.item(root, 1)).size == 0);

    CHECK(host.type(nullptr) == IAC_NULL);
    CHECK(host.find(nullptr, text("/x")) == nullptr);
    CHECK(host.count(nullptr) == 0);
    CHECK(host.item(nullptr, 0) == nullptr);
    CHECK(host.key(nullptr, 0).size == 0);
    CHECK(host.string(nullptr).size == 0);
    CHECK_FALSE(host.boolean(nullptr));
    CHECK(view(host.json(nullptr)) == "null");
}

}  // namespace iac::plugin
