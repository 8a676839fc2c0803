// SPDX-License-Identifier: Apache-2.0

import CGLib

/// A handler on an object's signal, until `cancel`, the end of this connection or that of the object.
///
/// The connection doesn't keep the object alive. Once cancelled on the thread that emits the signal, the handler is not
/// called again; cancelled on another, a call may be under way.
package final class SignalConnection {
    private typealias Handler = UserData<(borrowing Emission) -> Void>

    private let target: UnsafeMutablePointer<GWeakRef>
    private var id: gulong

    /// Connects `name` or `name::detail`, a signal that is emitted on the loop; emitted elsewhere, it traps.
    package convenience init<Pointer>(
        _ object: GObjectRef<Pointer>, _ signal: String, _ handler: @escaping @MainLoop (borrowing Emission) -> Void
    ) {
        self.init(to: signal, of: object.pointer.raw) { emission in
            MainLoop.assumeIsolated(passing: emission, handler)
        }
    }

    /// Connects a signal that may be emitted on any thread.
    package convenience init<Pointer>(
        _ object: GObjectRef<Pointer>, onAnyThread signal: String,
        _ handler: @escaping @Sendable (borrowing Emission) -> Void
    ) {
        self.init(to: signal, of: object.pointer.raw, handler)
    }

    private init(
        to signal: String, of object: UnsafeMutableRawPointer,
        _ handler: @escaping @Sendable (borrowing Emission) -> Void
    ) {
        let data = Handler.retain(handler)
        let closure = g_closure_new_simple(guint(MemoryLayout<GClosure>.size), data)
        g_closure_add_finalize_notifier(closure, data) { data, _ in releaseUserData(data) }
        g_closure_set_marshal(closure) { closure, result, count, values, _, _ in
            let emission = Emission(values: UnsafeBufferPointer(start: values, count: Int(count)), result: result)
            Handler.value(of: closure?.pointee.data)(emission)
        }
        id = g_signal_connect_closure(object, signal, closure, 0)
        precondition(id != 0, "there is no signal \(signal)")
        target = .allocate(capacity: 1)
        g_weak_ref_init(target, object)
    }

    deinit {
        cancel()
        g_weak_ref_clear(target)
        target.deallocate()
    }

    package func cancel() {
        guard id != 0, let alive = g_weak_ref_get(target) else { return }
        g_signal_handler_disconnect(alive, id)
        g_object_unref(alive)
        id = 0
    }
}

/// One emission of a signal, as its handler sees it while it runs.
package struct Emission: ~Copyable {
    fileprivate let values: UnsafeBufferPointer<GValue>
    fileprivate let result: UnsafeMutablePointer<GValue>?

    /// The object that emits.
    package var object: GObjectRef<OpaquePointer> {
        GObjectRef(retaining: OpaquePointer(g_value_peek_pointer(value(0))))
    }

    /// An argument, converted where need be; the first has index 0.
    package func argument<Value: GLibValue>(_ index: Int, as type: Value.Type = Value.self) -> Value {
        Value { precondition(g_value_transform(value(index + 1), $0) != 0, "argument \(index) is no \(type)") }
    }

    /// An argument that is an object, boxed or a pointer; it belongs to the signal and is valid while the handler runs.
    package func pointer(_ index: Int) -> UnsafeMutableRawPointer? {
        precondition(g_value_fits_pointer(value(index + 1)) != 0, "argument \(index) is no pointer")
        return g_value_peek_pointer(value(index + 1))
    }

    /// Answers a signal that wants an answer.
    package func setResult(_ answer: some GLibValue) {
        answer.asGValue { answer in
            precondition(result.map { g_value_transform(answer, $0) } == 1, "the signal wants no such result")
        }
    }

    /// The object comes first, the arguments follow.
    private func value(_ index: Int) -> UnsafePointer<GValue> {
        guard values.indices.contains(index), let first = values.baseAddress else {
            preconditionFailure("the signal has \(values.count - 1) arguments")
        }
        return first + index
    }
}
