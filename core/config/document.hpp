#pragma once

#include <Poco/Dynamic/Var.h>

#include <filesystem>
#include <map>
#include <string>

#include "config/settings.hpp"

namespace iac::config {

/// A YAML file as JSON, with the line of everything in it.
struct Document {
    /// All of them are Invalid beyond.
    static constexpr std::size_t kLargestFile = 1u << 20;   ///< bytes
    static constexpr std::size_t kLongestText = 64u << 10;  ///< bytes of one scalar
    static constexpr std::size_t kMostValues = 20'000;      ///< after aliases are expanded
    static constexpr int kDeepest = 64;

    Poco::Dynamic::Var root;
    Origins origins;
    /// Plain numbers and truth values as they were written ("0644"), by path.
    std::map<std::string, std::string> written;
};

/// The bytes of a regular file of at most `largest` bytes. Throws a sentence without the file's
/// name (std::runtime_error): "cannot be read: No such file or directory".
std::string readWhole(const std::filesystem::path& file, std::size_t largest);

/// The bytes of a configuration file. Throws Invalid: unreadable, or too large.
std::string readConfiguration(const std::filesystem::path& file);

/// Makes a document of the bytes of a file; its name is for messages. Throws Invalid: not UTF-8,
/// not YAML, more than one document, a key twice, a tag, a limit. Scalars are typed as the YAML 1.2
/// core schema does: `yes` is text.
Document parseDocument(const std::string& file, const std::string& bytes);

}  // namespace iac::config
