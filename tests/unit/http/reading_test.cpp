#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "world.hpp"

namespace iac::http {
namespace {

using namespace std::chrono_literals;

void small(config::Settings& settings) {
    settings.server.limits.webhook_body = 1000;
    settings.server.limits.headers = Duration(300);
    settings.server.limits.request = Duration(600);
}

const std::string kSync = R"({"all":true})";

std::string chunkedHead(const Extra& extra = {}) {
    std::string text = "POST /sync HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n";
    for (const auto& [name, value] : extra) text += name + ": " + value + "\r\n";
    return text + "\r\n";
}

}  // namespace

TEST_CASE("a body of exactly the limit is read, and one byte more is 413") {
    World world(small);
    std::string body = kSync + std::string(1000 - kSync.size(), ' ');
    CHECK(world.post("/sync", body).status == 202);
    body += ' ';
    const auto answer = world.post("/sync", body);
    CHECK(answer.status == 413);
    CHECK(answer.headers.at("content-type") == "application/problem+json");
    CHECK(answer.text("title") == "Request Entity Too Large");
    CHECK(answer.text("error") == answer.text("detail"));
    CHECK(answer.headers.at("connection") == "close");
}

TEST_CASE("a body that is too large is refused before anybody asks who sends it") {
    World world(small);
    CHECK(world.post("/sync", std::string(1001, 'x'), {}).status == 413);
    CHECK(world.post("/sync", std::string(999, 'x'), {}).status == 401);
}

TEST_CASE("whoever expects 100-continue is told to go on, or why not, before the body is sent") {
    World world(small);
    auto extra = signedPlain(kSync);
    extra.emplace_back("Expect", "100-continue");
    SECTION("go on") {
        Wire wire(world.port());
        const auto text = World::requestText("POST", "/sync", kSync, extra);
        wire.send(text.substr(0, text.size() - kSync.size()));
        CHECK(wire.receive().status == 100);
        wire.send(kSync);
        CHECK(wire.receive().status == 202);
    }
    SECTION("too large") {
        Wire wire(world.port());
        wire.send(
            "POST /sync HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\nExpect: "
            "100-continue\r\n\r\n");
        CHECK(wire.receive().status == 413);
    }
}

TEST_CASE("a header that is folded means what it means on one line") {
    World world(small);
    Wire wire(world.port());
    const auto signature = signedPlain(kSync).front();
    wire.send("POST /sync HTTP/1.1\r\nHost: x\r\n" + signature.first + ":\r\n  " +
              signature.second + "\r\nContent-Length: \r\n " + std::to_string(kSync.size()) +
              "\r\n\r\n" + kSync);
    CHECK(wire.receive().status == 202);
}

TEST_CASE("a header is not decoded as one of a mail would be") {
    World world(small);
    Wire wire(world.port());
    const auto signature = signedPlain(kSync).front().second;
    wire.send("POST /sync HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: =?utf-8?Q?" + signature +
              "?=\r\nContent-Length: " + std::to_string(kSync.size()) + "\r\n\r\n" + kSync);
    CHECK(wire.receive().status == 401);
}

TEST_CASE("a chunked body is put together, under the same limit") {
    World world(small);
    Wire wire(world.port());
    SECTION("as one") {
        wire.send(chunkedHead(signedPlain(kSync)));
        wire.send("5\r\n" + kSync.substr(0, 5) + "\r\n");
        wire.send("7;a=b\r\n" + kSync.substr(5) + "\r\n0\r\nTrailer: x\r\n\r\n");
        CHECK(wire.receive().status == 202);
        SECTION("and the connection carries the next request") {
            wire.send(World::requestText("GET", "/health", "", {}));
            CHECK(wire.receive().status == 200);
        }
    }
    SECTION("and ends at the limit, however small its chunks are") {
        wire.send(chunkedHead());
        for (int i = 0; i < 11; ++i) wire.send("64\r\n" + std::string(100, 'x') + "\r\n");
        CHECK(wire.receive().status == 413);
    }
    SECTION("and a chunk that only says that it is huge is refused at once") {
        wire.send(chunkedHead() + "fffffffffffffff\r\n");
        CHECK(wire.receive().status == 413);
    }
    SECTION("and a chunk that says no size is not understood") {
        wire.send(chunkedHead() + "12345678901234567890\r\n");
        CHECK(wire.receive().status == 400);
    }
    SECTION("and a chunk longer than it says is not understood") {
        wire.send(chunkedHead() + "2\r\nabc\r\n");
        CHECK(wire.receive().status == 400);
    }
}

TEST_CASE("a request that can be understood in two ways is not understood") {
    World world(small);
    Wire wire(world.port());
    const std::string begin = "POST /sync HTTP/1.1\r\nHost: x\r\n";
    SECTION("chunks and a length") {
        wire.send(begin + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        CHECK(wire.receive().status == 400);
    }
    SECTION("two lengths") {
        wire.send(begin + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!");
        CHECK(wire.receive().status == 400);
    }
    SECTION("a length that is no number") {
        wire.send(begin + "Content-Length: +5\r\n\r\nhello");
        CHECK(wire.receive().status == 400);
    }
    SECTION("a coding that is not known") {
        wire.send(begin + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
        CHECK(wire.receive().status == 501);
    }
    SECTION("a control character in a header") {
        wire.send(begin + "X-Odd: a" + std::string(1, '\0') + "b\r\n\r\n");
        CHECK(wire.receive().status == 400);
    }
    SECTION("a line that is no header") {
        wire.send(begin + "Content-Length\r\nContent-Length: 5\r\n\r\nhello");
        CHECK(wire.receive().status == 400);
    }
    SECTION("a line end of one character") {
        wire.send(begin + "X-Odd: a\nContent-Length: 5\r\n\r\nhello");
        CHECK(wire.receive().status == 400);
    }
    SECTION("a space before the colon") {
        wire.send(begin + "Content-Length : 5\r\n\r\nhello");
        CHECK(wire.receive().status == 400);
    }
    CHECK(wire.closed(5s));
}

TEST_CASE("what is no HTTP is 400, and a target that is too long 414") {
    World world(small);
    Wire wire(world.port());
    SECTION("garbage") {
        wire.send("\x16\x03\x01 garbage\r\n\r\n");
        CHECK(wire.receive().status == 400);
    }
    SECTION("a long target") {
        wire.send("GET /" + std::string(2048, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n");
        CHECK(wire.receive().status == 414);
    }
    SECTION("a hundred and one headers") {
        std::string text = "GET /health HTTP/1.1\r\nHost: x\r\n";
        for (int i = 0; i < 101; ++i) text += "X-" + std::to_string(i) + ": y\r\n";
        wire.send(text + "\r\n");
        CHECK(wire.receive().status == 400);
    }
    SECTION("another version") {
        wire.send("GET /health HTTP/3.0\r\n\r\n");
        CHECK(wire.receive().status == 505);
    }
    SECTION("a head that is larger than any should be") {
        std::string text = "GET /health HTTP/1.1\r\nHost: x\r\n";
        for (int i = 0; i < 9; ++i) text += "X-Long: " + std::string(8000, 'y') + "\r\n";
        wire.send(text + "\r\n");
        const auto answer = wire.receive();
        CHECK(answer.status == 431);
        CHECK(answer.text("detail") == "The head of the request is longer than 65536 bytes.");
    }
    SECTION("what is no HTTP and has no end") {
        wire.send("\x16\x03\x01\x02");
        CHECK(wire.receive().status == 400);
    }
}

TEST_CASE("a header that is longer than 8192 bytes is refused, and one of that length is read") {
    World world(small);
    Wire shorter(world.port());
    shorter.send("GET /health HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(8192, 'y') +
                 "\r\n\r\n");
    CHECK(shorter.receive().status == 200);
    Wire longer(world.port());
    longer.send("GET /health HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(8193, 'y') +
                "\r\n\r\n");
    CHECK(longer.receive().status == 400);
    Wire name(world.port());
    name.send("GET /health HTTP/1.1\r\nHost: x\r\n" + std::string(10'000, 'y') + ": x\r\n\r\n");
    CHECK(name.receive().status == 400);
}

TEST_CASE("a request is answered whatever bytes its head holds") {
    World world(small);
    for (const auto& [head, status] : std::vector<std::pair<std::string, int>>{
             {"GET /health HTTP/1.1\r\nHost: x\r\ncf-ipcity: Z\xc3\xbcrich\r\n\r\n", 200},
             {"GET /health HTTP/1.1\r\nHost: x\r\nA: \xff\xfe\x80\r\n\r\n", 200},
             {"GET /health HTTP/1.1\r\nHost: x\r\nN\xc3\xa4me: a\r\n\r\n", 400},
             {"GET /h\xc3\xa4lth HTTP/1.1\r\nHost: x\r\n\r\n", 400},
             {"G\xffT /health HTTP/1.1\r\nHost: x\r\n\r\n", 400},
             {"GET /health HTTP/1.\xb2\r\nHost: x\r\n\r\n", 400},
             {"\xff", 400},
             {"GET /health HTTP/1.1\r\n\r\n", 400},
             {"GET /health HTTP/1.0\r\n\r\n", 200},
             {"GET /health HTTP/1.1\r\nHost: x\r\nExpect:\r\n\r\n", 200},
             {"GET /health HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", 417}}) {
        INFO(head);
        Wire wire(world.port());
        wire.send(head);
        CHECK(wire.receive().status == status);
    }
}

TEST_CASE("what stands between the chunks of a body is checked") {
    World world(small);
    const auto statusOf = [&](const std::string& extension) {
        Wire wire(world.port());
        wire.send(chunkedHead(signedPlain(kSync)) + "c" + extension + "\r\n" + kSync +
                  "\r\n0\r\n\r\n");
        return wire.receive().status;
    };
    for (const std::string fine : {"", ";a=b", ";q=\"a\tb\"", " ;a"}) {
        INFO(fine);
        CHECK(statusOf(fine) < 300);
    }
    for (const std::string& bad : {std::string(";a\x01"), std::string(";a\rb"),
                                   std::string(";a\0b", 4), std::string(";\x7f")}) {
        INFO(bad);
        CHECK(statusOf(bad) == 400);
    }
    for (const std::string trailer : {"no colon\r\n", ": x\r\n", "a b: x\r\n", "a: \x02\r\n"}) {
        INFO(trailer);
        Wire wire(world.port());
        wire.send(chunkedHead(signedPlain(kSync)) + "c\r\n" + kSync + "\r\n0\r\n" + trailer +
                  "\r\n");
        CHECK(wire.receive().status == 400);
    }
}

TEST_CASE("a header that says who asks may be there once") {
    World world(small);
    for (const std::string name : {"Authorization", "X-Hub-Signature-256", "X-IAC-Nonce", "Host"}) {
        INFO(name);
        Wire wire(world.port());
        wire.send(std::string("GET /health HTTP/1.1\r\n") + (name == "Host" ? "" : "Host: x\r\n") +
                  name + ": a\r\n" + name + ": b\r\n\r\n");
        CHECK(wire.receive().status == 400);
    }
    Wire other(world.port());
    other.send("GET /health HTTP/1.1\r\nHost: x\r\nAccept: a\r\nAccept: b\r\n\r\n");
    CHECK(other.receive().status == 200);
}

TEST_CASE("a path leads nowhere else, and a method that nobody knows is answered by nobody") {
    World world(small);
    for (const std::string target :
         {"/../etc/passwd", "/deployments/../tokens", "/deployments/%2e%2e/tokens", "/health/..",
          "//health", "/health/", "/%68ealth", "/deployments/1%00", "/services/%00"}) {
        INFO(target);
        CHECK(world.get(target).status == 404);
    }
    Wire nul(world.port());
    nul.send("GET /health" + std::string(1, '\0') + " HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(nul.receive().status == 404);
    Wire absolute(world.port());
    absolute.send("GET http://localhost/health HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(absolute.receive().status == 400);
    for (const std::string method : {"BREW", "PUT", "OPTIONS", "TRACE", "get"}) {
        INFO(method);
        Wire wire(world.port());
        wire.send(method + " /health HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto answer = wire.receive();
        CHECK(answer.status == 405);
        CHECK(answer.headers.at("allow") == "GET, HEAD");
    }
    Wire strange(world.port());
    strange.send("GE(T /health HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(strange.receive().status == 400);
}

TEST_CASE("a connection is kept as its version says, or as the client asks for") {
    World world(small);
    Wire closes(world.port());
    closes.send("GET /health HTTP/1.0\r\n\r\n");
    CHECK(closes.receive().headers.at("connection") == "close");
    CHECK(closes.closed(5s));
    Wire keeps(world.port());
    for (int i = 0; i < 2; ++i) {
        keeps.send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        CHECK(keeps.receive().status == 200);
    }
    Wire close(world.port());
    close.send("GET /health HTTP/1.1\r\nHost: x\r\nConnection: x-odd, Close\r\n\r\n");
    CHECK(close.receive().headers.at("connection") == "close");
    CHECK(close.closed(5s));
    Wire chunks(world.port());
    chunks.send("POST /sync HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    CHECK(chunks.receive().status == 400);
}

TEST_CASE("an expectation that nobody knows is refused") {
    World world(small);
    Wire wire(world.port());
    wire.send("POST /sync HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: the-best\r\n\r\n");
    CHECK(wire.receive().status == 417);
}

TEST_CASE("a trigger needs a body, and a length for it") {
    World world(small);
    CHECK(world.post("/sync", "", {}).status == 411);
}

TEST_CASE("slow callers are told that they are late, and cut") {
    World world(small);
    const auto began = std::chrono::steady_clock::now();
    Wire wire(world.port());
    SECTION("slow headers") {
        wire.send("GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ");
        CHECK(wire.receive().status == 408);
    }
    SECTION("a slow body") {
        wire.send("POST /sync HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this");
        CHECK(wire.receive().status == 408);
    }
    SECTION("chunks without an end, each of them in time") {
        wire.send(chunkedHead());
        std::thread drip([&] {
            try {
                for (int i = 0; i < 200; ++i) {
                    wire.send("1\r\nx\r\n");
                    std::this_thread::sleep_for(20ms);
                }
            } catch (const Poco::Exception&) {
                return;  // cut: what this is about
            }
        });
        CHECK(wire.answered(5s));
        drip.join();
        CHECK(wire.receive().status == 408);
    }
    CHECK(std::chrono::steady_clock::now() - began < 6s);
}

TEST_CASE("good callers are answered beside many more slow ones than may be open") {
    World world([](config::Settings& settings) {
        settings.server.limits.connections = 20;
        settings.server.limits.connections_per_address = 20;
    });
    // Sent away while a slow one is being cut for it, a caller comes again.
    const auto answered = [&] {
        for (int tries = 0; tries < 50; ++tries) {
            Wire good(world.port());
            good.send(World::requestText("GET", "/health", "", {}));
            if (good.receive().status == 200) return true;
        }
        return false;
    };
    std::vector<Wire> slow;
    for (int i = 0; i < 200; ++i) {
        slow.emplace_back(world.port());
        slow.back().send("POST /sync HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nnot all");
        if (i % 10 == 9) CHECK(answered());
    }
}

TEST_CASE("an idle connection is closed after the keep-alive time") {
    World world(
        [](config::Settings& settings) { settings.server.limits.keep_alive = Duration(200); });
    Wire wire(world.port());
    wire.send(World::requestText("GET", "/health", "", {}));
    CHECK(wire.receive().headers.at("connection") == "keep-alive");
    CHECK(wire.closed(5s));
}

TEST_CASE("requests that come in one piece are answered one after the other") {
    World world;
    Wire wire(world.port());
    const auto one = World::requestText("GET", "/health", "", {});
    wire.send(one + one + "GET /health HTTP/1.0\r\n\r\n");
    CHECK(wire.receive().status == 200);
    CHECK(wire.receive().status == 200);
    CHECK(wire.receive().headers.at("connection") == "close");
    CHECK(wire.closed(5s));
}

TEST_CASE("bodies that are read at the same time share one budget") {
    constexpr std::size_t kBody = (64u << 10) + 600;  // what is beyond 64 KiB counts
    World world([](config::Settings& settings) { settings.server.limits.bodies_in_flight = 1000; });
    Wire one(world.port()), other(world.port());
    const std::string begin =
        "POST /sync HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(kBody) + "\r\n\r\n";
    for (Wire* wire : {&one, &other}) wire->send(begin + std::string(kBody - 600, 'x'));
    // Both are asked for before either has sent its body: whichever comes second is refused at
    // once.
    Wire* refused = nullptr;
    for (int i = 0; i < 500 && refused == nullptr; ++i)
        refused = one.answered(20ms) ? &one : other.answered(20ms) ? &other : nullptr;
    REQUIRE(refused != nullptr);
    const auto answer = refused->receive();
    CHECK(answer.status == 503);
    CHECK(answer.headers.at("retry-after") == "1");
    Wire& taken = refused == &one ? other : one;
    taken.send(std::string(600, 'x'));
    CHECK(taken.receive().status == 401);
    Wire later(world.port());
    later.send(begin + std::string(kBody, 'x'));
    CHECK(later.receive().status == 401);
}

TEST_CASE("large bodies that are not ended keep no small one out") {
    World world([](config::Settings& settings) { settings.server.limits.bodies_in_flight = 1000; });
    constexpr std::size_t kBody = (64u << 10) + 1000;
    Wire large(world.port()), refused(world.port());
    const std::string begin =
        "POST /sync HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(kBody) + "\r\n\r\n";
    large.send(begin + std::string(kBody - 1, 'x'));
    // The budget is taken as soon as another one that is too large is refused.
    refused.send(begin + std::string(kBody - 1, 'x'));
    Wire* first = nullptr;
    for (int i = 0; i < 500 && first == nullptr; ++i)
        first = refused.answered(20ms) ? &refused : large.answered(20ms) ? &large : nullptr;
    REQUIRE(first != nullptr);
    CHECK(first->receive().status == 503);
    for (const std::size_t size : {std::size_t{1}, std::size_t{40'000}, std::size_t{64} << 10}) {
        INFO(size);
        Wire small(world.port());
        small.send("POST /sync HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) +
                   "\r\n\r\n" + std::string(size, 'x'));
        CHECK(small.receive().status == 401);
    }
}

}  // namespace iac::http
