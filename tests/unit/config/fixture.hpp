#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "config/settings.hpp"

namespace iac::config {

/// A folder that is gone at the end of the test.
class Folder {
public:
    Folder() {
        auto name = (std::filesystem::temp_directory_path() / "iac-config-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name, std::ios::binary) << text;
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

/// A variable of the process environment, as it was again at the end of the test.
class Variable {
public:
    Variable(std::string name, const std::string& value) : name_(std::move(name)) {
        if (const char* before = std::getenv(name_.c_str())) before_ = before;
        ::setenv(name_.c_str(), value.c_str(), 1);
    }
    ~Variable() {
        if (before_)
            ::setenv(name_.c_str(), before_->c_str(), 1);
        else
            ::unsetenv(name_.c_str());
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    std::string name_;
    std::optional<std::string> before_;
};

/// Four lines that check. What is appended begins in line 5.
inline const std::string kBase =
    "server: { secret: a-secret-of-the-test }\n"
    "repository: { url: /srv/infrastructure }\n"
    "environments: { staging: , production: }\n"
    "executors: { invoke: { plugin: iac.invoke } }\n";

inline Settings loadText(const Folder& folder, const std::string& text) {
    return load(folder.write("iac-runner.yaml", text));
}

/// What is wrong with a file of that text, without its folder; empty when nothing is.
inline std::string problem(const Folder& folder, const std::string& text) {
    try {
        loadText(folder, text);
        return {};
    } catch (const Invalid& invalid) {
        std::string sentences = invalid.what();
        const auto prefix = folder.path().string() + "/";
        for (auto at = sentences.find(prefix); at != std::string::npos; at = sentences.find(prefix))
            sentences.erase(at, prefix.size());
        return sentences;
    }
}

inline std::string problem(const std::string& text) {
    const Folder folder;
    return problem(folder, text);
}

}  // namespace iac::config
