#include "plugin/check_case.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "base/guarded.hpp"
#include "plugin/check_call.hpp"
#include "plugin/check_result.hpp"

namespace iac::plugin {
namespace {

using Is = CheckFinding::Is;
using Texts = std::vector<std::string>;

const iac_value* memberOf(const iac_value& object, std::string_view name) {
    if (object.type != IAC_OBJECT) return nullptr;
    for (std::uint32_t i = 0; i < object.count; ++i)
        if (view(object.keys[i]) == name) return &object.items[i];
    return nullptr;
}

std::string textAt(const iac_value& object, std::string_view name) {
    const auto* found = memberOf(object, name);
    return found == nullptr ? std::string() : std::string(stringOf(*found));
}

int numberAt(const iac_value& object, std::string_view name, int otherwise) {
    const auto* found = memberOf(object, name);
    return found == nullptr ? otherwise : static_cast<int>(numberOf(*found));
}

Texts textsOf(const iac_value* list) {
    Texts texts;
    for (std::uint32_t i = 0; list != nullptr && list->type == IAC_ARRAY && i < list->count; ++i)
        texts.emplace_back(stringOf(list->items[i]));
    return texts;
}

bool areEqual(const iac_value& one, const iac_value& other) {
    if (one.type != other.type || one.count != other.count) return false;
    switch (one.type) {
        case IAC_BOOL:
            return one.boolean == other.boolean;
        case IAC_NUMBER:
            return numberOf(one) == numberOf(other);
        case IAC_STRING:
            return stringOf(one) == stringOf(other);
        default:
            break;
    }
    for (std::uint32_t i = 0; i < one.count; ++i) {
        const auto* same =
            one.type == IAC_OBJECT ? memberOf(other, view(one.keys[i])) : &other.items[i];
        if (same == nullptr || !areEqual(one.items[i], *same)) return false;
    }
    return true;
}

std::string shown(const iac_value* value) {
    return value == nullptr ? "absent" : std::string(value->document->json(*value));
}

std::string joined(const Texts& texts) {
    std::string all;
    for (const auto& one : texts) (all += all.empty() ? "" : " ") += one;
    return all;
}

// The author's answers, each given once before the last is given again.
class Answers {
public:
    explicit Answers(const iac_value* list) : list_(list) {}

    template <class Fits>
    const iac_value* next(Fits fits) {
        const iac_value* last = nullptr;
        for (std::uint32_t i = 0; list_ != nullptr && i < list_->count; ++i) {
            if (!fits(list_->items[i])) continue;
            last = &list_->items[i];
            if (std::find(given_.begin(), given_.end(), last) != given_.end()) continue;
            given_.push_back(last);
            return last;
        }
        return last;
    }

private:
    const iac_value* list_;
    std::vector<const iac_value*> given_;
};

class Case final : public CallEvents, public Pretence {
public:
    explicit Case(const iac_value& of) : exec_(memberOf(of, "exec")), http_(memberOf(of, "http")) {}

    void log(int, std::string_view sentence) override { (*log_.lock() += sentence) += '\n'; }
    void output(int, std::string_view bytes) override { *output_.lock() += bytes; }
    void progress(double, std::string_view) override {}
    void emit(std::string_view) override {}
    void exited(int) override {}
    void mask(std::string_view) override {}

    iac_status exec(const iac_exec& asked, std::int32_t* exit_code, iac_error*) override {
        Texts argv;
        for (std::size_t i = 0; i < asked.argc; ++i) argv.emplace_back(view(asked.argv[i]));
        const iac_value* answer = exec_.lock()->next([&](const iac_value& one) {
            const Texts wanted = textsOf(memberOf(one, "argv"));
            return wanted.size() <= argv.size() &&
                   std::equal(wanted.begin(), wanted.end(), argv.begin());
        });
        ran.lock()->push_back(argv);
        if (exit_code != nullptr)
            *exit_code = answer == nullptr ? 0 : numberAt(*answer, "exit_code", 0);
        if (answer == nullptr) return IAC_OK;
        print(asked, 1, textAt(*answer, "output"));
        print(asked, 2, textAt(*answer, "error"));
        return IAC_OK;
    }

    iac_status http(const iac_http& asked, iac_http_sink sink, void* user, iac_error*) override {
        const std::string request =
            std::string(view(asked.method)) + " " + std::string(view(asked.url));
        const iac_value* answer = http_.lock()->next(
            [&](const iac_value& one) { return request.starts_with(textAt(one, "request")); });
        sent.lock()->push_back(request);
        constexpr int kOk = 200;
        const Texts headers = answer == nullptr ? Texts{} : textsOf(memberOf(*answer, "headers"));
        std::vector<iac_text> lines;
        for (const auto& one : headers) lines.push_back(text(one));
        const std::string body = answer == nullptr || memberOf(*answer, "body") == nullptr
                                     ? "{}"
                                     : textAt(*answer, "body");
        const iac_http_reply reply{sizeof reply,
                                   answer == nullptr ? kOk : numberAt(*answer, "status", kOk),
                                   text(body), lines.data(), lines.size()};
        sink(user, &reply);
        return IAC_OK;
    }

    std::string logged() { return *log_.lock(); }
    std::string printed() { return *output_.lock(); }

    Guarded<std::vector<Texts>> ran;
    Guarded<Texts> sent;

private:
    void print(const iac_exec& asked, int stream, const std::string& bytes) {
        if (bytes.empty()) return;
        if (asked.sink != nullptr) asked.sink(asked.user, stream, text(bytes));
        if ((asked.flags & IAC_EXEC_QUIET) == 0) output(stream, bytes);
    }

    Guarded<Answers> exec_, http_;
    Guarded<std::string> log_, output_;
};

using Documents = std::vector<std::unique_ptr<const Document>>;

std::string wrongMembers(const iac_value& expected, const Documents& in) {
    for (std::uint32_t i = 0; i < expected.count; ++i) {
        const iac_value* said = nullptr;
        for (const auto& one : in)
            if (const auto* found = memberOf(*one->root(), view(expected.keys[i]))) said = found;
        if (said == nullptr || !areEqual(expected.items[i], *said))
            return "it emitted \"" + std::string(view(expected.keys[i])) + "\": " + shown(said) +
                   ", expected " + shown(&expected.items[i]);
    }
    return {};
}

std::string wrongResults(const iac_value& expected, const Texts& emitted) {
    Documents results;
    for (const auto& json : emitted) {
        std::string reason;
        results.push_back(Document::parse(json, reason));
    }
    if (expected.type == IAC_OBJECT) return wrongMembers(expected, results);
    if (expected.count != results.size())
        return "it emitted " + std::to_string(results.size()) + " results, expected " +
               std::to_string(expected.count);
    for (std::uint32_t i = 0; i < expected.count; ++i) {
        Documents one;
        one.push_back(std::move(results[i]));
        if (auto wrong = wrongMembers(expected.items[i], one); !wrong.empty())
            return "result " + std::to_string(i + 1) + ": " + wrong;
    }
    return {};
}

std::string wrongPart(const char* what, const iac_value& expect, std::string_view name,
                      const std::string& is) {
    const auto* expected = memberOf(expect, name);
    if (expected == nullptr || is.find(stringOf(*expected)) != std::string::npos) return {};
    return std::string(what) + " is \"" + is + "\", expected it to contain \"" +
           std::string(stringOf(*expected)) + "\"";
}

std::string wrongAsked(const iac_value& expect, Case& heard) {
    if (const auto* expected = memberOf(expect, "exec")) {
        const auto ran = *heard.ran.lock();
        std::vector<Texts> wanted;
        for (std::uint32_t i = 0; i < expected->count; ++i)
            wanted.push_back(textsOf(&expected->items[i]));
        std::string all;
        for (const auto& one : ran) (all += all.empty() ? "" : "; ") += joined(one);
        if (ran != wanted) return "it ran: " + (all.empty() ? "nothing" : all);
    }
    if (const auto* expected = memberOf(expect, "http")) {
        const auto sent = *heard.sent.lock();
        if (sent != textsOf(expected))
            return "it sent: " + (sent.empty() ? "nothing" : joined(sent));
    }
    return {};
}

}  // namespace

CheckFinding checkCase(const CheckSubject& subject) {
    const auto* input = memberOf(subject.input, "input");
    const auto* expect = memberOf(subject.input, "expect");
    if (input == nullptr || expect == nullptr || expect->type != IAC_OBJECT)
        return {Is::failed, "it has no \"expect\""};
    const CheckedInstance instance(subject.plugin, subject.config);
    Case heard(subject.input);
    CheckedInstance::Answer answer;
    if (instance.isMade()) {
        answer = instance.callPretending(*input, heard, heard);
    } else {
        answer.status = IAC_INVALID;
        answer.sentence = instance.reason();
    }
    if (auto fault = answer.fault(); !fault.empty() && answer.status != IAC_INTERNAL)
        return {Is::failed, fault};
    const auto* status = memberOf(*expect, "status");
    const std::string wanted = status == nullptr ? "ok" : std::string(stringOf(*status));
    if (answer.statusText() != wanted)
        return {Is::failed, "it returned " + answer.text() + ", expected " + wanted};
    std::string wrong = wrongPart("its message", *expect, "message", answer.sentence);
    if (const auto* emitted = memberOf(*expect, "emitted"); wrong.empty() && emitted != nullptr)
        wrong = wrongResults(*emitted, answer.emitted);
    if (wrong.empty() && answer.status == IAC_OK) {
        const auto* dry = memberOf(*input, "dry_run");
        wrong = resultFault(subject.plugin.kind, answer.emitted,
                            dry != nullptr && dry->type == IAC_BOOL && dry->boolean);
    }
    if (wrong.empty()) wrong = wrongAsked(*expect, heard);
    if (wrong.empty()) wrong = wrongPart("its log", *expect, "log", heard.logged());
    if (wrong.empty()) wrong = wrongPart("its output", *expect, "output", heard.printed());
    return wrong.empty() ? CheckFinding{} : CheckFinding{Is::failed, wrong};
}

}  // namespace iac::plugin
