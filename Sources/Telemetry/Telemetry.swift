// Telemetry: what a running server says about itself. ``Logger`` writes one line an event, ``MetricsRegistry`` renders
// counters, gauges and histograms for Prometheus.
//
// Invariants: neither ever makes an event loop wait. A log line is one `write(2)` that would rather be dropped than block,
// a metric is one atomic addition on a handle its user keeps. A line cannot be forged from inside a value, and the number
// of series of a metric is bounded.
//
// Read `Logger.swift` and `MetricsRegistry.swift` first.
