// mapping PLUGINS FOLDER ROUNDS: maps 10,000 changed paths by 1,000 rules with iac.path-rules, and
// prints how long each round took, in us. Before it writes the same paths and the same patterns to
// FOLDER/paths and FOLDER/.gitignore, for git to do the same with.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "plugin/inside.hpp"

namespace {

constexpr int kRules = 1'000;
constexpr int kPaths = 10'000;

std::string numbered(const char* before, int number, const char* after) {
    return before + std::to_string(number) + after;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const std::string folder = argv[2];
    std::ofstream ignore(folder + "/.gitignore"), listed(folder + "/paths");
    std::string rules;
    for (int i = 0; i < kRules; ++i) {
        const std::string pattern = numbered("platform/*.service-", i, "/**");
        ignore << '/' << pattern << '\n';
        rules += (i > 0 ? "," : "") + std::string(R"({"path":")") + pattern + R"(","service":")" +
                 numbered("platform/service-", i, R"("})");
    }
    std::vector<std::string> paths, services;
    for (int i = 0; i < kPaths; ++i) {
        const int service = i % kRules;
        paths.push_back("platform/" + std::to_string(service % 90 + 10) +
                        numbered(".service-", service, "/config/") + numbered("file-", i, ".yaml"));
        listed << paths.back() << '\n';
    }
    for (int i = 0; i < kRules; ++i) services.push_back(numbered("platform/service-", i, ""));
    if (!ignore.flush() || !listed.flush()) return 1;

    const iac::plugin::Registry registry({argv[1]});
    const iac::plugin::Mapper mapper(registry.find("mapper", "iac.path-rules"),
                                     R"({"rules":[)" + rules + "]}");
    for (long left = std::strtol(argv[3], nullptr, 10); left > 0; --left) {
        const auto began = std::chrono::steady_clock::now();
        const auto mapped = mapper.map(paths, services, "staging");
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - began;
        if (mapped.size() != kPaths) {
            std::fprintf(stderr, "mapping: %zu of %d paths were mapped\n", mapped.size(), kPaths);
            return 1;
        }
        std::printf("%.0f\n", took.count());
    }
    return 0;
}
