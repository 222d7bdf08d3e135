#include "plugin/http.hpp"

#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include "plugin/registry.hpp"

namespace iac::plugin {
namespace {

ExchangeFunction load() {
    const auto file = libraryFolder() / "http-client.so";
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);  // stays, as a plugin does
    void* symbol = library == nullptr ? nullptr : ::dlsym(library, kExchangeSymbol);
    if (symbol == nullptr)
        throw std::runtime_error("http: the runner's HTTP client cannot be loaded (" +
                                 std::string(::dlerror()) + "); install the runner again");
    return reinterpret_cast<ExchangeFunction>(symbol);
}

}  // namespace

iac_status exchange(const iac_http& asked, const Cancellation* cancel, iac_http_sink sink,
                    void* user, iac_error* error) {
    static const ExchangeFunction function = load();
    return function(&asked, cancel == nullptr ? -1 : cancel->descriptor(), sink, user, error);
}

}  // namespace iac::plugin
