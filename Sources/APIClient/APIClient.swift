// APIClient: the REST API as a program sees it. Envelopes become values or one typed error, lists become arrays whatever
// their paging, names become identifiers, and an organization becomes a document that can be compared and applied.
//
// It knows paths and shapes, never the domain: what a field means is the server's business.
//
// Invariants: a token is never part of an error or a description; a request is repeated only when repeating it is safe
// (reads, replacements, and creations that carry an idempotency key).
//
// Read `Core/Client.swift` first, then `Names/ResourceKind.swift`, then `ConfigAsCode/ConfigPlan.swift`.
