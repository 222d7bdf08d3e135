#pragma once

#include <iac/plugin.h>

#include "base/cancellation.hpp"

namespace iac::plugin {

/// One HTTP request, as iac_call::http() promises it. libcurl and the thirty libraries it brings
/// are loaded with the first request (lib/iac-runner/http-client.so), so that nobody pays for them
/// who does not use them. cancel: may be nullptr. Throws std::runtime_error when that file is not
/// there.
iac_status exchange(const iac_http& asked, const Cancellation* cancel, iac_http_sink sink,
                    void* user, iac_error* error);

/// What http-client.so exports: the same, with the descriptor of the cancellation, or -1.
using ExchangeFunction = iac_status (*)(const iac_http*, int cancel, iac_http_sink, void* user,
                                        iac_error*);
inline constexpr const char* kExchangeSymbol = "iac_http_exchange";

}  // namespace iac::plugin
