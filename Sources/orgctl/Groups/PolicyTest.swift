import APIClient
import CommandLine
import JSON

/// `orgctl policy test`: what policies would do to everybody, before anybody depends on them.
enum PolicyTestCommand {
    static let command = Command.online(
        "test", summary: "Try policies on every user as they came last",
        discussion: """
            The policies are judged in the order given, bypass and non_identity ones first. Users who never signed in \
            count as errors. Results stay on the server for seven days.
            """,
        arguments: [
            Positional(
                "policy", help: "Reusable policies, by name or id", arity: .many(required: false),
                completion: .command("orgctl policy list --names"))
        ],
        options: [
            .value(
                "draft", placeholder: "FILE", help: "A policy as JSON that is only tried, after those named",
                repeats: .each, completion: .file),
            .value(
                "users", placeholder: "KIND", help: "List these users instead of the numbers",
                rule: .oneOf(["all", "success", "fail", "error"])),
        ],
        examples: [
            .init("orgctl policy test Staff --users fail --account EMEA", "Whom the policy would keep out"),
            .init("orgctl policy test --draft new.json --account EMEA", "A policy that does not exist yet"),
        ]
    ) { session throws(ClientError) in
        let place = try await session.account()
        var policies = try await session.client.identifiers(
            of: .policy, named: session.values.list("policy"), in: place
        ).map(JSONValue.string)
        for file in session.values.list("draft") {
            let text = try Files.text(of: file)
            guard let draft = try? JSONParser.parse(text) else { throw .invalidInput("\(file) is no JSON") }
            policies.append(draft)
        }
        guard !policies.isEmpty else { throw .misuse("name a policy or give --draft") }
        let tests = place.path.appending("access", "policy-tests")
        let created = try await session.client.post(tests, ["policies": .array(policies)]).result
        let test = tests.appending(created["id"]?.stringValue ?? "")
        guard let kind = session.values.stringIfGiven("users") else {
            session.print(try await session.client.get(test).result)
            return .ok
        }
        let users = try await session.client.all(
            test.appending("users"), APIQuery().adding("status", kind == "all" ? nil : kind), paging: .page)
        session.print(list: users, [.id, Column("EMAIL", "email"), .name, Column("STATUS", "status")])
        return .ok
    }
}
