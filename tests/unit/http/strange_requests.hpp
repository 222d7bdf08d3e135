#pragma once

#include <random>
#include <string>

#include "description.hpp"

namespace iac::http {

/// Makes requests of the description of the API that nobody would send: of the right shape, of
/// nearly the right shape, and of none. What it makes depends on the seed alone. One thread.
class StrangeRequests {
public:
    explicit StrangeRequests(std::uint64_t seed) : random_(seed) {}

    struct Asked {
        std::string method, target, body;
        std::vector<std::pair<std::string, std::string>> headers;
    };
    Asked make(const Operation& operation);

    bool chance(unsigned of_hundred) { return below(100) < of_hundred; }
    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
    }
    template <class List>
    const auto& pick(const List& list) {
        return list[below(list.size())];
    }

private:
    std::string pathOf(const Operation& operation);
    std::string queryOf(const Operation& operation);
    std::string bodyOf(const Operation& operation);
    std::string jsonOf(JsonObject schema, int depth);
    std::string objectOf(const JsonObject& schema, int depth);
    std::string textValue();
    std::string jsonText();
    std::string anyJson(int depth);
    std::string broken(std::string json);

    std::mt19937_64 random_;
};

}  // namespace iac::http
