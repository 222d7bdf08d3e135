#pragma once

#include <string>
#include <string_view>

#include "http/request.hpp"
#include "plugin/inside.hpp"

namespace iac::fuzz {

/// The triggers that ship, linked into the program instead of loaded: libFuzzer sees what they do.
const plugin::Trigger& github();
const plugin::Trigger& manual();

/// The header X-Hub-Signature-256 over these bytes, as whoever knows the secret sends it: nothing
/// can be made up behind a signature.
std::string signature(std::string_view bytes);

/// What a trigger makes of a request; what it may not make of one is a finding. A signature that
/// the request has is replaced by the right one.
plugin::TriggerVerdict verdictOf(const plugin::Trigger& trigger, http::Request& request);

}  // namespace iac::fuzz
