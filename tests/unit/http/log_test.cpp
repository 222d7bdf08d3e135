#include <catch2/catch.hpp>

#include "history/step_log.hpp"
#include "http/byte_range.hpp"
#include "log_follower.hpp"
#include "world.hpp"

namespace iac::http {
namespace {

using namespace std::chrono_literals;

std::string logOf(DeploymentId id) {
    return "/deployments/" + std::to_string(id) + "/log";
}

Received part(World& world, const std::string& target, const std::string& range) {
    auto extra = signedStamped("GET " + target + ".", kSecret, freshNonce());
    extra.emplace_back("Range", range);
    return world.ask("GET", target, "", extra);
}

}  // namespace

TEST_CASE("the log is told in order, with a heading for each attempt and the sum at the end") {
    World world;
    const auto id = deploy(world, "v1");
    const auto target = "/deployments/" + std::to_string(id) + "/log";
    CHECK(world.get(target).body.empty());
    const auto steps = world.begin(id, {"platform/postgres", "platform/redis", "platform/minio"});
    world.endStep(steps.at(0), StepState::changed, "created\n");
    CHECK(world.get(target).body == "== platform/postgres, attempt 1\ncreated\n");
    world.endStep(steps.at(1), StepState::failed, "no such task");
    history::StepEnd skipped;
    skipped.state = StepState::skipped;
    skipped.summary = "platform/redis failed";
    world.history().finishStep(steps.at(2).id, skipped);
    world.end(id, DeploymentState::failed);

    const auto answer = world.get(target);
    CHECK(answer.headers.at("content-type") == "text/plain; charset=utf-8");
    CHECK(answer.body ==
          "== platform/postgres, attempt 1\ncreated\n"
          "== platform/redis, attempt 1\nno such task\n"
          "== platform/minio, skipped: platform/redis failed\n"
          "sync completed: 1 succeeded, 1 failed\n");
    CHECK(world.get(target + "?service=redis").body ==
          "== platform/redis, attempt 1\nno such task\nsync completed: 0 succeeded, 1 failed\n");
    CHECK(world.get(target + "?service=mysql").status == 404);
    CHECK(world.get(target + "?follow=perhaps").status == 400);
}

TEST_CASE("a log that is followed comes as it is written, and ends with the deployment") {
    World world;
    const auto id = deploy(world, "v1");
    const auto target = "/deployments/" + std::to_string(id) + "/log?follow=1";
    Wire wire(world.port());
    wire.send(World::requestText("GET", target, "",
                                 signedStamped("GET " + target + ".", kSecret, freshNonce())));
    const auto steps = world.begin(id, {"platform/postgres"});
    const int attempt = world.history().startAttempt(steps.at(0).id);
    history::StepLog log(history::stepLogFile(world.folder(), id, steps.at(0).id, attempt),
                         1 << 20);
    std::string came;
    const auto await = [&](const std::string& text) {
        for (int i = 0; i < 600 && came.find(text) == std::string::npos; ++i)
            came += wire.rest(50ms);
        CHECK(came.find(text) != std::string::npos);
    };
    log.write("first\n");
    await("first\n");
    log.write("second\n");
    await("second\n");
    log.finish();
    world.history().finishAttempt(steps.at(0).id, attempt, {StepState::changed, 0, ""});
    history::StepEnd end;
    end.state = StepState::changed;
    world.history().finishStep(steps.at(0).id, end);
    world.end(id, DeploymentState::success);
    await("sync completed: 1 succeeded, 0 failed\n");
    await("0\r\n\r\n");
}

TEST_CASE("a log that is followed with a token ends when the token is revoked") {
    World world;
    const auto id = deploy(world, "v1");
    const auto token = world.makeToken("reader", "read"), other = world.makeToken("other", "read");
    world.begin(id, {"platform/postgres"});
    const bool events = GENERATE(false, true);
    const auto target = logOf(id) + "?follow=1";
    const auto ask = [&](Wire& wire, const std::string& by) {
        Extra extra{{"Authorization", "Bearer " + by}};
        if (events) extra.emplace_back("Accept", "text/event-stream");
        wire.send(World::requestText("GET", target, "", extra));
        REQUIRE(wire.answered(30s));
    };
    Wire revoked(world.port()), kept(world.port());
    ask(revoked, token);
    ask(kept, other);
    // A token of the same name is another one.
    REQUIRE(world.send("DELETE", "/tokens/reader").status == 200);
    world.makeToken("reader", "read");
    const auto answer = revoked.receive();
    CHECK(answer.body.find("token was revoked") != std::string::npos);
    world.end(id, DeploymentState::cancelled);
    CHECK(kept.receive().body.find("revoked") == std::string::npos);
}

TEST_CASE("followers of logs are bounded as other callers that wait") {
    World world([](config::Settings& settings) { settings.server.limits.waiting_callers = 0; });
    const auto id = deploy(world, "v1");
    const auto answer = world.get("/deployments/" + std::to_string(id) + "/log?follow=1");
    CHECK(answer.status == 503);
    CHECK(answer.headers.count("retry-after") == 1);
}

TEST_CASE("a part of a log is sent when it is asked for") {
    World world;
    const auto id = deploy(world, "v1");
    const auto steps = world.begin(id, {"platform/postgres", "platform/redis"});
    world.endStep(steps.at(0), StepState::changed, "created");
    const std::string running = world.get(logOf(id)).body;
    const auto open = part(world, logOf(id), "bytes=3-");
    CHECK(open.status == 206);
    CHECK(open.body == running.substr(3));
    CHECK(open.headers.at("content-range") ==
          "bytes 3-" + std::to_string(running.size() - 1) + "/*");

    world.endStep(steps.at(1), StepState::changed, std::string(200'000, 'x') + "\nend\n");
    world.end(id, DeploymentState::success);
    const auto whole = world.get(logOf(id));
    CHECK(whole.headers.at("accept-ranges") == "bytes");
    const std::string& all = whole.body;
    const std::string total = std::to_string(all.size());
    // What was there stays where it was.
    CHECK(all.substr(0, running.size()) == running);
    for (const auto& [begin, end] :
         std::vector<std::pair<std::size_t, std::size_t>>{{0, 0},
                                                          {0, 9},
                                                          {20, 60},
                                                          {30, 150'000},
                                                          {100'000, 100'000},
                                                          {199'000, all.size() - 1},
                                                          {all.size() - 40, all.size() + 1000}}) {
        const auto some =
            part(world, logOf(id), "bytes=" + std::to_string(begin) + "-" + std::to_string(end));
        INFO(begin << "-" << end);
        CHECK(some.status == 206);
        CHECK((some.body == all.substr(begin, end - begin + 1)));
        CHECK(some.headers.at("content-range") ==
              "bytes " + std::to_string(begin) + "-" +
                  std::to_string(std::min(end, all.size() - 1)) + "/" + total);
    }
    CHECK(part(world, logOf(id), "bytes=-30").body == all.substr(all.size() - 30));
    CHECK(part(world, logOf(id), "bytes=-999999").body.size() == all.size());
    const auto behind = part(world, logOf(id), "bytes=" + total + "-");
    CHECK(behind.status == 416);
    CHECK(behind.headers.at("content-range") == "bytes */" + total);
    CHECK(part(world, logOf(id) + "?service=postgres", "bytes=0-1").body == "==");
    // What is not understood asks for all.
    for (const std::string odd :
         {"bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,5-9", "bytes=-"})
        CHECK(part(world, logOf(id), odd).status == 200);
}

TEST_CASE("a log is followed as events, with the moves of its steps, to the end") {
    World world;
    const auto id = deploy(world, "v1");
    const auto steps = world.begin(id, {"platform/postgres", "platform/redis"});
    Follower follower(world, logOf(id));
    const auto state = follower.await("state");
    CHECK(state.data->getValue<std::string>("status") == "running");
    CHECK(state.data->getArray("steps")->size() == 2);
    CHECK(state.id.empty());

    const int attempt = world.history().startAttempt(steps.at(0).id);
    history::StepLog log(history::stepLogFile(world.folder(), id, steps.at(0).id, attempt),
                         1 << 20);
    log.write("first\n");
    const auto first = follower.await("log");
    CHECK(first.data->getValue<std::string>("text") == "first\n");
    CHECK(first.data->getValue<std::string>("service") == "platform/postgres");
    CHECK(first.data->getValue<int>("attempt") == 1);
    // A letter that is written in two pieces is told as one.
    log.write("sm\xc3");
    CHECK(follower.await("log").data->getValue<std::string>("text") == "sm");
    log.write("\xb8r\n");
    CHECK(follower.await("log").data->getValue<std::string>("text") == "\xc3\xb8r\n");
    log.finish();
    world.history().finishAttempt(steps.at(0).id, attempt, {StepState::changed, 0, ""});
    history::StepEnd end;
    end.state = StepState::changed;
    world.history().finishStep(steps.at(0).id, end);
    for (;;) {
        const auto moved = follower.await("state").data->getArray("steps")->getObject(0);
        if (moved->getValue<std::string>("status") == "changed") break;
    }
    world.endStep(steps.at(1), StepState::failed, "no such task\n");
    world.end(id, DeploymentState::failed);
    CHECK(follower.await("log").data->getValue<std::string>("text") == "no such task\n");
    const auto over = follower.await("end");
    CHECK(over.id == "end");
    CHECK(over.data->getValue<std::string>("status") == "failed");
    CHECK(follower.ended());
}

TEST_CASE("a log that is followed goes on across another plan, for whoever stayed or comes back") {
    World world;
    const auto id = deploy(world, "v1");
    auto steps = world.begin(id, {"a", "b", "c"});
    world.endStep(steps.at(0), StepState::changed, "first of a\n");
    // The runner dies while b prints.
    const int attempt = world.history().startAttempt(steps.at(1).id);
    {
        history::StepLog log(history::stepLogFile(world.folder(), id, steps.at(1).id, attempt),
                             1 << 20);
        log.write("first of b\n");
    }
    Follower stayed(world, logOf(id));
    std::string told, last;
    const auto hear = [](Follower& follower, std::string& text, const std::string& until) {
        std::string id_of_last;
        while (text.find(until) == std::string::npos) {
            const auto event = follower.next();
            if (event.name != "log") continue;
            text += event.data->getValue<std::string>("text");
            id_of_last = event.id;
        }
        return id_of_last;
    };
    last = hear(stayed, told, "first of b\n");
    const std::string text = world.get(logOf(id)).body;
    world.history().handBack(id, true);

    // The new plan has another service before all others, and the old ones in another order.
    steps = world.begin(id, {"d", "c", "b", "a"});
    world.endStep(steps.at(0), StepState::changed, "first of d\n");
    world.endStep(steps.at(1), StepState::changed, "first of c\n");
    world.endStep(steps.at(2), StepState::changed, "second of b\n");
    world.end(id, DeploymentState::success);

    const std::string more = "first of d\nfirst of c\nsecond of b\n";
    hear(stayed, told, "second of b\n");
    CHECK(told == "first of a\nfirst of b\n" + more);
    Follower back(world, logOf(id), last);
    std::string rest;
    hear(back, rest, "second of b\n");
    CHECK(rest == more);
    CHECK(back.await("end").id == "end");
    // Whoever follows the text goes on by what is known already.
    CHECK(world.get(logOf(id)).body.starts_with(text));
    // An id of something else is the beginning.
    for (const std::string odd : {"99-1-5", "0-0-11", "1-99999999999-0", "x"}) {
        INFO(odd);
        Follower again(world, logOf(id), odd);
        std::string whole;
        hear(again, whole, "second of b\n");
        CHECK(whole == told);
    }
}

TEST_CASE("whoever comes back to a followed log misses nothing, and gets nothing twice") {
    World world;
    const auto id = deploy(world, "v1");
    const auto steps = world.begin(id, {"platform/postgres", "platform/redis"});
    // Longer than one event.
    std::string output;
    for (int i = 0; i < 4'000; ++i) output += "line " + std::to_string(i) + "\n";
    world.endStep(steps.at(0), StepState::changed, output);
    world.endStep(steps.at(1), StepState::unchanged, "nothing to do\n");
    world.end(id, DeploymentState::success);

    std::string whole, last;
    std::vector<std::string> ids;
    for (Follower follower(world, logOf(id)); !follower.ended();) {
        const auto event = follower.await("log");
        whole += event.data->getValue<std::string>("text");
        ids.push_back(event.id);
        if (whole.size() == output.size() + 14) break;
    }
    CHECK((whole == output + "nothing to do\n"));
    REQUIRE(ids.size() > 2);
    std::string rest;
    Follower back(world, logOf(id), ids.at(1));
    while (rest.size() < whole.size()) {
        const auto event = back.next();
        if (event.name == "end") break;
        if (event.name == "log") rest += event.data->getValue<std::string>("text");
    }
    CHECK((!rest.empty() && rest.size() < whole.size()));
    CHECK((whole.substr(whole.size() - rest.size()) == rest));

    auto extra = signedStamped("GET " + logOf(id) + ".", kSecret, freshNonce());
    extra.emplace_back("Accept", "text/event-stream");
    extra.emplace_back("Last-Event-ID", "end");
    const auto done = world.ask("GET", logOf(id), "", extra);
    CHECK(done.status == 204);
    CHECK(done.headers.count("content-length") == 0);
}

TEST_CASE("whoever reads slowly holds up neither the step nor the others") {
    constexpr std::size_t kLines = 12'000;  // far more than lies between two ends of a connection
    World world([](config::Settings& settings) { settings.server.limits.step_output = 64u << 20; });
    const auto id = deploy(world, "v1");
    const auto steps = world.begin(id, {"platform/postgres"});
    const int attempt = world.history().startAttempt(steps.at(0).id);
    history::StepLog log(history::stepLogFile(world.folder(), id, steps.at(0).id, attempt),
                         64u << 20);
    std::vector<std::unique_ptr<Follower>> slow;
    for (int i = 0; i < 5; ++i) slow.push_back(std::make_unique<Follower>(world, logOf(id)));
    Follower quick(world, logOf(id));
    const std::string line(1'000, 'x');
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < kLines; ++i) log.write(line);
    CHECK(std::chrono::steady_clock::now() - began < 10s);
    std::size_t seen = 0;
    while (seen < kLines * line.size())
        seen += quick.await("log").data->getValue<std::string>("text").size();
    CHECK(seen == kLines * line.size());
}

}  // namespace iac::http
