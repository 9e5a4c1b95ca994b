// Being a client of identity providers: whose tokens are believed, with which keys, under which rules (contract 40
// §10).
//
// Invariants: nothing here performs I/O, documents come from a `Fetcher` that is handed in; nothing reads a clock but
// `KeyCache`, which is handed one; a token is judged by one ordered list of rules, and the first that it breaks is the
// reason; failures are never remembered. Read `TokenValidator` first, then `ClaimRules` and `KeyCache`.
