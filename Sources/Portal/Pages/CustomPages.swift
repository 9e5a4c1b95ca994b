import ControlPlane
import Domain
import HTML
import HTTP
import JSON
import Primitives
import Store

/// Pages that an account wrote itself (contract 20 §18). They may look as they like, and run nothing.
struct CustomPageText {
    let html: String

    /// What the placeholders stand for.
    struct Words {
        var message = ""
        var application = ""
        var ray = ""
        var email = ""
    }

    /// The document, with `{{message}}`, `{{app_name}}`, `{{ray_id}}` and `{{email}}` replaced and escaped, in one pass: what
    /// they are replaced by is not looked through again.
    func filled(with words: Words) -> [UInt8] {
        let values = [
            "{{message}}": words.message, "{{app_name}}": words.application, "{{ray_id}}": words.ray,
            "{{email}}": words.email,
        ].map { (Array($0.key.utf8), Markup.text($0.value).bytes) }
        let source = Array(html.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count + 256)
        var position = 0
        while position < source.count {
            if source[position] == UInt8(ascii: "{"),
                let (name, value) = values.first(where: { source[position...].starts(with: $0.0) })
            {
                bytes += value
                position += name.count
            } else {
                bytes.append(source[position])
                position += 1
            }
        }
        return bytes
    }

    /// - Parameter ending: markup of ours that belongs to the page, such as the ways to sign in.
    func response(_ status: Status, _ words: Words, ending: Markup = .nothing) -> Response {
        var bytes = filled(with: words)
        if !ending.isEmpty { bytes += ending.bytes }
        var response = Response(status, fields: [.contentType: "text/html; charset=utf-8"], body: .bytes(bytes))
        response.fields.append(
            .contentSecurityPolicy,
            "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src https: data: 'self'; font-src https: data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        Pages.protect(&response)
        response.fields.append(.cacheControl, "no-store")
        return response
    }
}

extension PortalHandler {
    /// The page of a kind that an application names, else the one of its organization.
    func customPage(
        _ type: CustomPageType, of application: GuardedApplication?, _ team: TeamSettings
    ) throws(Failure) -> CustomPageText? {
        let named = (application?.document["custom_pages"]?.arrayValue ?? []).compactMap(\.stringValue)
        let general = team.document["custom_pages"]?[type.rawValue]?.stringValue
        for text in named + (general.map { [$0] } ?? []) {
            guard let id = CustomPageID(uuid: text), let page = try desk.reader.customPage(id, in: team.account),
                page.type == type, let html = try desk.reader.html(of: id)
            else { continue }
            return CustomPageText(html: html)
        }
        return nil
    }

    /// The answer to somebody whom an application does not admit: a page of its own, or ours.
    ///
    /// - Parameter email: empty for those who were not asked who they are.
    func deniedPage(
        _ application: GuardedApplication, email: String, because reason: Denial.Reason = .rules,
        tryAgain: String? = nil, otherAccount: String = Pages.logoutPath, _ request: Request
    ) throws(Failure) -> Response {
        let pages = pages(request, application.team)
        let type: CustomPageType = email.isEmpty ? .forbidden : .identityDenied
        guard let custom = try customPage(type, of: application, application.team) else {
            return pages.denied(
                application, email: email, because: reason, tryAgain: tryAgain, otherAccount: otherAccount)
        }
        return custom.response(
            .forbidden,
            CustomPageText.Words(
                message: Pages.denialMessage(application, email: email, because: reason),
                application: application.application.name, ray: pages.ray, email: email))
    }
}
