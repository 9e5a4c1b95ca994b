package import Primitives
package import Store

extension Plane {
    package func bootstrap(token: String?) async throws(Failure) -> Secret<String>? { nil }
}
