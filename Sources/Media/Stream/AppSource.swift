// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop

/// The beginning of a pipeline that takes what we give it.
enum AppSource {
    private typealias Handler = UserData<@Sendable () -> Void>

    /// Has `handler` called, on the pipeline's thread, each time that it has nothing left.
    static func whenHungry(_ source: Element, _ handler: @escaping @Sendable () -> Void) {
        var callbacks = GstAppSrcCallbacks()
        callbacks.need_data = { _, _, handler in Handler.value(of: handler)() }
        let source = source.raw.assumingMemoryBound(to: GstAppSrc.self)
        gst_app_src_set_callbacks(source, &callbacks, Handler.retain(handler), releaseUserData)
    }
}
