#pragma once

#include <Poco/Data/TypeHandler.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/clock.hpp"

namespace iac::history {

/// The values of one row, or of the places `$1`, `$2`, ... of one statement: std::int64_t,
/// std::string, or std::optional of one of them where the column may be NULL.
template <class... T>
struct Columns {
    std::tuple<T...> values;
};

/// What a value is in the database: times are milliseconds, truths are 0 and 1.
inline std::int64_t toColumn(Time time) {
    return time.time_since_epoch().count();
}
inline std::string toColumn(std::string_view text) {
    return std::string(text);
}
template <std::integral T>
std::int64_t toColumn(T number) {
    return static_cast<std::int64_t>(number);
}
template <class T>
auto toColumn(const std::optional<T>& value) {
    using Column = decltype(toColumn(*value));
    return value ? std::optional<Column>(toColumn(*value)) : std::nullopt;
}

inline Time timeOf(std::int64_t column) {
    return Time(Duration(column));
}
inline std::optional<Time> timeOf(const std::optional<std::int64_t>& column) {
    return column ? std::optional(timeOf(*column)) : std::nullopt;
}

namespace columns {

using Poco::Data::AbstractBinder;
using Poco::Data::AbstractExtractor;

template <class T>
void bind(std::size_t at, const T& value, AbstractBinder& binder, AbstractBinder::Direction dir) {
    binder.bind(at, value, dir);
}
template <class T>
void bind(std::size_t at, const std::optional<T>& value, AbstractBinder& binder,
          AbstractBinder::Direction dir) {
    if (value) {
        binder.bind(at, *value, dir);
    } else {
        binder.bind(at, Poco::Data::Keywords::null, dir);
    }
}
template <class T>
void extract(std::size_t at, T& value, AbstractExtractor& extractor) {
    if (!extractor.extract(at, value)) value = T{};
}
template <class T>
void extract(std::size_t at, std::optional<T>& value, AbstractExtractor& extractor) {
    T found{};
    value.reset();
    if (extractor.extract(at, found)) value = std::move(found);
}

}  // namespace columns
}  // namespace iac::history

/// Poco's way to teach a statement a type of many columns.
template <class... T>
class Poco::Data::TypeHandler<iac::history::Columns<T...>> {
    using Row = iac::history::Columns<T...>;

public:
    static std::size_t size() { return sizeof...(T); }
    static void bind(std::size_t at, const Row& row, AbstractBinder::Ptr binder,
                     AbstractBinder::Direction dir) {
        std::apply(
            [&](const T&... value) {
                (iac::history::columns::bind(at++, value, *binder, dir), ...);
            },
            row.values);
    }
    static void extract(std::size_t at, Row& row, const Row&, AbstractExtractor::Ptr extractor) {
        std::apply(
            [&](T&... value) { (iac::history::columns::extract(at++, value, *extractor), ...); },
            row.values);
    }
    static void prepare(std::size_t, const Row&, const AbstractPreparator::Ptr&) {}
};
