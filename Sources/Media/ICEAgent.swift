// SPDX-License-Identifier: Apache-2.0

import CGStreamer
import MainLoop
import Signaling

/// libnice, behind a webrtcbin: what that does not do by itself.
struct ICEAgent {
    /// The one that there is, as everything is bundled.
    private static let stream: guint = 1
    /// RTP and all that goes with it.
    private static let component: guint = 1

    private let agent: GObjectRef<OpaquePointer>

    /// `nil` where webrtcbin has another ICE stack.
    init?(of webrtcbin: Element) {
        guard let agent = webrtcbin.ice?.object("agent", as: OpaquePointer.self) else { return nil }
        self.agent = agent
    }

    func configure() {
        // It would cost a thread, multicasts, and 200 ms for each gathering.
        agent.pointer.set("upnp", "false")
        // It would listen on every address; behind a firewall that needs this, only TURN helps anyway.
        agent.pointer.set("ice-tcp", "false")
        // Finds a dead peer after 45 s, in case nobody watches its frames.
        agent.pointer.set("keepalive-conncheck", "true")
    }

    /// `found` is called on a thread of libnice's.
    func onPath(_ found: @escaping @Sendable () -> Void) -> SignalConnection {
        SignalConnection(agent, onAnyThread: "new-selected-pair-full") { _ in found() }
    }

    /// Forgets the other end, which the next descriptions name anew; sockets stay, and packets go on meanwhile.
    func restart() { nice_agent_restart_stream(agent.pointer, ICEAgent.stream) }

    /// Ours, as they were once gathered.
    var candidates: [String] {
        let list = nice_agent_get_local_candidates(agent.pointer, ICEAgent.stream, ICEAgent.component)
        defer { g_slist_free_full(list) { nice_candidate_free($0?.assumingMemoryBound(to: NiceCandidate.self)) } }
        var texts: [String] = []
        var entry = list
        while let candidate = entry?.pointee.data?.assumingMemoryBound(to: NiceCandidate.self) {
            if let text = self.text(of: candidate) { texts.append(text) }
            entry = entry?.pointee.next
        }
        return texts
    }

    /// `nil` for one that only the other end knows of.
    private func text(of candidate: UnsafeMutablePointer<NiceCandidate>) -> String? {
        guard candidate.pointee.type != NICE_CANDIDATE_TYPE_PEER_REFLEXIVE,
            let line = nice_agent_generate_local_candidate_sdp(agent.pointer, candidate)
        else { return nil }
        defer { g_free(line) }
        return try? ICECandidate(parsing: String(cString: line)).line
    }
}

extension Element {
    /// A webrtcbin's, around whatever ICE stack that uses.
    var ice: GObjectRef<OpaquePointer>? { GObjectRef(retaining: self).object("ice-agent") }
}
