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
    Collector(const Plugin& plugin, std::size_t most) : plugin_(plugin), most_(most) {}

    void log(int level, std::string_view sentence) override {
        log::write(log::levelOf(level), "plugin", plugin_.id + ": " + std::string(sentence));
    }
    void output(int, std::string_view bytes) override { log(IAC_DEBUG, bytes); }
    void progress(double, std::string_view) override {}
    void exited(int) override {}
    void emit(std::string_view json) override {
        auto emitted = emitted_.lock();
        if (emitted->size() == most_)
            throw std::runtime_error("it emitted more than " + std::to_string(most_) + " results");
        emitted->emplace_back(json);
    }
    std::vector<std::string> take() { return std::move(*emitted_.lock()); }

private:
    const Plugin& plugin_;
    const std::size_t most_;
    Guarded<std::vector<std::string>> emitted_;
};

std::string sentence(const iac_error& error) {
    const std::string_view text(error.message);
    return text.empty() ? "it gave no reason" : std::string(text);
}

}  // namespace

InsideInstance::InsideInstance(const Plugin& plugin, std::string_view config) : plugin_(plugin) {
    std::string reason;
    config_ = Document::parse(config, reason);
    if (config_ == nullptr)
        throw Refused(plugin.id + ": its configuration cannot be read: " + reason);
    iac_error error{};
    self_ = plugin_.functions->create(hostServices(), config_->root(), &error);
    if (self_ == nullptr) {
        error.message[sizeof error.message - 1] = '\0';
        throw Refused(plugin.id + ": create() failed: " + sentence(error));
    }
}

InsideInstance::~InsideInstance() {
    plugin_.functions->destroy(self_);
}

std::string InsideInstance::name() const {
    return plugin_.id + " (" + plugin_.file.string() + ")";
}

InsideInstance::Answer InsideInstance::call(const iac_value& input, std::size_t most) const {
    static const ExecRoom room{{}, "/", Duration{10'000}};
    Collector collector(plugin_, most);
    CallServices services(collector, room, nullptr);
    iac_error error{};
    Answer answer;
    {
        std::unique_lock<std::mutex> alone(exclusive_, std::defer_lock);
        if ((plugin_.functions->flags & IAC_CONCURRENT) == 0) alone.lock();
        answer.status = plugin_.functions->call(self_, services.table(), &input, &error);
    }
    if (const std::string fault = services.fault(); !fault.empty())
        throw Failed(name() + ": " + fault);
    error.message[sizeof error.message - 1] = '\0';
    if (answer.status != IAC_OK) answer.message = sentence(error);
    answer.emitted = collector.take();
    return answer;
}

std::unique_ptr<const Document> parseEmitted(const InsideInstance& by, std::string_view json) {
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
