// OAuth: being an authorization server (RFC 6749 with the rules of OAuth 2.1), one file a grant or RFC. Whose clients
// these are, SaaS applications or agents, is the caller's business.
//
// Invariants: nothing here reads a clock, a database or a socket; a decision is a value made of stored state, a request
// and an instant, and the caller carries it out in the transaction that read the state. Secrets arrive as SHA-256
// wherever that is enough.
//
// Read `CodeState` first, then `RefreshState`, `ClientCredential` and `RedirectMatch`.
