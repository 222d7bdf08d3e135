#pragma once

#include <Poco/Dynamic/Var.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "config/document.hpp"
#include "config/findings.hpp"

namespace iac::config {

/// The places of `secrets:` in their order: rendered files and the process environment.
class SecretSources {
public:
    /// Opens and reads them. What cannot be read is a finding; without a list, it is the process
    /// environment alone. Relative files are relative to `folder`.
    SecretSources(const Poco::Dynamic::Var& list, const std::filesystem::path& folder,
                  Document& document, Findings& findings);

    /// Of a list that makes no sense: nothing can be found, and nobody is to blame for it.
    static SecretSources unread();

    /// The first value of that name; nullptr when nothing provides it.
    const Secret* find(const std::string& name);
    /// Whether all could be read: only then a missing name is the fault of who wrote it.
    bool allRead() const { return all_read_; }
    /// "NAME is not in /secrets/.env, nor in the process environment": why find() found nothing.
    std::string whyMissing(const std::string& name) const;
    /// All values of files, and those of the environment that were asked for.
    std::map<std::string, Secret> known() const;
    /// The files that were read.
    std::vector<std::filesystem::path> files() const;

private:
    SecretSources() = default;
    struct Source {
        std::string shown;  ///< "/secrets/.env"; the environment: "the process environment"
        bool environment = false;
        std::map<std::string, Secret> values;
        std::set<std::string> unrendered;  ///< names a template had no value for
        bool absent = false;               ///< optional, and not there
        std::filesystem::path file;        ///< empty: the environment
    };
    void addFile(const std::filesystem::path& file, bool optional, const std::string& path,
                 Findings& findings);
    void addEnvironment();

    std::vector<Source> sources_;
    bool all_read_ = true;
};

/// Replaces `${NAME}` in every text of the document but those of `secrets:`, which are replaced
/// from the process environment when the sources are opened. `$${` stands for `${`.
void expandSecrets(Document& document, SecretSources& sources, Findings& findings);

}  // namespace iac::config
