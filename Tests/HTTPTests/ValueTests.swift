import HTTP
import Primitives
import Testing

@Suite("HTTP values")
struct ValueTests {
    @Test(
        "percent-encoding decodes once",
        arguments: [("a%2F1", "a/1"), ("%25%32%46", "%2F"), ("a+b", "a+b"), ("%c3%A9", "é"), ("", "")])
    func decode(_ text: String, _ decoded: String) { #expect(PercentEncoding.decode(text) == decoded) }

    @Test(
        "bad escapes, NUL and what is not UTF-8 are refused", arguments: ["%", "%a", "%zz", "a%0", "%00", "%ff", "%c3"])
    func badEscapes(_ text: String) { #expect(PercentEncoding.decode(text) == nil) }

    @Test("encoding keeps only unreserved characters")
    func encode() {
        #expect(PercentEncoding.encode("a-._~/ ?é") == "a-._~%2F%20%3F%C3%A9")
    }

    @Test("a query keeps order, repetitions and empty values")
    func query() throws {
        let query = try #require(QueryString("id=a&id=b+c&x&y=&&z=1=2"))
        #expect(query.values("id") == ["a", "b c"])
        #expect(query["x"] == "")
        #expect(query["y"] == "")
        #expect(query["z"] == "1=2")
        #expect(query["absent"] == nil)
        #expect(query.items.count == 5)
        #expect(QueryString("a=%zz") == nil)
        #expect(QueryString(query.text) == query)
    }

    @Test("cookies are read from every field, quotes removed")
    func cookies() {
        let cookies = Cookies(["a=1; b=\"2\";c", "a=3;d= x "])
        #expect(cookies["a"] == "1")
        #expect(cookies.values("a") == ["1", "3"])
        #expect(cookies["b"] == "2")
        #expect(cookies["c"] == nil)
        #expect(cookies["d"] == "x")
    }

    @Test("a cookie is written with its attributes")
    func setCookie() throws {
        var cookie = try #require(SetCookie("CF_Authorization", "a.b-c"))
        #expect(cookie.text == "CF_Authorization=a.b-c; Path=/; Secure; HttpOnly; SameSite=Lax")
        cookie.maxAge = .seconds(60)
        cookie.domain = "a.example"
        cookie.isSecure = false
        cookie.sameSite = SetCookie.SameSite.none
        #expect(cookie.text == "CF_Authorization=a.b-c; Path=/; Domain=a.example; Max-Age=60; HttpOnly; SameSite=None")
    }

    @Test(
        "a cookie that could break out of its field is refused", arguments: ["a;b", "a b", "a\r\nb", "a,b", "\"", "é"])
    func badCookie(_ value: String) {
        #expect(SetCookie("a", value) == nil)
        #expect(SetCookie(value, "a") == nil)
    }

    @Test("a media type gives its parameters")
    func mediaType() throws {
        let type = try #require(MediaType("Application/JSON; Charset=\"utf\\-8\" ; q=1;"))
        #expect(type.essence == "application/json")
        #expect(type["charset"] == "utf-8")
        #expect(type["q"] == "1")
    }

    @Test(
        "malformed media types", arguments: ["", "json", "a/", "/b", "a/b c", "a/b;c", "a/b;c=", "a/b;c=\"", "a/b;=c"])
    func badMediaType(_ text: String) { #expect(MediaType(text) == nil) }

    @Test("an address gives its parts")
    func webAddress() throws {
        let address = try #require(WebAddress("HTTPS://Team.Example:8443/a/b?c=d#e"))
        #expect(address.scheme == .https)
        #expect(address.host == "team.example")
        #expect(address.port == 8443)
        #expect(address.path == "/a/b")
        #expect(address.query == "c=d")
        #expect(address.fragment == "e")
        #expect(address.target == "/a/b?c=d")
        #expect(address.origin == "https://team.example:8443")
        #expect(WebAddress("http://a:80")?.description == "http://a/")
        #expect(WebAddress("http://[::1]:81/")?.authority == "[::1]:81")
        #expect(WebAddress("http://[0:0::1]/")?.ip == .loopbackV6)
    }

    @Test(
        "malformed addresses",
        arguments: [
            "", "/a", "a.example", "ftp://a/", "http://", "https:///a", "http://a b/", "http://a:b/", "http://a:0/",
            "http://a:99999/",
            "http://[::1/", "http://[zz]/", "http://é/", "http://a/\n", "http://a/\"",
        ])
    func badAddress(_ text: String) { #expect(WebAddress(text) == nil) }

    @Test(
        "which addresses may be configured",
        arguments: [
            ("https://a.example/x", true), ("http://a.example/", false), ("http://localhost:80/", true),
            ("http://acme.localhost/", true), ("http://127.0.0.1/", true), ("http://[::1]/", true),
            ("https://u:p@a.example/", false), ("https://a.example/#", false),
        ])
    func acceptable(_ text: String, _ accepted: Bool) { #expect(WebAddress(text)?.isAcceptable == accepted) }

    @Test("field names are compared without case, and are tokens")
    func fieldNames() {
        #expect(FieldName("Content-Type") == .contentType)
        #expect(FieldName("a b") == nil)
        #expect(FieldName("") == nil)
        #expect(FieldName("a:") == nil)
    }

    @Test("methods are compared with case")
    func methods() {
        #expect(HTTP.Method("GET") == .get)
        #expect(HTTP.Method("get") != .get)
        #expect(HTTP.Method("PURGE")?.name == "PURGE")
        #expect(HTTP.Method("A B") == nil)
    }

    @Test("fields keep their order and repeat")
    func fields() {
        var fields: Fields = [.accept: "a", .vary: "b"]
        fields.append(.accept, "c")
        #expect(fields[.accept] == "a")
        #expect(fields.values(.accept) == ["a", "c"])
        fields[.accept] = "d"
        #expect(fields.all.map(\.value) == ["b", "d"])
    }
}
