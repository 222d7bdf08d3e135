#include "http/log_events.hpp"

#include <Poco/JSON/Array.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/utf8.hpp"
#include "model/json.hpp"

namespace iac::http {
namespace {

constexpr std::uint64_t kPiece = 16u << 10;

/// How many bytes at the end of the text begin a letter that is not whole yet.
std::size_t brokenEnd(std::string_view text) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xC0) == 0x80) continue;
        const std::size_t whole = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return whole > back ? back : 0;
    }
    return 0;
}

/// JSON has no line breaks of its own: one data line holds it.
std::string eventText(std::string_view id, std::string_view name,
                      const Poco::JSON::Object::Ptr& data) {
    std::string text;
    if (!id.empty()) text = "id: " + std::string(id) + "\n";
    return text + "event: " + std::string(name) + "\ndata: " + jsonText(data) + "\n\n";
}

}  // namespace

std::optional<LogPlace> LogEvents::placeOf(std::string_view id) {
    std::array<std::uint64_t, 3> numbers{};
    const char* at = id.data();
    const char* const end = at + id.size();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0 && (at == end || *at++ != '-')) return std::nullopt;
        const auto [stopped, error] = std::from_chars(at, end, numbers[i]);
        if (error != std::errc()) return std::nullopt;
        at = stopped;
    }
    if (at != end) return std::nullopt;
    constexpr std::uint64_t kMost = std::numeric_limits<int>::max();
    if (numbers[1] > kMost) return std::nullopt;
    return LogPlace{static_cast<StepId>(numbers[0]), static_cast<int>(numbers[1]), numbers[2]};
}

bool LogEvents::output(const LogPiece& piece, std::uint64_t& taken) {
    const std::uint64_t from = piece.from.at;
    while (from + taken < piece.end) {
        std::string text(static_cast<std::size_t>(std::min(kPiece, piece.end - from - taken)), 0);
        const auto got =
            ::pread(piece.file, text.data(), text.size(), static_cast<off_t>(from + taken));
        if (got <= 0) return true;  // cleaned away meanwhile
        text.resize(static_cast<std::size_t>(got));
        const bool all = from + taken + text.size() == piece.end;
        // What was printed at once may be read in two pieces: a letter is not torn by that.
        if (!all || !piece.last) text.resize(text.size() - brokenEnd(text));
        if (text.empty()) return true;
        taken += text.size();
        auto data = jsonObject();
        data->set("service", validUtf8(piece.step.service));
        data->set("attempt", piece.attempt.number);
        data->set("text", validUtf8(text));
        const std::string id = std::to_string(piece.from.step) + "-" +
                               std::to_string(piece.from.attempt) + "-" +
                               std::to_string(from + taken);
        if (!send(eventText(id, "log", data))) return false;
    }
    return true;
}

bool LogEvents::state(const Deployment& deployment, const LogWalk& walk) {
    Poco::JSON::Array::Ptr steps = new Poco::JSON::Array;
    for (const Step& step : deployment.steps) {
        if (!walk.concerns(step)) continue;
        auto object = jsonObject();
        object->set("service", validUtf8(step.service));
        object->set("status", std::string(toText(step.state)));
        setText(object, "summary", step.summary.empty() ? step.diagnosis.summary : step.summary);
        setText(object, "error_kind", step.diagnosis.error_kind);
        setText(object, "next_action", step.diagnosis.next_action);
        steps->add(object);
    }
    auto data = jsonObject();
    data->set("deployment_id", deployment.id);
    data->set("status", std::string(toText(deployment.state)));
    data->set("steps", steps);
    std::string text = eventText({}, "state", data);
    if (text == last_state_) return true;
    last_state_ = std::move(text);
    return send(last_state_);
}

bool LogEvents::heartbeat() {
    return Steady::now() - sent_ < kHeartbeat || send(": nothing new\n\n");
}

bool LogEvents::end(const Deployment& deployment) {
    auto data = jsonObject();
    data->set("deployment_id", deployment.id);
    data->set("status", std::string(toText(deployment.state)));
    if (deployment.superseded_by != 0) data->set("superseded_by", deployment.superseded_by);
    return send(eventText(kEnd, "end", data));
}

bool LogEvents::send(std::string_view text) {
    sent_ = Steady::now();
    return out_.write(text);
}

}  // namespace iac::http
