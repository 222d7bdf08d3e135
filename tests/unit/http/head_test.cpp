#include "http/head.hpp"

#include <catch2/catch.hpp>

#include "http/answer.hpp"

namespace iac::http {
namespace {

const std::string kLine = "GET /health HTTP/1.1\r\n";

/// As text: "GET /health 1.1|name=value|...", or the status of the refusal.
std::string read(const std::string& bytes) {
    HeadReader reader;
    try {
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            if (!reader.take(bytes[at])) continue;
            const auto& head = reader.head();
            std::string text = head.method + " " + head.target + (head.http_1_1 ? " 1.1" : " 1.0");
            for (const auto& [name, value] : head.fields) text += "|" + name + "=" + value;
            return at + 1 == bytes.size() ? text : text + ", and more";
        }
        return "not whole";
    } catch (const Problem& problem) {
        CHECK(std::string(problem.what()).ends_with('.'));
        return std::to_string(problem.status());
    }
}

std::string field(const std::string& line) {
    return read(kLine + line + "\r\n\r\n");
}

}  // namespace

TEST_CASE("a head is its method, its target, its version and its fields, in their order") {
    CHECK(read(kLine + "\r\n") == "GET /health 1.1");
    CHECK(read("BREW * HTTP/1.0\r\n\r\n") == "BREW * 1.0");
    CHECK(read("POST /deploy?wait=1 HTTP/1.1\r\nHost: a:80\r\nX-B:2\r\nx-a:\t1 \t\r\nX-B: "
               "3\r\n\r\n") == "POST /deploy?wait=1 1.1|host=a:80|x-b=2|x-a=1|x-b=3");
    CHECK(field("Empty:") == "GET /health 1.1|empty=");
    CHECK(field("Empty: \t ") == "GET /health 1.1|empty=");
    CHECK(field("Odd!#$%&'*+-.^_`|~9: a") == "GET /health 1.1|odd!#$%&'*+-.^_`|~9=a");
}

TEST_CASE("the head ends where it ends, and not before") {
    CHECK(read("") == "not whole");
    CHECK(read(kLine) == "not whole");
    CHECK(read(kLine + "A: b\r\n\r") == "not whole");
    CHECK(read(kLine + "A: b\r\n\r\n{") == "GET /health 1.1|a=b, and more");
}

TEST_CASE("a value is the bytes that came, whatever other protocols would make of them") {
    CHECK(field("X-GitHub-Event: =?utf-8?Q?pu=73h?=") ==
          "GET /health 1.1|x-github-event==?utf-8?Q?pu=73h?=");
    CHECK(field("A: \"b, c\"; (d) \\") == "GET /health 1.1|a=\"b, c\"; (d) \\");
    CHECK(field("A: b \t c") == "GET /health 1.1|a=b \t c");
    CHECK(field("A: b: c") == "GET /health 1.1|a=b: c");
    CHECK(field("A: \xc3\xa9\xff") == "GET /health 1.1|a=\xc3\xa9\xff");
}

TEST_CASE("a folded field is the one that it would be on one line") {
    CHECK(field("A: b\r\n c") == "GET /health 1.1|a=b c");
    CHECK(field("A: b \t\r\n\t  c\r\n \r\n d\r\nE: f") == "GET /health 1.1|a=b c d|e=f");
    CHECK(field("A:\r\n b") == "GET /health 1.1|a=b");
    CHECK(field("A: b\r\n ") == "GET /health 1.1|a=b");
    CHECK(field(" A: b") == "400");
}

TEST_CASE("a request line has three parts, with one space between them") {
    for (const std::string line : {"GET /health",
                                   "GET",
                                   "GET ",
                                   "GET  /health HTTP/1.1",
                                   "GET /health  HTTP/1.1",
                                   "GET /health HTTP/1.1 ",
                                   " GET /health HTTP/1.1",
                                   "GET\t/health HTTP/1.1",
                                   "GET /health\tHTTP/1.1",
                                   "GET /health http/1.1",
                                   "GET /health HTTP/1.",
                                   "GET /health HTTP",
                                   "GET /health HTTP/1.10",
                                   "GET /health FTP/1.1",
                                   "GET /health HTTP/a.b",
                                   "GET /a b HTTP/1.1",
                                   "GE(T /health HTTP/1.1",
                                   "\x16\x03\x01",
                                   "/health HTTP/1.1",
                                   "G\xc3\x89T / HTTP/1.1"}) {
        INFO(line);
        CHECK(read(line + "\r\n\r\n") == "400");
    }
    for (const std::string version : {"HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9"})
        CHECK(read("PRI * " + version + "\r\n\r\n") == "505");
    CHECK(read("\r\n" + kLine + "\r\n") == "GET /health 1.1");
    CHECK(read("\r\n\r\n" + kLine + "\r\n") == "400");
}

TEST_CASE("a line that is no field is refused, and not passed over") {
    for (const std::string line :
         {"no colon", "nocolon", ": no name", "Content-Length : 5", "Content-Length\t: 5",
          "A(b): c", "\"A\": b", "A\xc3\xa9: b", "A: b\x01", "A: \x7f", "A: \x1b[31m"}) {
        INFO(line);
        CHECK(field(line) == "400");
    }
    CHECK(field("A: b" + std::string(1, '\0')) == "400");
    CHECK(field("A" + std::string(1, '\0') + ": b") == "400");
}

TEST_CASE("CR and LF end a line together, and stand nowhere alone") {
    for (const std::string bytes :
         {"GET / HTTP/1.1\n", "GET / HTTP/1.1\r\r", "GET / HTTP/1.1\rA", "GET /\r HTTP/1.1\r\n",
          "\n", "\r\r", "GET / HTTP/1.1\r\nA: b\n", "GET / HTTP/1.1\r\nA: b\rC",
          "GET / HTTP/1.1\r\nA: b\r\n\n", "GET / HTTP/1.1\r\nA: b\r\n\r\r"}) {
        INFO(bytes);
        CHECK(read(bytes) == "400");
    }
}

TEST_CASE("a head is refused at the first byte over a limit") {
    const auto all = [](std::size_t count, char byte) { return std::string(count, byte); };
    const std::string end = " HTTP/1.1\r\n\r\n";
    CHECK(read(all(kLongestMethod, 'M') + " /" + end) == all(kLongestMethod, 'M') + " / 1.1");
    CHECK(read(all(kLongestMethod + 1, 'M')) == "400");
    const auto target = "/" + all(kLongestTarget - 1, 'a');
    CHECK(read("GET " + target + end) == "GET " + target + " 1.1");
    CHECK(read("GET " + target + "a") == "414");

    const auto name = all(kLongestFieldName, 'n'), value = all(kLongestFieldValue, 'v');
    CHECK(field(name + ": " + value) == "GET /health 1.1|" + name + "=" + value);
    CHECK(read(kLine + name + "n") == "400");
    CHECK(read(kLine + "A: " + value + "v") == "400");
    CHECK(read(kLine + "A: v\r\n " + value) == "400");

    std::string fields;
    for (std::size_t i = 0; i < kMostFields; ++i) fields += "A: b\r\n";
    CHECK(read(kLine + fields + " folded\r\n\r\n").ends_with("|a=b folded"));
    CHECK(read(kLine + fields + "A") == "400");

    // Blanks are in no field, and count here.
    const auto rest = kLongestHead - kLine.size() - std::string("A:b\r\n\r\n").size();
    CHECK(read(kLine + "A:" + all(rest, ' ') + "b\r\n\r\n") == "GET /health 1.1|a=b");
    CHECK(read(kLine + "A:" + all(rest, ' ') + " b\r\n\r\n") == "431");
}

}  // namespace iac::http
