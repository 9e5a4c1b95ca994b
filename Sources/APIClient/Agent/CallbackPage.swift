/// What the browser shows after a sign-in. Constant pages: nothing that came in the address is repeated.
enum CallbackPage {
    static let done = page(
        "200 OK", "You are signed in", "The program that asked has its answer. You can close this window.")
    static let failed = page(
        "400 Bad Request", "That did not work", "The program that asked says why. You can close this window.")
    static let notExpected = page(
        "400 Bad Request", "Nobody asked for this", "This is not the answer to the sign-in that is waited for.")
    static let notFound = page("404 Not Found", "There is nothing here", "Answers to a sign-in go to /callback.")

    private static func page(_ status: String, _ title: String, _ text: String) -> [UInt8] {
        let html = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(title)</title>
            <style>
            :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
            body { display: grid; place-content: center; min-height: 90vh; margin: 0; padding: 1rem; text-align: center }
            h1 { font-size: 1.4rem; margin: 0 0 .5rem }
            p { margin: 0; opacity: .8 }
            </style></head>
            <body><main><h1>\(title)</h1><p>\(text)</p></main></body></html>

            """
        let head = """
            HTTP/1.1 \(status)
            content-type: text/html; charset=utf-8
            content-length: \(html.utf8.count)
            content-security-policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'
            referrer-policy: no-referrer
            cache-control: no-store
            connection: close


            """
        return Array((head.replacing("\n", with: "\r\n") + html).utf8)
    }
}
