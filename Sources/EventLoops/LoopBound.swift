/// A value that belongs to one loop and is touched there alone, carried through `Sendable` code.
///
/// `@unchecked Sendable`: the value is created, read and changed only on the thread of `loop` — every access checks
/// `isCurrent` first and traps otherwise — so no two threads ever touch it at once. Its release may happen elsewhere;
/// `deinit` of what it holds must not assume the loop.
package final class LoopBound<Value>: @unchecked Sendable {
    package let loop: EventLoop
    private var content: Value?
    private let make: (() -> Value)?

    /// On the loop's thread only.
    package init(_ value: Value, on loop: EventLoop) {
        precondition(loop.isCurrent, "a loop-bound value is created on its loop")
        self.loop = loop
        content = value
        make = nil
    }

    /// A value that `make` creates on the loop when it is first touched. May be called anywhere.
    package init(on loop: EventLoop, _ make: @escaping @Sendable () -> Value) {
        self.loop = loop
        self.make = make
    }

    /// On the loop's thread only.
    package var value: Value {
        precondition(loop.isCurrent, "a loop-bound value is touched on its loop")
        if let content { return content }
        guard let make else { preconditionFailure("a loop-bound value has a maker or a content") }
        let made = make()
        content = made
        return made
    }

    /// Hands the value to `body` on the loop: at once when already there, otherwise queued.
    package func run(_ body: @escaping @Sendable (Value) -> Void) {
        if loop.isCurrent {
            body(value)
        } else {
            loop.execute { body(self.value) }
        }
    }
}
