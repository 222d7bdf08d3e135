// The shapes of what the fake Dokploy answers: the members a real one was seen to send.
#pragma once

#include <iac/plugin.hpp>
#include <string>

#include "fake_dokploy.hpp"

namespace iac::fakes {

HttpAnswer error(int status, const std::string& code, const std::string& message,
                 const std::string& procedure);
HttpAnswer validationError(const std::string& procedure, const std::string& field,
                           const std::string& code, const std::string& message);
Object environmentStub(const std::string& name, const std::string& id, bool is_default,
                       const Array& applications, const Array& composes);
Object rowJson(const Dokploy::Row& row, const Dokploy::Service& service);
Object jobJson(const Dokploy::Job& job, bool compose);

}  // namespace iac::fakes
