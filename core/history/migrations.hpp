#pragma once

#include "base/clock.hpp"
#include "history/connection.hpp"

namespace iac::history {

/// Brings the schema up to date: numbered migrations, each one transaction, written down in
/// schema_migrations. Throws std::runtime_error with a sentence when the database was made by a
/// newer runner, or is another program's.
void migrate(Connection& connection, const Clock& clock);

}  // namespace iac::history
