package import Domain

extension Failure {
    package init(_ refusal: Refusal) { self = .refused(refusal) }

    /// A request turned down for one reason.
    package static func refused(_ code: ErrorCode, _ detail: String = "", at pointer: String? = nil) -> Failure {
        .refused(Refusal(code, detail, at: pointer))
    }
}

/// Lets a decoder's refusal pass through a function that fails in this layer's terms.
package func refusing<Value>(_ body: () throws(Refusal) -> Value) throws(Failure) -> Value {
    do throws(Refusal) { return try body() } catch { throw .refused(error) }
}
