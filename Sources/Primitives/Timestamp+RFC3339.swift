/// RFC 3339 §5.6. Output is UTC with `Z`; input also takes numeric offsets.
extension Timestamp {
    package enum Precision: Sendable { case seconds, microseconds }

    /// `2026-03-02T10:00:00Z`, or with six fractional digits.
    package func rfc3339(_ precision: Precision = .seconds) -> String {
        String(unsafeUninitializedCapacity: Self.rfc3339Capacity) { writeRFC3339(precision, to: $0) }
    }

    /// Bytes that any RFC 3339 text of a timestamp fits into.
    package static let rfc3339Capacity = 32

    /// Writes what ``rfc3339(_:)`` gives and says how many bytes that were.
    package func writeRFC3339(_ precision: Precision, to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var output = DigitOutput(buffer: buffer)
        let civil = CivilTime(seconds: seconds)
        output.write(civil.year, digits: 4)
        output.write("-")
        output.write(civil.month, digits: 2)
        output.write("-")
        output.write(civil.day, digits: 2)
        output.write("T")
        output.write(civil.hour, digits: 2)
        output.write(":")
        output.write(civil.minute, digits: 2)
        output.write(":")
        output.write(civil.second, digits: 2)
        if precision == .microseconds {
            output.write(".")
            output.write(Int(microseconds - seconds * 1_000_000), digits: 6)
        }
        output.write("Z")
        return output.count
    }

    /// Reads a date-time of RFC 3339. Fractions beyond microseconds are cut; a leap second reads as the next second.
    package init?(rfc3339 text: some StringProtocol) {
        var input = DigitInput(bytes: Array(text.utf8))
        guard let year = input.number(4), input.skip("-"),
            let month = input.number(2), input.skip("-"), let day = input.number(2),
            input.skip("T") || input.skip("t") || input.skip(" "),
            let hour = input.number(2), input.skip(":"), let minute = input.number(2), input.skip(":"),
            let second = input.number(2), hour < 24, minute < 60, second <= 60,
            let days = CivilTime.days(year: year, month: month, day: day)
        else { return nil }
        var fraction: Int64 = 0
        if input.skip(".") {
            guard let value = input.fraction() else { return nil }
            fraction = value
        }
        var offset = 0
        if !(input.skip("Z") || input.skip("z")) {
            let sign = input.skip("+") ? 1 : input.skip("-") ? -1 : 0
            guard sign != 0, let hours = input.number(2), input.skip(":"), let minutes = input.number(2),
                hours < 24, minutes < 60
            else { return nil }
            offset = sign * (hours * 3600 + minutes * 60)
        }
        guard input.isAtEnd else { return nil }
        let whole = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        self.init(microseconds: whole * 1_000_000 + fraction)
    }

    /// Reads `YYYY-MM-DD` as midnight UTC.
    package init?(date text: some StringProtocol) {
        var input = DigitInput(bytes: Array(text.utf8))
        guard let year = input.number(4), input.skip("-"), let month = input.number(2), input.skip("-"),
            let day = input.number(2), input.isAtEnd, let days = CivilTime.days(year: year, month: month, day: day)
        else { return nil }
        self.init(seconds: Int64(days) * 86_400)
    }

    /// The IMF-fixdate of RFC 9110 §5.6.7: `Mon, 02 Mar 2026 10:00:00 GMT`.
    package var httpDate: String {
        let civil = CivilTime(seconds: seconds)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(weekdays[civil.weekdayFromThursday]), \(two(civil.day)) \(months[civil.month - 1]) \(civil.year) "
            + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) GMT"
    }
}

/// A UTC instant split into the fields of the proleptic Gregorian calendar.
package struct CivilTime: Equatable, Sendable {
    package let year, month, day, hour, minute, second: Int
    /// 0 for Thursday, the day of 1970-01-01.
    package let weekdayFromThursday: Int

    package init(seconds: Int64) {
        var days = Int(seconds / 86_400)
        var rest = Int(seconds % 86_400)
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
        weekdayFromThursday = ((days % 7) + 7) % 7
        // Days counted from 0000-03-01, so that the leap day is the last of its year; an era is 400 years.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01, or `nil` when the date does not exist.
    package static func days(year: Int, month: Int, day: Int) -> Int? {
        guard (1...12).contains(month), day >= 1, year >= 0, year <= 9999 else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[month - 1] else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

/// Writes fixed-width decimals into a buffer.
private struct DigitOutput {
    let buffer: UnsafeMutableBufferPointer<UInt8>
    var count = 0

    mutating func write(_ character: Unicode.Scalar) {
        buffer[count] = UInt8(ascii: character)
        count += 1
    }

    mutating func write(_ number: Int, digits: Int) {
        var rest = number
        for position in stride(from: digits - 1, through: 0, by: -1) {
            buffer[count + position] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        count += digits
    }
}

/// Reads fixed-width decimals from bytes.
private struct DigitInput {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func number(_ digits: Int) -> Int? {
        guard position + digits <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + digits] {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        position += digits
        return value
    }

    /// One or more digits as microseconds.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var digits = 0
        while position < bytes.count, bytes[position] >= UInt8(ascii: "0"), bytes[position] <= UInt8(ascii: "9") {
            if digits < 6 { value = value * 10 + Int64(bytes[position] - UInt8(ascii: "0")) }
            digits += 1
            position += 1
        }
        guard digits > 0 else { return nil }
        while digits < 6 {
            value *= 10
            digits += 1
        }
        return value
    }
}
