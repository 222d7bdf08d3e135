// border PLUGINS COUNT: what the plugin border costs, each side in turn, as often as COUNT says;
// prints a line for each turn, in us:
//   a step of bench.noop in the host,
//   the host without a plugin: started the same way, it opens nothing and ends,
//   /bin/true started the same way,
//   a call of the mapper bench.by-folder in this process: a change of 10 paths, 20 services known,
//   the same function, called directly.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "by_folder.hpp"
#include "plugin/host.hpp"
#include "plugin/host_program.hpp"
#include "plugin/inside.hpp"

namespace {

using namespace iac;

constexpr int kCalls = 2'000;  // of the mapper in one turn: one alone is too short to be timed

template <class Work>
double microseconds(int times, Work work) {
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) work();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
    return took.count() / times;
}

void require(bool fact, const std::string& sentence) {
    if (!fact) throw std::runtime_error(sentence);
}

void step(const plugin::Plugin& noop) {
    plugin::HostedCall call;
    call.plugin = &noop;
    call.config = "{}";
    call.input = R"({"deployment":1,"service":"bench/noop","name":"noop","environment":"staging",)"
                 R"("revision":"0123456789012345678901234567890123456789","attempt":1,)"
                 R"("directory":"/","dry_run":false,"with":{"seconds":0}})";
    const auto result = plugin::callInHost(call, {});
    require(result.status == 0, "the step failed: " + result.message);
}

void process(const std::vector<std::string>& argv) {
    const RunEnd end = run({argv, plugin::hostEnvironment(), "/"}, {}, {});
    require(end.exit.code == 0, argv[0] + ": " + toText(end.exit));
}

std::vector<plugin::Mapped> direct(const std::vector<std::string>& paths,
                                   const std::vector<std::string>& services) {
    std::vector<plugin::Mapped> all;
    bench::byFolder(paths, services,
                    [&](const std::string& service, const std::string& path, const char* rule) {
                        all.push_back({service, path, false, rule});
                    });
    return all;
}

void measure(const std::string& folder, long turns) {
    const plugin::Registry registry({folder});
    const auto& noop = registry.find("executor", "bench.noop");
    const plugin::Mapper mapper(registry.find("mapper", "bench.by-folder"), "{}");
    const std::string host = plugin::hostProgram();
    std::vector<std::string> paths, services;
    for (int i = 0; i < 20; ++i) services.push_back("platform/service-" + std::to_string(i));
    for (int i = 0; i < 10; ++i) paths.push_back(services[i * 2] + "/compose.yaml");
    require(mapper.map(paths, services, "staging") == direct(paths, services),
            "the mapper and the function disagree");

    for (; turns > 0; --turns)
        std::printf("%.1f %.1f %.1f %.3f %.3f\n", microseconds(1, [&] { step(noop); }),
                    microseconds(1,
                                 [&] {
                                     process({host, "--probe"});
                                 }),
                    microseconds(1, [] { process({"/bin/true"}); }),
                    microseconds(kCalls, [&] { mapper.map(paths, services, "staging"); }),
                    microseconds(kCalls, [&] { direct(paths, services); }));
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 3) return 2;
    measure(argv[1], std::strtol(argv[2], nullptr, 10));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "border: %s\n", error.what());
    return 1;
}
