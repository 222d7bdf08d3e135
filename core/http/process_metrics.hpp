#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace iac::http {

/// This process as Prometheus' client libraries show one (process_cpu_seconds_total, ...), read
/// from /proc now. What cannot be read is left out.
std::vector<prometheus::MetricFamily> processMetrics();

}  // namespace iac::http
