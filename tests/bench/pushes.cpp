// pushes COUNT SEED SECRET FILE: writes that many whole HTTP requests, each a signed GitHub push
// with a commit, a delivery id and so a body of its own. All have the same length, which is
// printed.
#include <openssl/hmac.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
const std::string kCommit(40, '@');  // stands for the commit that is pushed
constexpr std::string_view kRepository = "https://api.github.com/repos/octo-org/infrastructure";
constexpr std::string_view kPerson =
    R"({"name":"Mona Lisa Octocat","email":"mona@example.org","username":"mona-octocat"})";

std::string hex(std::mt19937_64& random, std::size_t size) {
    std::string text;
    while (text.size() < size) {
        auto bits = random();
        for (int i = 0; i < 16 && text.size() < size; ++i, bits >>= 4) text += kDigits[bits & 15];
    }
    return text;
}

std::string commit(std::mt19937_64& random, const std::string& id, int number) {
    const std::string n = std::to_string(number);
    return R"({"id":")" + id + R"(","tree_id":")" + hex(random, 40) +
           R"(","distinct":true,"message":"platform/postgres: raise the number of connections, part )" +
           n +
           R"(\n\nThe pool of the workers needs more of them since they are started per queue.",)"
           R"("timestamp":"2026-03-0)" +
           n + R"(T10:2)" + n +
           R"(:41+01:00","url":"https://github.com/octo-org/infrastructure/commit/)" + id +
           R"(","author":)" + std::string(kPerson) + R"(,"committer":)" + std::string(kPerson) +
           R"(,"added":["platform/01.postgres/conf.d/pool-)" + n +
           R"(.conf"],"removed":[],"modified":["platform/01.postgres/compose.yaml",)"
           R"("platform/02.redis/compose.yaml"]})";
}

// The members that GitHub sends about the repository: most of a push is made of them.
std::string repository() {
    std::string json =
        R"({"id":186853002,"node_id":"MDEwOlJlcG9zaXRvcnkxODY4NTMwMDI=","name":"infrastructure",)"
        R"("full_name":"octo-org/infrastructure","private":true,"owner":)" +
        std::string(kPerson) +
        R"(,"description":"Everything that runs, and how","fork":false,"default_branch":"main")";
    for (const char* name :
         {"forks",        "keys",        "collaborators", "teams",         "hooks",
          "issue_events", "events",      "assignees",     "branches",      "tags",
          "blobs",        "git_tags",    "git_refs",      "trees",         "statuses",
          "languages",    "stargazers",  "contributors",  "subscribers",   "subscription",
          "commits",      "git_commits", "comments",      "issue_comment", "contents",
          "compare",      "merges",      "archive",       "downloads",     "issues",
          "pulls",        "milestones",  "notifications", "labels",        "releases",
          "deployments"})
        json += R"(,")" + std::string(name) + R"(_url":")" + std::string(kRepository) + "/" + name +
                R"({/number}")";
    return json +
           R"(,"created_at":1557933565,"pushed_at":1772443301,"size":48113,"visibility":"private"})";
}

std::string pushTemplate(std::mt19937_64& random) {
    const std::string before = hex(random, 40);
    std::string json =
        R"({"ref":"refs/heads/main","before":")" + before + R"(","after":")" + kCommit +
        R"(","repository":)" + repository() +
        R"(,"pusher":{"name":"mona-octocat",)"
        R"("email":"mona@example.org"},"sender":{"login":"mona-octocat","id":21031067},)"
        R"("created":false,"deleted":false,"forced":false,"base_ref":null,"commits":[)";
    for (int i = 1; i < 4; ++i) json += commit(random, hex(random, 40), i) + ",";
    const std::string last = commit(random, kCommit, 4);
    return json + last + R"(],"head_commit":)" + last + "}";
}

std::string sign(const std::string& secret, const std::string& body) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    ::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data(), &size);
    std::string text;
    for (unsigned i = 0; i < size; ++i) text += {kDigits[digest[i] >> 4], kDigits[digest[i] & 15]};
    return text;
}

std::string request(const std::string& delivery, const std::string& signature,
                    const std::string& body) {
    return "POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n"
           "User-Agent: GitHub-Hookshot/044aadd\r\nContent-Type: application/json\r\n"
           "X-GitHub-Delivery: " +
           delivery +
           "\r\nX-GitHub-Event: push\r\n"
           "X-GitHub-Hook-ID: 292430182\r\nX-GitHub-Hook-Installation-Target-ID: 186853002\r\n"
           "X-GitHub-Hook-Installation-Target-Type: repository\r\n"
           "X-Hub-Signature-256: sha256=" +
           signature + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    std::mt19937_64 random(std::strtoull(argv[2], nullptr, 10));
    const std::string secret = argv[3];
    std::string body = pushTemplate(random);
    std::vector<std::size_t> places;
    for (auto at = body.find(kCommit); at != body.npos; at = body.find(kCommit, at + 1))
        places.push_back(at);
    std::ofstream out(argv[4], std::ios::binary);
    std::size_t size = 0;
    for (long left = std::strtol(argv[1], nullptr, 10); left > 0; --left) {
        const std::string id = hex(random, 40), delivery = hex(random, 32);
        for (const auto at : places) body.replace(at, id.size(), id);
        const std::string whole = request(delivery, sign(secret, body), body);
        size = whole.size();
        out << whole;
    }
    if (!out.flush()) {
        std::perror(argv[4]);
        return 1;
    }
    std::printf("%zu %zu\n", size, body.size());
    return 0;
}
