/// The members of a JSON object in their order of appearance. Keys are unique and compared byte by byte.
package struct JSONObject: Sendable {
    @usableFromInline
    package struct Member: Sendable {
        @usableFromInline let key: String
        @usableFromInline var value: JSONValue
    }

    @usableFromInline
    var members: [Member]

    package init() { members = [] }

    /// The caller vouches that the keys are unique.
    init(unique members: [Member]) { self.members = members }
}

extension JSONObject {
    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: [String] { members.map(\.key) }

    /// Reading gives `nil` for an absent key and `.null` for a null; assigning `nil` removes, anything else replaces in
    /// place or appends.
    package subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): members.remove(at: position)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Appends a member whose key the caller knows to be new.
    package mutating func append(unique key: String, _ value: JSONValue) {
        assert(position(of: key) == nil, "\(key) is there already")
        members.append(Member(key: key, value: value))
    }

    package mutating func reserveCapacity(_ count: Int) { members.reserveCapacity(count) }

    package func contains(_ key: String) -> Bool { position(of: key) != nil }

    /// The same object without `key`.
    package func removing(_ key: String) -> JSONObject {
        var copy = self
        copy[key] = nil
        return copy
    }

    /// A member that may be missing, for updates where absence and `null` differ.
    package func presence(of key: String) -> Presence<JSONValue> {
        switch self[key] {
        case nil: .absent
        case .null?: .null
        case let value?: .value(value)
        }
    }

    @usableFromInline
    func position(of key: String) -> Int? {
        members.firstIndex { $0.key.hasSameBytes(as: key) }
    }
}

extension JSONObject: Sequence {
    package struct Iterator: IteratorProtocol {
        var members: IndexingIterator<[Member]>

        package mutating func next() -> (key: String, value: JSONValue)? {
            members.next().map { ($0.key, $0.value) }
        }
    }

    package func makeIterator() -> Iterator { Iterator(members: members.makeIterator()) }

    package var underestimatedCount: Int { members.count }
}

extension JSONObject: Equatable {
    package static func == (left: Self, right: Self) -> Bool {
        guard left.count == right.count else { return false }
        let index = MemberIndex(right)
        return left.members.allSatisfy { member in
            index.position(of: member.key).map { right.members[$0].value == member.value } ?? false
        }
    }
}

/// Finds members by key: by looking through small objects, by hash in large ones, so that no pair of documents makes a
/// comparison quadratic.
struct MemberIndex {
    static let linearLimit = 16

    private let object: JSONObject
    private var positions: [KeyBytes: Int] = [:]

    init(_ object: JSONObject) {
        self.object = object
        guard object.count > Self.linearLimit else { return }
        positions.reserveCapacity(object.count)
        for (position, member) in object.members.enumerated() { positions[KeyBytes(member.key)] = position }
    }

    func position(of key: String) -> Int? {
        object.count > Self.linearLimit ? positions[KeyBytes(key)] : object.position(of: key)
    }
}

/// A key that is hashed and compared by its bytes.
struct KeyBytes: Hashable {
    private let key: String

    init(_ key: String) { self.key = key }

    static func == (left: Self, right: Self) -> Bool { left.key.hasSameBytes(as: right.key) }

    func hash(into hasher: inout Hasher) {
        var key = key
        key.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
