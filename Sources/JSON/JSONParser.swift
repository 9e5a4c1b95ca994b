package import Primitives

/// Bounds on what a document may cost to hold.
package struct JSONLimits: Sendable {
    /// Nested arrays and objects; the outermost counts as one.
    package var maxDepth: Int
    /// Members of any single object.
    package var maxMembers: Int

    package init(maxDepth: Int = 32, maxMembers: Int = .max) {
        self.maxDepth = maxDepth
        self.maxMembers = maxMembers
    }
}

/// Strict RFC 8259: UTF-8 without byte order mark, unique keys at every depth, nothing after the value but white space,
/// no NaN or Infinity, no lone surrogates.
package enum JSONParser {
    package static func parse(
        _ bytes: Span<UInt8>, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONValue {
        var reader = JSONReader(limits: limits)
        return try reader.document(bytes)
    }

    package static func parse(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        try parse(bytes.span, limits: limits)
    }

    package static func parse(
        _ bytes: ArraySlice<UInt8>, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONValue {
        try parse(bytes.span, limits: limits)
    }

    /// The memory must stay as it is for the duration of the call.
    package static func parse(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONValue {
        try parse(bytes.assumingMemoryBound(to: UInt8.self).span, limits: limits)
    }

    package static func parse(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8).span, limits: limits)
    }

    package static func parse(_ text: JSONText, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        try parse(text.text, limits: limits)
    }
}
