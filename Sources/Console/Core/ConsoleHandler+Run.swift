import ControlPlane
import Domain
import HTTP
import HTTPServer
import Primitives
import Store
import Telemetry

/// Pages and forms at work.
extension ConsoleHandler {
    func show(_ route: ConsoleRoute, _ view: View) throws(Failure) -> Answer {
        switch route.work {
        case .page(let page), .form(_, let page), .patientForm(_, let page):
            return .now(try view.response(try page(PageCall(view: view, reader: reader)), in: reader))
        case .survey(let page):
            return later(view) { (_) throws(Failure) in try await Self.render(page, view) }
        case .watched(let page):
            let subject = Self.subject(of: route, view)
            return later(view) { (_) throws(Failure) in
                let response = try await Self.render(page, view)
                try await view.noteLook(subject)
                return response
            }
        case .download(let make):
            let subject = Self.subject(of: route, view)
            return later(view) { (options) throws(Failure) in
                let file = try await options.plane.store.background { (reader) throws(Failure) in
                    try make(PageCall(view: view, reader: reader))
                }
                try await view.noteLook(subject)
                var response = Response(.ok, fields: [.contentType: file.type], body: file.body)
                response.fields.append(.contentDisposition, "attachment; filename=\"\(file.name)\"")
                BarePage.harden(&response)
                return response
            }
        }
    }

    /// - Parameter lacks: why the caller may not do this at all.
    func form(_ route: ConsoleRoute, _ view: View, _ lacks: Failure?) throws(Failure) -> Answer {
        let request = view.request
        guard let form = FormBody(request) else {
            throw .refused(.unsupportedMediaType, "send a form")
        }
        guard isSameOrigin(request), FormToken.isRight(form.items[FormToken.field], for: view.session.secret) else {
            return .now(
                try view.response(
                    .message(
                        "This form has expired", "Nothing was changed. Open the page again and repeat it.",
                        status: .forbidden), in: reader))
        }
        let subject = Self.subject(of: route, view, form)
        let mutation = Mutation(
            principal: view.principal, request: view.audited, precondition: form.precondition, idempotency: nil,
            subject: subject)
        let cookies = cookies
        return later(view) { (options) throws(Failure) in
            var outcome: Outcome?
            var page: ConsoleRoute.Page?
            do throws(Failure) {
                if let lacks { throw lacks }
                switch route.work {
                case .form(let work, let shown):
                    page = shown
                    outcome = try await options.plane.performForm(mutation) { (act) throws(Failure) in
                        try work(FormCall(view: view, form: form, act: act))
                    }
                case .patientForm(let work, let shown):
                    page = shown
                    outcome = try await work(PatientCall(view: view, form: form, mutation: mutation))
                case .page, .survey, .watched, .download: throw .inconsistent("a page takes no form")
                }
            } catch .refused(let refusal) {
                if let lacks, case .refused(let first) = lacks {
                    try await options.plane.recordRefusal(first, of: mutation)
                }
                var view = view
                view.submission = Submission(form: form, refusal: refusal)
                return try await Self.renderRefused(lacks == nil ? page : nil, view, refusal)
            }
            switch outcome {
            case .done(let path, let flash):
                var response = Response(.seeOther)
                response.fields.append(.location, path)
                response.fields.append(.cacheControl, "no-store")
                if let flash {
                    response.fields.append(
                        .setCookie,
                        cookies.set(cookies.flash, flash.cookie(for: view.session.secret), for: .seconds(60)))
                }
                return response
            case .shown(let screen):
                return try await Self.render({ (_) throws(Failure) in screen }, view)
            case nil: throw .inconsistent("a form came to nothing")
            }
        }
    }

    /// Browsers say where a form comes from; what comes from elsewhere is refused, even with the right value.
    func isSameOrigin(_ request: Request) -> Bool {
        if let site = FieldName("sec-fetch-site").flatMap({ request.value($0) }), site != "same-origin", site != "none"
        {
            return false
        }
        guard let origin = request.value(.origin) else { return true }
        return origin.lowercased() == (WebAddress(plane.settings.publicURL)?.origin ?? "")
    }

    private static func subject(of route: ConsoleRoute, _ view: View, _ form: FormBody? = nil) -> AuditEvent {
        AuditEvent(
            route.action, AuditedResource(route.subject, view.path.subject),
            account: view.path.has("account_id") ? view.account : nil,
            organization: view.path.has("organization_id") ? view.organization : nil, request: form?.redacted)
    }

    private static func render(_ page: @escaping ConsoleRoute.Page, _ view: View) async throws(Failure) -> Response {
        try await view.plane.store.background { (reader) throws(Failure) in
            try view.response(try page(PageCall(view: view, reader: reader)), in: reader)
        }
    }

    /// The page of a form with what is wrong with it. Where even that cannot be shown, the refusal on its own.
    private static func renderRefused(
        _ page: ConsoleRoute.Page?, _ view: View, _ refusal: Refusal
    ) async throws(Failure) -> Response {
        guard let page else { return try await render({ (_) throws(Failure) in .refused(refusal) }, view) }
        do throws(Failure) {
            return try await render(
                { (call) throws(Failure) in
                    var screen = try page(call)
                    screen.status = Status(UInt16(refusal.httpStatus))
                    return screen
                }, view)
        } catch .refused { return try await render({ (_) throws(Failure) in .refused(refusal) }, view) }
    }

    private func later(
        _ view: View, _ body: @escaping @Sendable (ConsoleOptions) async throws(Failure) -> Response
    ) -> Answer {
        .later { [options] in
            do throws(Failure) {
                return try await body(options)
            } catch .refused(let refusal) {
                do throws(Failure) {
                    return try await Self.render({ (_) throws(Failure) in .refused(refusal) }, view)
                } catch { return BarePage.failed(error, view.request, options) }
            } catch { return BarePage.failed(error, view.request, options) }
        }
    }
}

extension FormBody {
    /// `_version`: the entity tag of what the form was made from, where the page gave one.
    var precondition: Precondition? { text("_version").map { .versions([$0]) } }
}

extension View {
    /// A look at a log is itself an event.
    fileprivate func noteLook(_ subject: AuditEvent) async throws(Failure) {
        _ = try await plane.store.writes.perform { (transaction) throws(Failure) in
            // Only adds: a row of the audit log.
            transaction.onlyAdds()
            try transaction.append(subject, isSuccess: true, status: 200, of: audited, at: now)
        }
    }
}
