#include "log_follower.hpp"

#include <Poco/JSON/Parser.h>

#include <catch2/catch.hpp>
#include <sstream>

namespace iac::http {
namespace {

constexpr std::chrono::seconds kPatience{30};

Extra asking(const std::string& target, const std::string& last_id) {
    auto extra = signedStamped("GET " + target + ".", kSecret, freshNonce());
    extra.emplace_back("Accept", "text/event-stream");
    if (!last_id.empty()) extra.emplace_back("Last-Event-ID", last_id);
    return extra;
}

}  // namespace

Follower::Follower(World& world, const std::string& target, const std::string& last_id)
    : wire_(world.port()) {
    wire_.send(World::requestText("GET", target, "", asking(target, last_id)));
}

bool Follower::more() {
    const std::string piece = wire_.some(kPatience);
    if (piece.empty()) return false;
    raw_ += piece;
    if (head_) {
        const auto end = raw_.find("\r\n\r\n");
        if (end == std::string::npos) return true;
        INFO(raw_);
        REQUIRE(raw_.substr(0, 12) == "HTTP/1.1 200");
        REQUIRE(raw_.find("Content-Type: text/event-stream\r\n") < end);
        raw_.erase(0, end + 4);
        head_ = false;
    }
    for (;;) {
        const auto line = raw_.find("\r\n");
        if (line == std::string::npos) return true;
        const std::size_t size = std::stoul(raw_.substr(0, line), nullptr, 16);
        if (raw_.size() < line + 2 + size + 2) return true;
        text_ += raw_.substr(line + 2, size);
        raw_.erase(0, line + 2 + size + 2);
        if (size == 0) ended_ = true;
        if (ended_) return true;
    }
}

Follower::Event Follower::next() {
    for (;;) {
        std::size_t end = 0;
        while ((end = text_.find("\n\n")) == std::string::npos) {
            REQUIRE_FALSE(ended_);
            REQUIRE(more());
        }
        std::istringstream lines(text_.substr(0, end));
        text_.erase(0, end + 2);
        Event event;
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("id: ")) event.id = line.substr(4);
            if (line.starts_with("event: ")) event.name = line.substr(7);
            if (line.starts_with("data: "))
                event.data =
                    Poco::JSON::Parser().parse(line.substr(6)).extract<Poco::JSON::Object::Ptr>();
        }
        if (!event.name.empty()) return event;  // else it was a comment
    }
}

Follower::Event Follower::await(const std::string& name) {
    for (;;) {
        auto event = next();
        if (event.name == name) return event;
        REQUIRE(event.name != "end");
    }
}

bool Follower::ended() {
    while (!ended_ && text_.empty() && more()) {
    }
    return ended_ && text_.empty();
}

}  // namespace iac::http
