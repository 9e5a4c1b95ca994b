import APIClient
import CommandLine
import JSON

/// `orgctl app explain`: who would be let in, and which rule says so.
enum ExplainCommand {
    static let command = Command.online(
        "explain", summary: "Tell whether somebody is let in, and which rule decides",
        discussion: """
            Judges the application's policies for a person as they came last, changed by what the options say; without \
            any, the caller. Rules about the request, such as ip and geo, can be told only with --ip and --country. The \
            status is 1 when the person is not let in.
            """,
        arguments: [
            Positional(
                ResourceGroup.which, help: "The application", completion: .command("orgctl app list --names"))
        ],
        options: [
            .value("email", placeholder: "ADDRESS", help: "Who"),
            .value("ip", placeholder: "ADDRESS", help: "The address they come from"),
            .value("country", placeholder: "CODE", help: "The country they come from, as PT"),
            .value("group", placeholder: "NAME", help: "A group of theirs at the identity provider", repeats: .each),
            .value("amr", placeholder: "METHOD", help: "How they signed in, as mfa", repeats: .each),
            .value(
                "idp", placeholder: "NAME|ID", help: "The identity provider they use",
                completion: .command("orgctl idp list --names")),
        ],
        examples: [
            .init(
                "orgctl app explain wiki --email ann@example.org --ip 10.1.2.3 --account EMEA",
                "Which policy decides about Ann at the office")
        ]
    ) { session throws(ClientError) in
        let place = try await session.account()
        let app = try await AppCommands.resource.chosen(session, in: place)
        let values = session.values
        var query = APIQuery()
        for name in ["email", "ip", "country"] { query.add(name, values.stringIfGiven(name)) }
        for name in ["group", "amr"] { for value in values.list(name) { query.add(name, value) } }
        if let idp = values.stringIfGiven("idp") {
            query.add("idp_id", try await session.client.identifier(of: .identityProvider, named: idp, in: place))
        }
        let check = try await session.client.get(app.appending("user_policy_checks"), query).result
        let explanation = check["explanation"] ?? .null
        if session.format == .json {
            session.print(check)
        } else {
            session.print(
                list: (explanation["policies"]?.arrayValue ?? []).map(Self.row),
                [
                    Column("POLICY", "name"), Column("DECISION", "decision"), Column("OUTCOME", "outcome"),
                    Column("BECAUSE", "because"),
                ], empty: "The application has no policies.")
            let isIn = check.at(["app_state", "status"])?.stringValue == "Success"
            session.note("\(isIn ? "Let in" : "Not let in"): \(explanation["decision"]?.stringValue ?? "").")
        }
        return check.at(["app_state", "status"])?.stringValue == "Success" ? .ok : .failure
    }

    private static func row(_ policy: JSONValue) -> JSONValue {
        var row: JSONObject = [:]
        for name in ["id", "name", "decision"] { row[name] = policy[name] }
        row["outcome"] = .string((policy["outcome"]?.stringValue ?? "").replacing("_", with: " "))
        row["because"] = .string(because(policy))
        return .object(row)
    }

    /// Such as `include[1] group Office > require[0] email_domain is true`.
    private static func because(_ policy: JSONValue) -> String {
        let path = policy["path"]?.arrayValue ?? []
        guard let last = path.last else {
            return policy["outcome"] == "needs_identity" ? "nobody is signed in" : "no rule of include is true"
        }
        let steps = path.map { step in
            let name = step.at(["group", "name"])?.stringValue.map { " \($0)" } ?? ""
            let position = step["position"]?.integerValue ?? 0
            return "\(step["list"]?.stringValue ?? "")[\(position)] \(step["selector"]?.stringValue ?? "")\(name)"
        }
        let truth =
            switch last["holds"]?.stringValue {
            case "yes": "is true"
            case "no": "is false"
            default: "cannot be told"
            }
        return "\(steps.joined(separator: " > ")) \(truth)"
    }
}
