// iac.webhook against a receiver over HTTP that checks what it gets as Standard Webhooks say.
#include <iac/plugin.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <catch2/catch.hpp>
#include <ctime>

#include "notified.hpp"
#include "plugins/fakes/http_fake.hpp"

using namespace iac;
using Catch::Contains;
using test::Told;

namespace {

// "0123456789abcdef" twice, and "ABCDEFGHIJKLMNOPQRSTUVWX".
const std::string kSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const std::string kKey = "0123456789abcdef0123456789abcdef";
const std::string kOtherSecret = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY";
const std::string kOtherKey = "ABCDEFGHIJKLMNOPQRSTUVWX";

// OpenSSL itself is the referee.
std::string expected(const std::string& key, const fakes::HttpRequest& request) {
    const std::string content = request.header("webhook-id") + "." +
                                request.header("webhook-timestamp") + "." + request.body;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest, &size);
    unsigned char base64[EVP_MAX_MD_SIZE * 2];
    const int length = EVP_EncodeBlock(base64, digest, static_cast<int>(size));
    return "v1," + std::string(reinterpret_cast<char*>(base64), static_cast<std::size_t>(length));
}

class Receiver {
public:
    Receiver() : http_([](const fakes::HttpRequest&) { return fakes::HttpAnswer{204, ""}; }) {}
    std::string config(const std::string& secret = "\"" + kSecret + "\"",
                       const std::string& more = "") const {
        return R"({"url": ")" + http_.url() + R"(/hook?key=sesame", "secret": )" + secret +
               (more.empty() ? "" : ", " + more) + "}";
    }
    fakes::HttpFake& http() { return http_; }

private:
    fakes::HttpFake http_;
};

}  // namespace

TEST_CASE("webhook: a notification is signed JSON in the form of Standard Webhooks") {
    Receiver receiver;
    test::NotifierInTest notifier("iac.webhook", receiver.config());
    const auto result = notifier.tell(Told());
    CHECK(result.status == IAC_OK);
    CHECK(result.answer == "the receiver answered 204");
    const auto request = receiver.http().last();
    CHECK(request.method == "POST");
    CHECK(request.path == "/hook?key=sesame");
    CHECK(request.header("content-type") == "application/json; charset=utf-8");
    CHECK(request.header("webhook-id") == "iac-77-20250124045040");
    CHECK(std::abs(std::stol(request.header("webhook-timestamp")) - std::time(nullptr)) < 60);
    CHECK(request.header("webhook-signature") == expected(kKey, request));

    const auto body = test::parseObject(request.body);
    CHECK(body->getValue<std::string>("type") == "deployment.finished");
    CHECK(body->getValue<std::string>("timestamp") == "2025-01-24T04:50:59.800Z");
    const auto data = body->getObject("data");
    CHECK(data->getObject("deployment")->getValue<int>("id") == 1042);
    CHECK(data->getObject("repository")->getValue<std::string>("web") ==
          "https://github.com/octo/infra");
    CHECK_FALSE(data->has("memory"));
}

TEST_CASE("webhook: the same notification has the same id and body at every attempt") {
    Receiver receiver;
    test::NotifierInTest notifier("iac.webhook", receiver.config());
    receiver.http().next({500, ""});
    CHECK(notifier.tell(Told()).status == IAC_RETRY);
    CHECK(notifier.tell(Told()).status == IAC_OK);
    const auto requests = receiver.http().requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0].header("webhook-id") == requests[1].header("webhook-id"));
    CHECK(requests[0].body == requests[1].body);
}

TEST_CASE("webhook: while a secret is replaced, both sign") {
    Receiver receiver;
    test::NotifierInTest notifier(
        "iac.webhook", receiver.config(R"([")" + kSecret + R"(", ")" + kOtherSecret + "\"]"));
    notifier.tell(Told());
    const auto request = receiver.http().last();
    CHECK(request.header("webhook-signature") ==
          expected(kKey, request) + " " + expected(kOtherKey, request));
}

TEST_CASE("webhook: further headers are sent as they are") {
    Receiver receiver;
    test::NotifierInTest notifier(
        "iac.webhook",
        receiver.config("\"" + kSecret + "\"", R"("headers": {"Authorization": "Bearer abc"})"));
    notifier.tell(Told());
    CHECK(receiver.http().last().header("authorization") == "Bearer abc");
}

TEST_CASE("webhook: what a receiver answers decides whether it is tried again") {
    Receiver receiver;
    test::NotifierInTest notifier("iac.webhook", receiver.config());
    struct Case {
        int status;
        std::int32_t ends;
        const char* message;
    };
    for (const Case& one :
         {Case{200, IAC_OK, ""}, Case{408, IAC_RETRY, "the receiver answered 408"},
          Case{500, IAC_RETRY, "the receiver answered 500"},
          Case{400, IAC_FAILED, "the receiver answered 400: \"no such thing\""},
          Case{301, IAC_FAILED, "the receiver answered 301, and redirects are not followed"},
          Case{410, IAC_FAILED, "the receiver answered 410: it wants no more notifications"}}) {
        receiver.http().next({one.status, "no such\nthing", "text/plain"});
        const auto result = notifier.tell(Told());
        CHECK(result.status == one.ends);
        CHECK(result.message == one.message);
        CHECK_THAT(result.all, !Contains("sesame") && !Contains("whsec_"));
    }
    receiver.http().next({503, "", "text/plain", {{"Retry-After", "42"}}});
    const auto busy = notifier.tell(Told());
    CHECK(busy.status == IAC_RETRY);
    CHECK(busy.retry_after == 42.0);
    CHECK(busy.message == "the receiver answered 503; it asks to wait 42 s");

    receiver.http().next(
        {429, "", "text/plain", {{"Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"}}});
    CHECK(notifier.tell(Told()).retry_after == 0.0);
    receiver.http().next({429, "", "text/plain", {{"Retry-After", "99999999"}}});
    CHECK(notifier.tell(Told()).retry_after == 3600.0);
    receiver.http().next({429, "", "text/plain", {{"Retry-After", "soon"}}});
    CHECK_FALSE(notifier.tell(Told()).retry_after);
}

TEST_CASE(
    "webhook: a configuration that makes no sense is refused without showing what is secret") {
    const auto refusal = [](const std::string& url, const std::string& secret,
                            const std::string& headers = "{}") {
        const std::string why =
            test::NotifierInTest("iac.webhook", R"({"url": ")" + url + R"(", "secret": )" + secret +
                                                    R"(, "headers": )" + headers + "}")
                .refusal();
        CHECK_THAT(why, !Contains("sesame"));
        return why;
    };
    const std::string good = "\"" + kSecret + "\"";
    CHECK(refusal("http://alerts.internal:9000/hook", good).empty());
    CHECK_THAT(refusal("ftp://example.com/sesame", good), Contains("url: it is no address"));
    CHECK_THAT(refusal("https:///sesame", good), Contains("url: the address names no host"));
    CHECK_THAT(refusal("https://me:sesame@example.com/", good),
               Contains("url: the address holds a user"));
    CHECK_THAT(refusal("https://example.com", "\"sesame\""),
               Contains("secret: it does not begin with whsec_"));
    CHECK_THAT(refusal("https://example.com", "\"whsec_c2VzYW1l\""),
               Contains("secret: after whsec_ there have to be 24 to 64 bytes in base64"));
    CHECK_THAT(refusal("https://example.com", "\"whsec_sesame not base64 at all, not at all\""),
               Contains("secret: after whsec_"));
    CHECK_THAT(refusal("https://example.com", "[]"), Contains("secret: there is none"));
    CHECK_THAT(refusal("https://example.com", good, R"({"X A": "b"})"), Contains("headers.X A: "));
    CHECK_THAT(refusal("https://example.com", good, R"({"X": "sesame\r\nY: b"})"),
               Contains("headers.X: it holds a line end"));
}
