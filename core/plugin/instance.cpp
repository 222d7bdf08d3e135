#include "plugin/instance.hpp"

#include <optional>

#include "base/log.hpp"
#include "plugin/inside.hpp"
#include "plugin/services.hpp"

namespace iac::plugin {
namespace {

// A trigger or a mapper writes no step's log: what it prints goes to the runner's own.
class Collector final : public CallEvents {
public:
    Collector(Plugin plugin, std::size_t most, Masker* masker)
        : plugin_(std::move(plugin)), most_(most), masker_(masker) {}

    void log(int level, std::string_view sentence) override { logFor(plugin_, level, sentence); }
    void output(int, std::string_view bytes) override { log(IAC_DEBUG, bytes); }
    void progress(double, std::string_view) override {}
    void exited(int) override {}
    void mask(std::string_view secret) override {
        if (masker_ != nullptr) masker_->learnFetched(secret);
    }
    void emit(std::string_view json) override {
        auto emitted = emitted_.lock();
        if (emitted->size() == most_)
            throw std::runtime_error("it emitted more than " + std::to_string(most_) + " results");
        emitted->emplace_back(json);
    }
    std::vector<std::string> take() { return std::move(*emitted_.lock()); }

private:
    const Plugin plugin_;
    const std::size_t most_;
    Masker* const masker_;
    Guarded<std::vector<std::string>> emitted_;
};

std::string sentence(iac_error& error) {
    error.message[sizeof error.message - 1] = '\0';
    const std::string_view text(error.message);
    return text.empty() ? "it gave no reason" : std::string(text);
}

// One call, with all that the thread it is made on uses.
struct AskedCall {
    AskedCall(const Plugin& plugin, std::shared_ptr<const CallInput> with, std::size_t most,
              Masker* masker)
        : input(std::move(with)), collector(plugin, most, masker) {}
    const std::shared_ptr<const CallInput> input;
    Collector collector;
    Instance::Answer answer;
    std::string fault;
};

}  // namespace

void logFor(const Plugin& plugin, int level, std::string_view sentence) {
    log::write(log::levelOf(level), "plugin", plugin.id + ": " + std::string(sentence));
}

std::unique_ptr<Instance> makeInstance(const Plugin& plugin, std::string_view config,
                                       const CallSettings& settings) {
    if (settings.own_process) return std::make_unique<HostedInstance>(plugin, config, settings);
    return std::make_unique<InsideInstance>(plugin, config, settings);
}

// The configuration and what create() made of it. Ended by whoever uses it last: a call that was
// given up may outlive the instance.
struct InsideInstance::Made {
    explicit Made(const iac_plugin& with) : functions(with) {}
    ~Made() {
        if (self != nullptr) functions.destroy(self);
    }
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;

    const iac_plugin& functions;
    std::unique_ptr<const Document> config;
    void* self = nullptr;
    iac_error error{};
};

InsideInstance::InsideInstance(const Plugin& plugin, std::string_view config,
                               const CallSettings& settings)
    : Instance(plugin),
      masker_(settings.masker),
      calls_(plugin, settings.timeout),
      made_(std::make_shared<Made>(*plugin.functions)) {
    std::string reason;
    made_->config = Document::parse(config, reason);
    if (made_->config == nullptr)
        throw Refused(plugin.id + ": its configuration cannot be read: " + reason);
    try {
        calls_.run("create", [made = made_](const Cancellation&) {
            made->self = made->functions.create(hostServices(), made->config->root(), &made->error);
        });
    } catch (const Unanswered& unanswered) {
        throw Refused(unanswered.what());
    }
    if (made_->self == nullptr)
        throw Refused(plugin.id + ": create() failed: " + sentence(made_->error));
}

InsideInstance::~InsideInstance() {
    calls_.runLast("destroy",
                   [made = std::move(made_)](const Cancellation&) mutable { made.reset(); });
}

Instance::Answer InsideInstance::call(const char* function, std::shared_ptr<const CallInput> input,
                                      std::size_t most) const {
    // A program that has to end gets less time than the call itself.
    static const ExecRoom room{{}, "/", kLastMoment / 2, {}};
    const auto asked = std::make_shared<AskedCall>(plugin(), std::move(input), most, masker_);
    const auto end = calls_.run(function, [made = made_, asked](const Cancellation& cancel) {
        CallServices services(asked->collector, room, &cancel);
        iac_error error{};
        auto& answer = asked->answer;
        answer.status = made->functions.call(made->self, services.table(),
                                             asked->input->document.root(), &error);
        if (answer.status != IAC_OK) answer.message = sentence(error);
        asked->fault = services.fault();
    });
    if (!asked->fault.empty()) throw Failed(name() + ": " + asked->fault);
    Answer answer = std::move(asked->answer);
    // Done is done, even when it was asked to stop at the last moment.
    if (answer.status != IAC_OK && end != InsideCalls::End::in_time) {
        const bool stopped = end == InsideCalls::End::cancelled_by_stop;
        const std::string why = name() + " was stopped in " + function +
                                "(): " + (stopped ? "the runner stops" : "its time was over") +
                                "; it said: " + answer.message;
        if (stopped) throw Stopped(plugin().id, why);
        throw Unanswered(plugin().id, why);
    }
    answer.emitted = asked->collector.take();
    return answer;
}

std::unique_ptr<const Document> parseEmitted(const Instance& by, std::string_view json) {
    std::string reason;
    auto document = Document::parse(json, reason);
    if (document == nullptr) throw Failed(by.name() + " emitted what is no result: " + reason);
    if (document->root()->type != IAC_OBJECT)
        throw Failed(by.name() + " emitted what is no result: it is not a JSON object");
    return document;
}

void Emitted::fail(const std::string& why) const {
    throw Failed(by_.name() + " emitted what is no result: " + why);
}

const iac_value* Emitted::member(std::string_view name) const {
    const iac_value* object = document_->root();
    for (std::uint32_t i = 0; i < object->count; ++i)
        if (view(object->keys[i]) == name)
            return object->items[i].type == IAC_NULL ? nullptr : &object->items[i];
    return nullptr;
}

const iac_value* Emitted::expect(std::string_view name, int type, const char* what) const {
    const iac_value* found = member(name);
    if (found != nullptr && found->type != type)
        fail("\"" + std::string(name) + "\" is not " + what);
    return found;
}

std::string Emitted::text(std::string_view name) const {
    const iac_value* found = expect(name, IAC_STRING, "a string");
    return found == nullptr ? std::string() : std::string(stringOf(*found));
}

bool Emitted::boolean(std::string_view name) const {
    const iac_value* found = expect(name, IAC_BOOL, "a boolean");
    return found != nullptr && found->boolean;
}

std::vector<std::string> Emitted::texts(std::string_view name) const {
    std::vector<std::string> result;
    const iac_value* found = expect(name, IAC_ARRAY, "an array of strings");
    if (found == nullptr) return result;
    result.reserve(found->count);
    for (std::uint32_t i = 0; i < found->count; ++i) {
        if (found->items[i].type != IAC_STRING)
            fail("\"" + std::string(name) + "\" is not an array of strings");
        result.emplace_back(stringOf(found->items[i]));
    }
    return result;
}

int Emitted::number(std::string_view name, int least, int most) const {
    const iac_value* found = expect(name, IAC_NUMBER, "a number");
    const double value = found == nullptr ? least - 1.0 : numberOf(*found);
    if (!(value >= least && value <= most) || value != static_cast<int>(value))
        fail("\"" + std::string(name) + "\" is not a whole number from " + std::to_string(least) +
             " to " + std::to_string(most));
    return static_cast<int>(value);
}

std::string Emitted::json(std::string_view name) const {
    const iac_value* found = member(name);
    if (found == nullptr) fail("\"" + std::string(name) + "\" is missing");
    return std::string(document_->json(*found));
}

}  // namespace iac::plugin
