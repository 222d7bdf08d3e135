#pragma once

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "history/columns.hpp"
#include "history/kept_statement.hpp"

namespace iac::history {

/// Nobody can say what is on disk (a failed fsync), or the file is damaged: not to be survived.
class Broken : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One connection to the database, with its prepared statements, which are kept and executed again.
/// Used by one thread at a time.
///
/// Errors: Unavailable when nothing was changed and it may work later (full, locked, interrupted,
/// not writable); Broken when the file cannot be trusted any more; std::runtime_error for what
/// should not happen (SQL that does not fit the schema).
class Connection {
public:
    /// A reader neither writes nor checkpoints, not even when it is closed.
    enum class Access { write, read };

    Connection(const std::string& file, Access access);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Executes a statement of statements.hpp: the number of rows that it changed.
    template <class... Args>
    std::size_t run(std::string_view sql, const Args&... args) {
        return execute<std::tuple<>>(sql, args...).second;
    }
    /// All rows of a query of statements.hpp.
    template <class... Out, class... Args>
    std::vector<std::tuple<Out...>> ask(std::string_view sql, const Args&... args) {
        return askRows<std::tuple<Out...>>(sql, args...);
    }
    /// The first row of a query of statements.hpp; empty: it has none.
    template <class... Out, class... Args>
    std::optional<std::tuple<Out...>> askOne(std::string_view sql, const Args&... args) {
        return askRow<std::tuple<Out...>>(sql, args...);
    }

    /// The same where a row has a type of its own: std::tuple of its columns.
    template <class Row, class... Args>
    std::vector<Row> askRows(std::string_view sql, const Args&... args) {
        return std::move(*execute<Row>(sql, args...).first);
    }
    template <class Row, class... Args>
    std::optional<Row> askRow(std::string_view sql, const Args&... args) {
        auto& rows = *execute<Row>(sql, args...).first;
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    }

    using Value = std::variant<std::int64_t, std::string>;
    /// The rows of a query that was put together from the parts of statements.hpp.
    template <class Row>
    std::vector<Row> askRowsOnce(const std::string& sql, const std::vector<Value>& args);
    /// Executes SQL that is not worth keeping: settings, the schema.
    void runOnce(std::string_view sql);

    sqlite3* handle() const { return handle_; }
    const std::string& file() const { return file_; }

private:
    struct Kept {
        virtual ~Kept() = default;
    };
    template <class Out, class... In>
    struct Prepared;
    template <class Row>
    struct ColumnsOf;

    template <class Out, class... Args>
    std::pair<std::vector<Out>*, std::size_t> execute(std::string_view sql, const Args&... args);
    /// To be called in a catch block: throws what the last error of SQLite means.
    [[noreturn]] void explain(std::string_view sql);

    std::string file_;
    Poco::Data::Session session_;
    sqlite3* handle_;
    /// By the address of its text, of which every statement in the list has one.
    std::unordered_map<const char*, std::unique_ptr<Kept>> kept_;
};

template <class... Out, class... In>
struct Connection::Prepared<std::tuple<Out...>, In...> : Kept {
    Prepared(Connection& connection, std::string_view sql)
        : statement(new KeptStatement(*connection.session_.impl(), connection.handle_)) {
        statement << std::string(sql);
        if constexpr (sizeof...(In) > 0) statement.addBind(Poco::Data::Keywords::use(in));
        if constexpr (sizeof...(Out) > 0) statement.addExtract(Poco::Data::Keywords::into(out));
    }

    Columns<In...> in;
    std::vector<Columns<Out...>> out;
    std::vector<std::tuple<Out...>> rows;
    Poco::Data::Statement statement;
};

template <class Out, class... Args>
std::pair<std::vector<Out>*, std::size_t> Connection::execute(std::string_view sql,
                                                              const Args&... args) {
    using Fitting = Prepared<Out, decltype(toColumn(args))...>;
    try {
        auto& kept = kept_[sql.data()];
        if (!kept) kept = std::make_unique<Fitting>(*this, sql);
        auto& prepared = dynamic_cast<Fitting&>(*kept);
        prepared.in.values = {toColumn(args)...};
        prepared.out.clear();
        prepared.rows.clear();
        const std::size_t changed = prepared.statement.execute();
        for (auto& row : prepared.out) prepared.rows.push_back(std::move(row.values));
        return {&prepared.rows, changed};
    } catch (const Poco::Exception&) {
        explain(sql);
    }
}

template <class... Out>
struct Connection::ColumnsOf<std::tuple<Out...>> {
    using type = Columns<Out...>;
};

template <class Row>
std::vector<Row> Connection::askRowsOnce(const std::string& sql, const std::vector<Value>& args) {
    std::vector<typename ColumnsOf<Row>::type> out;
    try {
        Poco::Data::Statement statement(session_);
        statement << sql;
        for (const Value& value : args) {
            std::visit([&](const auto& v) { statement.addBind(Poco::Data::Keywords::bind(v)); },
                       value);
        }
        statement.addExtract(Poco::Data::Keywords::into(out));
        statement.execute();
    } catch (const Poco::Exception&) {
        explain(sql);
    }
    std::vector<Row> rows;
    rows.reserve(out.size());
    for (auto& row : out) rows.push_back(std::move(row.values));
    return rows;
}

}  // namespace iac::history
