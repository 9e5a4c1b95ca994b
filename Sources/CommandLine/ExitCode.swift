/// What a process tells its caller. The numbers above 63 are those of `sysexits.h`, so scripts can tell misuse from failure.
package struct ExitCode: Hashable, Sendable {
    package let status: Int32

    package init(_ status: Int32) { self.status = status }

    /// Done.
    package static let ok = ExitCode(0)
    /// The request was understood and failed; the line on stderr says why.
    package static let failure = ExitCode(1)
    /// A comparison found differences (`plan`, `diff`): not an error, but not "nothing to do" either.
    package static let difference = ExitCode(2)
    /// Wrong flags, arguments or settings (`EX_USAGE`).
    package static let usage = ExitCode(64)
    /// Input that was read and is not valid (`EX_DATAERR`).
    package static let data = ExitCode(65)
    /// An input file that cannot be opened (`EX_NOINPUT`).
    package static let noInput = ExitCode(66)
    /// The server cannot be reached or cannot serve (`EX_UNAVAILABLE`).
    package static let unavailable = ExitCode(69)
    /// A broken invariant of this program (`EX_SOFTWARE`).
    package static let software = ExitCode(70)
    /// An output file or lock that cannot be created (`EX_CANTCREAT`).
    package static let cannotCreate = ExitCode(73)
    /// Reading or writing failed underway (`EX_IOERR`).
    package static let ioError = ExitCode(74)
    /// Trying again later may succeed (`EX_TEMPFAIL`).
    package static let temporary = ExitCode(75)
    /// A peer that breaks the rules of the protocol (`EX_PROTOCOL`).
    package static let `protocol` = ExitCode(76)
    /// Not authenticated or not permitted (`EX_NOPERM`).
    package static let noPermission = ExitCode(77)
    /// A configuration that contradicts itself (`EX_CONFIG`).
    package static let config = ExitCode(78)
}
