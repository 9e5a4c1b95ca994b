import Crypto
import Domain
import Primitives
package import Store

/// What the page that asks for a PIN says next.
package enum PINStep: Sendable {
    /// Enter the digits. Said whether or not a mail was sent.
    case entry(email: String)
    case notAnAddress(String)
    /// The digits are not right; so many tries are left.
    case wrong(email: String, triesLeft: Int)
    case outcome(LoginOutcome)
}

/// One-time PINs by mail (contract 40 §1 step 5, 20 §5).
///
/// Nothing that a stranger sees tells whether an address may sign in: neither the page, nor how long it takes, nor the
/// count of tries. A mail goes out only to somebody whom the application would admit with this address now, as
/// far as the address tells; on the way to
/// the team's own pages, whom any application would admit or who has to confirm logins of others.
extension LoginDesk {
    /// Sends a PIN to an address, or does as if.
    ///
    /// - Parameter device: SHA-256 of the cookie that tells browsers apart.
    package func sendPIN(
        to text: String, state: String, device: [UInt8], at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> PINStep {
        let attempt = try await waitingAttempt(state, .oneTimePIN, at: team, browser)
        guard let email = text.pinAddress else { return .notAnAddress(String(text.prefix(254))) }
        guard let messenger = plane.messenger else {
            throw .turnedAway(
                .idpNotAllowed, "This server sends no mail, so it cannot send codes. Choose another way to sign in.")
        }
        guard !messenger.isFailing else {
            throw .turnedAway(.idpUnreachable, "Mail cannot be sent at the moment. Try again in a minute.")
        }
        let now = self.now
        guard try reader.pins(fromDevice: device, at: now) < OneTimePIN.mailsFromDevice,
            try reader.pins(from: browser.address.text, at: now) < OneTimePIN.mailsFromClient
        else {
            throw .turnedAway(
                .rateLimited, "Too many codes were asked for from here. Wait an hour, or choose another way to sign in."
            )
        }
        let isAdmitted = try mayReceivePIN(email, attempt, at: team, browser)
        let code = Self.digits()
        let digest = SHA256.hash(state).bytes
        let codeDigest = plane.vault.authenticator(of: Self.content(code, digest))
        let account = team.account
        let isSent = try await add { (transaction) throws(Failure) in
            let use = try transaction.pinUse(of: email, in: account, at: now)
            let isDue = use.lastSentAt.map { !$0.isWithin(OneTimePIN.interval, before: now) } ?? true
            // Within a minute the digits of before stay good, if they were for this attempt.
            if !isDue, try transaction.currentPIN(digest)?.email == email.lowercased() { return false }
            let isSent =
                isAdmitted && isDue && use.mails < OneTimePIN.mailsToAddress
                && use.tries < OneTimePIN.wrongTriesForAddress
            try transaction.insert(
                OneTimePIN(
                    account: account, stateDigest: digest, email: email, codeDigest: codeDigest, deviceDigest: device,
                    address: browser.address.text, wasSent: isSent, sentAt: now))
            return isSent
        }
        if isSent { messenger.post(letter(code, to: email, at: team)) }
        return .entry(email: email)
    }

    /// Compares digits with the PIN of an attempt. Each comparison is a try, whatever comes of it.
    package func verifyPIN(
        _ code: String, state: String, at team: TeamSettings, _ browser: Browser
    ) async throws(Failure) -> PINStep {
        _ = try await waitingAttempt(state, .oneTimePIN, at: team, browser)
        let digest = SHA256.hash(state).bytes
        let digits = String(code.filter { !$0.isWhitespace && $0 != "-" })
        let expected = plane.vault.authenticator(of: Self.content(digits, digest))
        let now = self.now
        let entry = try await add { (transaction) throws(Failure) -> (pin: CurrentPIN, isRight: Bool)? in
            guard let pin = try transaction.currentPIN(digest), pin.tries < OneTimePIN.tries,
                pin.expiresAt.isAhead(of: now, byAtMost: OneTimePIN.lifetime)
            else { return nil }
            try transaction.noteTry(of: pin.id)
            let isRight = constantTimeEqual(pin.codeDigest, expected)
            if isRight { try transaction.voidPINs(digest) }
            return (pin, isRight)
        }
        try refresh()
        guard let entry else { return .wrong(email: "", triesLeft: 0) }
        guard entry.isRight else {
            return .wrong(email: entry.pin.email, triesLeft: OneTimePIN.tries - 1 - entry.pin.tries)
        }
        let attempt = try await takeAttempt(state, at: team, browser)
        let proven = ProvenIdentity(
            subject: entry.pin.email, email: entry.pin.email, name: "", amr: ["otp"], authenticatedAt: now)
        return .outcome(try await admit(proven, attempt, at: team, browser))
    }

    /// Whether a mail would help its addressee.
    private func mayReceivePIN(
        _ email: String, _ attempt: ReturnedAttempt, at team: TeamSettings, _ browser: Browser
    ) throws(Failure) -> Bool {
        guard team.logins.accepts(attempt.choice.id, email: email) else { return false }
        let known = try reader.accessUser(withEmail: email, in: team.account)
        let proven = ProvenIdentity(subject: email, email: email, name: "", amr: ["otp"], authenticatedAt: now)
        let identity = Identity(proven, user: known?.id ?? randomIdentifier(), through: attempt.choice.provider)
        switch attempt.secrets.destination {
        case .application(let way):
            guard let application = try application(way.application, of: team.account) else { return false }
            return try mightAdmit(application, identity, browser)
        case .local:
            for id in try reader.launcherApplications(of: team.account) {
                guard let application = try application(id, of: team.account),
                    !application.policies.policies.isEmpty
                else { continue }
                if try mightAdmit(application, identity, browser) { return true }
            }
            return try isApprover(email, at: team)
        case .bridge: return false
        }
    }

    private func letter(_ code: String, to email: String, at team: TeamSettings) -> Letter {
        Letter(
            to: email, subject: "\(code) is your code for \(team.name.onOneLine)",
            body: """
                Your code to sign in to \(team.name.onOneLine):

                \(code)

                It is good for ten minutes and in the browser that asked for it. If that was not you, do nothing:
                nobody can sign in without it.

                """)
    }

    /// Six digits, each equally likely.
    private static func digits() -> String {
        var text = ""
        while text.utf8.count < OneTimePIN.digits {
            // Bytes from 250 on would favour the first digits, so they are drawn again.
            for byte in RandomBytes.generate(8) where byte < 250 && text.utf8.count < OneTimePIN.digits {
                text += String(byte % 10)
            }
        }
        return text
    }

    private static func content(_ code: String, _ stateDigest: [UInt8]) -> [UInt8] {
        Array("pin ".utf8) + stateDigest + Array(code.utf8)
    }
}

extension String {
    /// An address that a PIN may be sent to, without spaces around it.
    var pinAddress: String? {
        let text = String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= 254, parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty,
            text.unicodeScalars.allSatisfy({ scalar in
                scalar.value > 0x20 && scalar.value != 0x7F && scalar.properties.generalCategory != .control
                    && scalar.properties.generalCategory != .spaceSeparator
                    && !"<>()[]:;,\\\"".unicodeScalars.contains(scalar)
            })
        else { return nil }
        return text
    }
}
