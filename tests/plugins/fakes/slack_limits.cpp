#include "slack_limits.hpp"

#include <set>
#include <sstream>

namespace iac::fakes {
namespace {

using Object = Poco::JSON::Object::Ptr;
using Array = Poco::JSON::Array::Ptr;

class Judge {
public:
    std::vector<std::string> faults;

    void message(const Object& message) {
        text(message, "text", 0, 40'000, "the message");
        if (!message->has("blocks")) return;
        const Array blocks = message->getArray("blocks");
        if (blocks.isNull()) return fault("blocks is no array");
        if (blocks->size() > 50) fault("more than 50 blocks");
        std::ostringstream json;
        blocks->stringify(json);
        if (slackLength(json.str()) > 13'000) fault("the blocks are longer than 13,000 characters");
        for (unsigned i = 0; i < blocks->size(); ++i) block(blocks->getObject(i));
    }

private:
    void fault(std::string sentence) { faults.push_back(std::move(sentence)); }

    void only(const Object& object, const std::set<std::string>& members, const std::string& what) {
        for (const auto& name : object->getNames())
            if (members.count(name) == 0) fault(what + " has no member " + name);
    }

    void text(const Object& in, const char* name, std::size_t least, std::size_t most,
              const std::string& what) {
        const auto value = in->get(name);
        if (value.isEmpty() || !value.isString()) return fault(what + " has no text in " + name);
        const auto length = slackLength(value.extract<std::string>());
        if (length < least || length > most)
            fault(what + ": " + name + " has " + std::to_string(length) + " characters");
    }

    void plainText(const Object& block, std::size_t most, const std::string& what) {
        const Object object = block->getObject("text");
        if (object.isNull()) return fault(what + " has no text object");
        only(object, {"type", "text", "emoji"}, what);
        if (object->optValue<std::string>("type", "") != "plain_text")
            fault(what + " is not plain_text");
        text(object, "text", 1, most, what);
    }

    void block(const Object& block) {
        if (block.isNull()) return fault("a block is no object");
        const auto type = block->optValue<std::string>("type", "");
        if (type == "header" || type == "section") {
            only(block, {"type", "text"}, type);
            plainText(block, type == "header" ? 150 : 3'000, type);
        } else if (type == "rich_text") {
            only(block, {"type", "elements"}, type);
            elements(block, type, [&](const Object& one) { richText(one); });
        } else {
            fault("there is no block \"" + type + "\"");
        }
    }

    template <class Each>
    void elements(const Object& in, const std::string& what, Each each) {
        const Array list = in->getArray("elements");
        if (list.isNull() || list->size() == 0) return fault(what + " is empty");
        for (unsigned i = 0; i < list->size(); ++i) {
            if (list->getObject(i).isNull()) return fault(what + " holds what is no object");
            each(list->getObject(i));
        }
    }

    void richText(const Object& element) {
        const auto type = element->optValue<std::string>("type", "");
        if (type == "rich_text_list") {
            only(element, {"type", "style", "elements"}, type);
            if (element->optValue<std::string>("style", "") != "bullet")
                fault("no style of a list");
            elements(element, type, [&](const Object& one) {
                if (one->optValue<std::string>("type", "") != "rich_text_section")
                    fault("a list holds what is no section");
                richText(one);
            });
        } else if (type == "rich_text_section" || type == "rich_text_quote" ||
                   type == "rich_text_preformatted") {
            only(element, {"type", "elements"}, type);
            elements(element, type, [&](const Object& one) { leaf(one, type); });
        } else {
            fault("there is no rich text \"" + type + "\"");
        }
    }

    void leaf(const Object& element, const std::string& within) {
        const auto type = element->optValue<std::string>("type", "");
        if (type == "text") {
            only(element, {"type", "text", "style"}, type);
            text(element, "text", 1, 3'000, within);
        } else if (type == "link") {
            only(element, {"type", "text", "url", "style"}, type);
            text(element, "text", 1, 3'000, "a link");
            text(element, "url", 8, 3'000, "a link");
        } else if (within == "rich_text_section" && type == "user") {
            text(element, "user_id", 3, 30, type);
        } else if (within == "rich_text_section" && type == "usergroup") {
            text(element, "usergroup_id", 3, 30, type);
        } else if (within == "rich_text_section" && type == "broadcast") {
            text(element, "range", 4, 8, type);
        } else {
            fault(within + " holds a \"" + type + "\"");
        }
    }
};

}  // namespace

std::vector<std::string> slackFaults(const Object& message) {
    Judge judge;
    judge.message(message);
    return std::move(judge.faults);
}

std::size_t slackLength(const std::string& text) {
    std::size_t units = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
    }
    return units;
}

}  // namespace iac::fakes
