#include "task_list.hpp"

#include <optional>
#include <string>

namespace iac::invoke {
namespace {

// Whether one collection of `invoke --list --list-format=json` has the task "a.b.c": of the name or
// alias, or as the default task of a collection of that name.
bool hasTask(Value collection, std::string_view task) {
    for (auto dot = task.find('.');; dot = task.find('.')) {
        const auto first = task.substr(0, dot);
        const Value tasks = collection.get<Value>("tasks");
        for (std::size_t i = 0; dot == task.npos && i < tasks.count(); ++i) {
            if (tasks[i].get<std::string>("name") == first) return true;
            for (const auto& alias : tasks[i].get<std::vector<std::string>>("aliases", {}))
                if (alias == first) return true;
        }
        const Value nested = collection.get<Value>("collections");
        std::size_t found = 0;
        while (found < nested.count() && nested[found].get<std::string>("name") != first) ++found;
        if (found == nested.count()) return false;
        collection = nested[found];
        if (dot == task.npos) return collection.find<std::string>("default").has_value();
        task.remove_prefix(dot + 1);
    }
}

std::optional<Value> collectionOf(const Call& call, std::string_view line) {
    if (line.empty() || line.front() != '{') return std::nullopt;
    try {
        const Value value = call.parse(line);
        if (value.find<Value>("tasks") && value.find<Value>("collections")) return value;
    } catch (const Error&) {
        // Something that tasks.py printed.
    }
    return std::nullopt;
}

}  // namespace

bool listHasTask(const Call& call, std::string_view printed, std::string_view task) {
    while (!printed.empty()) {
        if (printed.back() == '\n') printed.remove_suffix(1);
        const auto begin = printed.rfind('\n');
        const auto line = begin == printed.npos ? printed : printed.substr(begin + 1);
        if (const auto collection = collectionOf(call, line)) return hasTask(*collection, task);
        printed = begin == printed.npos ? std::string_view{} : printed.substr(0, begin);
    }
    fail("`invoke --list --list-format=json` printed no list of tasks",
         {"unreadable_task_list", "Run it in the repository and see what tasks.py prints."});
}

}  // namespace iac::invoke
