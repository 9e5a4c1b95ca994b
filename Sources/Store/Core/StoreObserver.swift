package import Domain

/// Learns how the writer fares, for metrics. Called on the writer's thread: must be quick and must not wait.
package protocol StoreObserver: Sendable {
    /// A group of units became durable together.
    func committed(units: Int, took duration: Duration)
    /// Rows of the log of logins became durable.
    func logged(_ requests: [AccessRequest])
    /// A group was lost: full disk, busy past the deadline, input or output error.
    func lost(units: Int)
}
