import HTTP

/// What kind of client asks an application for something, as far as answers depend on it (contract 40 §8).
enum Caller: Equatable {
    /// A person who looks at a page: follows redirects and reads HTML.
    case navigation
    /// A script in a page, or anything that sends more than a question: a redirect would be lost on it.
    case script
    /// Another client that asks a plain question: follows redirects.
    case client

    init(_ request: Request, method: String) {
        let isQuestion = method == "GET" || method == "HEAD"
        guard isQuestion, request.count(.requestedWith) == 0 else {
            self = .script
            return
        }
        self = Self.navigates(request) ? .navigation : .client
    }

    /// Browsers say so; where one does not speak of it at all, it is asked for HTML.
    private static func navigates(_ request: Request) -> Bool {
        guard request.count(.authorization) == 0 else { return false }
        if let mode = request.value(.fetchMode) { return mode == "navigate" }
        let isSilent = [FieldName.fetchSite, .fetchDestination, .fetchUser].allSatisfy { request.count($0) == 0 }
        return isSilent && request.values(.accept).contains { takesHTML($0) }
    }

    /// Whether a list of media types (RFC 9110 §12.5.1) has `text/html`.
    private static func takesHTML(_ accept: String) -> Bool {
        accept.split(separator: ",").contains { item in
            item.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased() == "text/html"
        }
    }
}

extension FieldName {
    static let requestedWith = FieldName("x-requested-with") ?? .host
    static let fetchMode = FieldName("sec-fetch-mode") ?? .host
    static let fetchSite = FieldName("sec-fetch-site") ?? .host
    static let fetchDestination = FieldName("sec-fetch-dest") ?? .host
    static let fetchUser = FieldName("sec-fetch-user") ?? .host
}
