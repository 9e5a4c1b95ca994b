import Domain
import HTTP
import OAuth
import Primitives
package import Store

/// The use cases of managed OAuth on one loop. ``LoginDesk`` is where its people sign in.
package struct OAuthDesk {
    package let desk: LoginDesk

    package init(_ desk: LoginDesk) { self.desk = desk }

    package var plane: Plane { desk.plane }
    var now: Timestamp { desk.now }

    // MARK: Resources

    /// The application whose tokens a resource indicator asks for (contract 50 §9); `nil` where no application of the
    /// account with managed OAuth guards it.
    func application(
        at resource: ResourceIndicator, of account: AccountID
    ) throws(Failure) -> GuardedApplication? {
        guard resource.address.scheme.rawValue == plane.settings.scheme,
            let path = RequestPath.canonical(resource.address.path),
            let place = try place(host: resource.address.host, path: path), place.account == account,
            let application = try desk.application(place.application, of: account), application.managedOAuth != nil
        else { return nil }
        return application
    }

    /// One slash at the end means nothing.
    private func place(host: String, path: String) throws(Failure) -> GuardedPlace? {
        if let found = try desk.access.place(host: host, path: path, in: desk.reader) { return found }
        let other = path.utf8.last == UInt8(ascii: "/") ? String(path.dropLast()) : path + "/"
        return try desk.access.place(host: host, path: other.isEmpty ? "/" : other, in: desk.reader)
    }

    /// The applications of an account with managed OAuth.
    func applications(of account: AccountID) throws(Failure) -> [GuardedApplication] {
        var found: [GuardedApplication] = []
        for id in try desk.reader.applicationsWithOAuth(in: account) {
            guard let application = try desk.application(id, of: account), application.managedOAuth != nil else {
                continue
            }
            found.append(application)
        }
        return found
    }

    /// What a URL below the well-known path of protected resources describes (RFC 9728 §3); `nil` where there is none.
    ///
    /// - Parameter suffix: the path after the well-known name, as sent.
    package func resource(
        at issuer: OAuthIssuer, suffix: String
    ) throws(Failure) -> (resource: String, application: GuardedApplication)? {
        guard case .host(let applications, _) = issuer.place,
            suffix.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }),
            let path = RequestPath.canonical(suffix.isEmpty ? "/" : suffix),
            let address = WebAddress(issuer.text + "/"),
            let place = try desk.access.place(host: address.host, path: path, in: desk.reader),
            let application = applications.first(where: { $0.id == place.application })
        else { return nil }
        return (issuer.text + suffix, application)
    }
}
