// Who waits for a deployment, when the connection does not last as long.
#include "cli/following.hpp"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <catch2/catch.hpp>
#include <sstream>
#include <thread>

namespace iac::cli {
namespace {

/// Answers one request after the other with these bytes, and closes after each: what is cut short
/// is a connection that broke.
class Script {
public:
    explicit Script(std::vector<std::string> answers)
        : socket_(Poco::Net::SocketAddress("127.0.0.1", 0)), thread_([this, answers] {
              for (const auto& answer : answers) {
                  auto connection = socket_.acceptConnection();
                  std::string request;
                  char piece[4096];
                  while (request.find("\r\n\r\n") == std::string::npos) {
                      const int got = connection.receiveBytes(piece, sizeof piece);
                      if (got <= 0) break;
                      request.append(piece, static_cast<std::size_t>(got));
                  }
                  asked += request.substr(0, request.find(" HTTP")) + "\n";
                  connection.sendBytes(answer.data(), static_cast<int>(answer.size()));
                  connection.shutdownSend();
              }
          }) {}
    ~Script() { thread_.join(); }

    Client client() const {
        Endpoint endpoint;
        endpoint.url = Poco::URI("http://127.0.0.1:" + std::to_string(socket_.address().port()));
        endpoint.token = "iac_test";
        return Client(endpoint);
    }
    std::string asked;  ///< to be read when all has been answered

private:
    Poco::Net::ServerSocket socket_;
    std::thread thread_;
};

std::string log(const std::string& text, bool whole = true) {
    std::ostringstream size;
    size << std::hex << text.size();
    return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n" +
           size.str() + "\r\n" + text + "\r\n" + (whole ? "0\r\n\r\n" : "");
}

std::string json(const std::string& text, const std::string& status = "200 OK") {
    return "HTTP/1.1 " + status +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) +
           "\r\n\r\n" + text;
}

}  // namespace

TEST_CASE("a connection that breaks goes on where it was, and into the deployment that took over") {
    const Script script({log("first\n", false), json(R"({"id":1,"status":"running"})"),
                         log("first\nsecond\n"),
                         json(R"({"id":1,"status":"superseded","superseded_by":2})"),
                         log("third\n"), json(R"({"id":2,"status":"success"})")});
    auto client = script.client();
    std::ostringstream progress;
    const auto ended = awaitEnd(client, "1", &progress);
    CHECK(ended->getValue<int>("id") == 2);
    CHECK(progress.str() == "first\nsecond\nDeployment 1 was taken over by 2.\nthird\n");
    CHECK(script.asked ==
          "GET /deployments/1/log?follow=1\nGET /deployments/1\n"
          "GET /deployments/1/log?follow=1\nGET /deployments/1\n"
          "GET /deployments/2/log?follow=1\nGET /deployments/2\n");
}

TEST_CASE("where no place is free to follow the log, the deployment itself is asked") {
    const std::string full = json(R"({"detail":"No place is free."})", "503 Service Unavailable");
    const Script script({full, json(R"({"id":1,"status":"running"})"), full,
                         json(R"({"id":1,"status":"failed"})")});
    auto client = script.client();
    const auto ended = awaitEnd(client, "1", nullptr);
    CHECK(ended->getValue<std::string>("status") == "failed");
}

TEST_CASE("who is refused while waiting hears why") {
    const Script script({json(R"({"detail":"The token is revoked."})", "401 Unauthorized")});
    auto client = script.client();
    CHECK_THROWS_WITH(awaitEnd(client, "1", nullptr), "The token is revoked.");
}

}  // namespace iac::cli
