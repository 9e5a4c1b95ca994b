import Crypto
package import Domain
import JOSE
import JSON
import Primitives
package import Store

extension LoginDesk {
    /// The certs document of an account (contract 40 §6): its keys as a JWK set.
    package func certs(of account: AccountID) throws(Failure) -> [UInt8] {
        var writer = JSONWriter(reserving: 2048)
        writer.beginObject()
        writer.key("keys")
        let keys = try ownKeys(of: account)
        do throws(CryptoError) {
            try keys.writeKeys(to: &writer)
        } catch { throw .inconsistent("a public key cannot be written: \(error)") }
        writer.endObject()
        return writer.bytes
    }
}
