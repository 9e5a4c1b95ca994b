package import Domain
import Primitives
import SQLite

/// A place that an application guards.
package struct GuardedPlace: Sendable, Equatable {
    package let destination: PublicDestination
    package let application: ApplicationID
    package let account: AccountID
}

extension Reading {
    /// The places on exactly this host.
    package func guardedPlaces(on host: String) throws(Failure) -> [GuardedPlace] {
        try values(
            """
            SELECT d.host, d.path, d.application_id, a.account_id
              FROM application_destinations d JOIN applications a ON a.id = d.application_id WHERE d.host = ?
            """, host
        ) { (row) throws(SQLiteError) in try GuardedPlace(row) }
    }

    /// The places on hosts with a wildcard.
    package func guardedPlacesWithWildcards() throws(Failure) -> [GuardedPlace] {
        try values(
            """
            SELECT d.host, d.path, d.application_id, a.account_id
              FROM application_destinations d INDEXED BY destinations_with_wildcards
              JOIN applications a ON a.id = d.application_id WHERE instr(d.host, '*') > 0
            """
        ) { (row) throws(SQLiteError) in try GuardedPlace(row) }
    }
}

extension GuardedPlace {
    fileprivate init(_ row: borrowing Row) throws(SQLiteError) {
        self.init(
            destination: PublicDestination(host: try row.text(0), path: try row.text(1)),
            application: try row.identifier(2), account: try row.identifier(3))
    }
}
