// bare_server PORT SECRET: what Poco alone can take. Reads a push, checks its signature, parses it,
// answers 202, and keeps nothing: the floor that the runner's own way in is measured against.
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/ThreadPool.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <simdjson.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <istream>
#include <string>
#include <string_view>

namespace {

constexpr int kThreads = 80;

bool isSigned(const std::string& secret, std::string_view body, std::string_view signature) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    ::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data(), &size);
    std::string right = "sha256=";
    for (unsigned i = 0; i < size; ++i) right += {digits[digest[i] >> 4], digits[digest[i] & 15]};
    return right.size() == signature.size() &&
           ::CRYPTO_memcmp(right.data(), signature.data(), right.size()) == 0;
}

class Handler final : public Poco::Net::HTTPRequestHandler {
public:
    explicit Handler(const std::string& secret) : secret_(secret) {}

    void handleRequest(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) override {
        static thread_local simdjson::dom::parser parser;
        std::string body(static_cast<std::size_t>(request.getContentLength64()), '\0');
        request.stream().read(body.data(), static_cast<std::streamsize>(body.size()));
        std::string_view ref;
        const bool good = isSigned(secret_, body, request.get("X-Hub-Signature-256", "")) &&
                          parser.parse(body)["ref"].get(ref) == simdjson::SUCCESS;
        static constexpr std::string_view answer = R"({"status":"accepted"})";
        response.setStatus(good ? Poco::Net::HTTPResponse::HTTP_ACCEPTED
                                : Poco::Net::HTTPResponse::HTTP_UNAUTHORIZED);
        response.setContentType("application/json");
        response.sendBuffer(answer.data(), answer.size());
    }

private:
    const std::string& secret_;
};

class Factory final : public Poco::Net::HTTPRequestHandlerFactory {
public:
    explicit Factory(std::string secret) : secret_(std::move(secret)) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(
        const Poco::Net::HTTPServerRequest&) override {
        return new Handler(secret_);
    }

private:
    const std::string secret_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const Poco::Net::SocketAddress address(
        "127.0.0.1", static_cast<Poco::UInt16>(std::strtoul(argv[1], nullptr, 10)));
    Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
    params->setMaxThreads(kThreads);
    params->setMaxKeepAliveRequests(0);
    Poco::ThreadPool pool(2, kThreads + 1);
    Poco::Net::HTTPServer server(new Factory(argv[2]), pool, Poco::Net::ServerSocket(address),
                                 params);
    server.start();
    ::pause();  // until it is killed
    return 0;
}
