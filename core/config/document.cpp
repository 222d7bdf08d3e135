#include "config/document.hpp"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <fcntl.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <sstream>
#include <system_error>

#include "base/descriptor.hpp"
#include "config/findings.hpp"
#include "config/scalar.hpp"

namespace iac::config {

namespace {

[[noreturn]] void refuse(const std::string& file, int line, const std::string& path,
                         const std::string& sentence) {
    throw Invalid(file + ":" + std::to_string(line) + ": " + (path.empty() ? "" : path + ": ") +
                  sentence);
}

std::string reason(int error) {
    return std::generic_category().message(error);
}

/// Turns the nodes of yaml-cpp into JSON, one line number for each.
class Converter {
public:
    Converter(Document& document, Findings& findings) : document_(document), findings_(findings) {}

    Poco::Dynamic::Var value(const YAML::Node& node, const std::string& path, int depth) {
        const int line = node.Mark().line + 1;
        // An alias stands for a copy, so this also ends a file of aliases of aliases, and a cycle.
        if (++values_ > Document::kMostValues)
            refuse(
                document_.origins.file, line, "",
                "holds more than " + std::to_string(Document::kMostValues) +
                    " values once its aliases are expanded: use fewer aliases, or a smaller file");
        if (depth > Document::kDeepest)
            refuse(document_.origins.file, line, path.substr(0, 80) + "...",
                   "is nested more than " + std::to_string(Document::kDeepest) + " deep");
        // An empty value has no place of its own; that of its key is there already.
        if (!node.Mark().is_null()) document_.origins.lines.emplace(path, line);
        if (node.IsMap()) return mapping(node, path, depth);
        if (node.IsSequence()) return list(node, path, depth);
        return scalar(node, path);
    }

private:
    Poco::Dynamic::Var mapping(const YAML::Node& node, const std::string& path, int depth) {
        checkTag(node, path, "tag:yaml.org,2002:map");
        Poco::JSON::Object::Ptr object = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
        std::map<std::string, int> seen;
        for (const auto& member : node) {
            const int line = member.first.Mark().line + 1;
            if (!member.first.IsScalar() && !member.first.IsNull())
                refuse(document_.origins.file, line, path,
                       "has a key that is not text (a value such as {name} or [x] wants quotes)");
            const std::string key =
                member.first.IsNull() ? std::string("null") : member.first.Scalar();
            const std::string here = memberPath(path, key);
            if (const auto [first, fresh] = seen.emplace(key, line); !fresh) {
                document_.origins.lines[here] = line;
                findings_.add(here, "is there twice, also in line " +
                                        std::to_string(first->second) + ": remove one of the two");
                continue;
            }
            document_.origins.lines[here] = line;
            if (key == "<<") {
                findings_.add(here, "merge keys are not read: repeat the values");
                continue;
            }
            object->set(key, value(member.second, here, depth + 1));
        }
        return object;
    }

    Poco::Dynamic::Var list(const YAML::Node& node, const std::string& path, int depth) {
        checkTag(node, path, "tag:yaml.org,2002:seq");
        Poco::JSON::Array::Ptr array = new Poco::JSON::Array;
        std::size_t index = 0;
        for (const auto& item : node) array->add(value(item, itemPath(path, index++), depth + 1));
        return array;
    }

    Poco::Dynamic::Var scalar(const YAML::Node& node, const std::string& path) {
        if (node.IsNull()) return {};
        const std::string& text = node.Scalar();
        if (text.size() > Document::kLongestText) {
            findings_.add(
                path, "is longer than " + std::to_string(Document::kLongestText >> 10) + " KiB");
            return std::string();
        }
        if (text.find('\0') != std::string::npos) {
            findings_.add(path, "contains a NUL byte, which no program can be given");
            return std::string();
        }
        const std::string& tag = node.Tag();
        if (tag == "!" || tag == "tag:yaml.org,2002:str") return text;
        checkTag(node, path, "?");
        Poco::Dynamic::Var typed;
        if (!plainScalar(text, typed)) {
            findings_.add(path,
                          "is a number that cannot be kept exactly: write it in quotes if it "
                          "is meant as text");
            return std::string();
        }
        if (!typed.isString()) document_.written.emplace(path, text);
        return typed;
    }

    void checkTag(const YAML::Node& node, const std::string& path, const std::string& plain) {
        const auto& tag = node.Tag();
        if (tag.empty() || tag == "?" || tag == "!" || tag == plain) return;
        findings_.add(path, "has the YAML tag \"" + tag + "\", which is not read: leave it out");
    }

    Document& document_;
    Findings& findings_;
    std::size_t values_ = 0;
};

void checkUtf8(const std::string& file, const std::string& bytes) {
    if (simdjson::validate_utf8(bytes)) return;
    int line = 1;
    for (std::size_t begin = 0; begin < bytes.size(); ++line) {
        const auto end = std::min(bytes.find('\n', begin), bytes.size());
        if (!simdjson::validate_utf8(bytes.data() + begin, end - begin)) break;
        begin = end + 1;
    }
    refuse(file, line, "", "is not UTF-8 here: save the file as UTF-8");
}

/// Sees where the documents of a file begin, and nothing else of them.
class Beginnings final : public YAML::EventHandler {
public:
    using Mark = YAML::Mark;
    using Style = YAML::EmitterStyle::value;
    int line() const { return line_; }
    void OnDocumentStart(const Mark& mark) override { line_ = mark.line + 1; }
    void OnDocumentEnd() override {}
    void OnNull(const Mark&, YAML::anchor_t) override {}
    void OnAlias(const Mark&, YAML::anchor_t) override {}
    void OnScalar(const Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const Mark&, const std::string&, YAML::anchor_t, Style) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const Mark&, const std::string&, YAML::anchor_t, Style) override {}
    void OnMapEnd() override {}

private:
    int line_ = 0;
};

/// The line where a second document begins; 0: there is none. Not found with YAML::LoadAll(), which
/// makes documents of a stray "," without end.
int secondDocument(const std::string& bytes) {
    std::istringstream stream(bytes);
    YAML::Parser parser(stream);
    Beginnings beginnings;
    const bool two = parser.HandleNextDocument(beginnings) && parser.HandleNextDocument(beginnings);
    return two ? beginnings.line() : 0;
}

/// yaml-cpp's own words, and the usual reason where it is plain to see.
std::string explain(const std::string& bytes, const YAML::Exception& error) {
    std::size_t begin = 0;
    for (int line = 0; line < error.mark.line && begin != std::string::npos; ++line) {
        begin = bytes.find('\n', begin);
        if (begin != std::string::npos) ++begin;
    }
    if (begin != std::string::npos) {
        const auto first = bytes.find_first_not_of(' ', begin);
        if (first != std::string::npos && bytes[first] == '\t')
            return "is indented with a tab: YAML wants spaces";
    }
    // The } of a bare ${NAME} ends the { it stands in.
    if (error.msg.find("flow") != std::string::npos && bytes.find("${") != std::string::npos)
        return "is not YAML: " + error.msg + " (within { } and [ ], write \"${NAME}\" in quotes)";
    return "is not YAML: " + error.msg;
}

}  // namespace

std::string readWhole(const std::filesystem::path& file, std::size_t largest) {
    // O_NONBLOCK: opening a pipe that nobody writes to must not hang the start.
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!descriptor || ::fstat(descriptor.get(), &status) != 0)
        throw std::runtime_error("cannot be read: " + reason(errno));
    if (S_ISDIR(status.st_mode)) throw std::runtime_error("is a folder, not a file");
    if (!S_ISREG(status.st_mode)) throw std::runtime_error("is not a regular file");
    std::string bytes;
    char piece[16'384];
    for (;;) {
        const auto count = ::read(descriptor.get(), piece, sizeof piece);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw std::runtime_error("cannot be read: " + reason(errno));
        if (count == 0) return bytes;
        bytes.append(piece, static_cast<std::size_t>(count));
        if (bytes.size() > largest)
            throw std::runtime_error("is larger than " + std::to_string(largest >> 10) + " KiB");
    }
}

std::string readConfiguration(const std::filesystem::path& file) try {
    return readWhole(file, Document::kLargestFile);
} catch (const std::runtime_error& error) {
    throw Invalid(file.string() + ": " + error.what());
}

Document parseDocument(const std::string& file, const std::string& bytes) {
    Document document;
    document.origins.file = file;
    checkUtf8(document.origins.file, bytes);
    Findings findings(document.origins);
    try {
        const auto node = YAML::Load(bytes);
        if (node.IsNull())
            refuse(document.origins.file, 1, "",
                   "is empty: `iac-runner config reference` prints a complete example");
        if (const int line = secondDocument(bytes); line > 0)
            refuse(document.origins.file, line, "",
                   "begins a second YAML document: one file is one configuration");
        document.root = Converter(document, findings).value(node, "", 0);
    } catch (const YAML::DeepRecursion& error) {
        refuse(document.origins.file, error.mark.line + 1, "", "is nested too deep to be read");
    } catch (const YAML::Exception& error) {
        refuse(document.origins.file, std::max(error.mark.line, 0) + 1, "", explain(bytes, error));
    }
    findings.throwIfAny();
    return document;
}

}  // namespace iac::config
