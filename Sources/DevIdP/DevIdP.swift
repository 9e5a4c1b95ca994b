// A small OpenID Connect provider for trying things out and for tests: discovery, keys, the authorization code flow
// with PKCE, a password grant for scripts, userinfo. It knows a handful of demo people, who all have the same password.
//
// Invariants: it is never started by the server; it keeps everything in memory; what it signs is valid for its issuer
// only. Read `DemoProvider` first.
