#pragma once

#include <string>
#include <string_view>

namespace iac::config {

/// What is wrong with a path "~/infrastructure", in a sentence.
inline constexpr const char* kTildeFault =
    "begins with \"~\", which only a shell replaces: write the whole path, such as "
    "/home/ada/infrastructure";

/// Why git must not be given this address, in a sentence; empty when it may.
std::string repositoryUrlFault(const std::string& url);

/// What is wrong with the user and password of an https address, in a sentence; empty: nothing, or
/// there are none. `written`: the address before its secrets were put in, which says where they
/// end; `url`: the address itself. A "/" in a token would end the host, and "%" stands for an
/// encoding.
std::string urlLoginFault(std::string_view written, std::string_view url);

/// Whether it is a path, and not "https://..." or "git@host:path".
bool isRepositoryPath(std::string_view url);

/// An https address without its user and password; any other as it is.
std::string withoutLogin(std::string_view url);

/// The password in "https://user:password@host/..."; empty when there is none.
std::string_view passwordIn(std::string_view url);

}  // namespace iac::config
