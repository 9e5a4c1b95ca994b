/// A value that belongs to one loop and is touched there alone, carried through `Sendable` code.
///
/// `@unchecked Sendable`: the value is created, read and changed only on the thread of `loop` — every access checks
/// `isCurrent` first and traps otherwise — so no two threads ever touch it at once. Its release may happen elsewhere;
/// `deinit` of what it holds must not assume the loop.
package final class LoopBound<Value>: @unchecked Sendable {
    package let loop: EventLoop
    private var content: Value

    /// On the loop's thread only.
    package init(_ value: Value, on loop: EventLoop) {
        precondition(loop.isCurrent, "a loop-bound value is created on its loop")
        self.loop = loop
        content = value
    }

    package var value: Value {
        get {
            precondition(loop.isCurrent, "a loop-bound value is touched on its loop")
            return content
        }
        set {
            precondition(loop.isCurrent, "a loop-bound value is touched on its loop")
            content = newValue
        }
    }

    /// Hands the value to `body` on the loop: at once when already there, otherwise queued.
    package func run(_ body: @escaping @Sendable (Value) -> Void) {
        if loop.isCurrent {
            body(content)
        } else {
            loop.execute { body(self.content) }
        }
    }
}
