// SPDX-License-Identifier: Apache-2.0

import Timing

/// The pure half of a camera's source: how one speaks with a camera of some kind, over a connection that comes and goes.
///
/// It knows a protocol, and decides nothing about life and death.
package protocol Conversation: Sendable {
    /// What happens on the wire.
    associatedtype Event: Sendable
    /// What is to be done on the wire.
    associatedtype Action: Sendable
    /// What people may want to know.
    associatedtype Report: Sendable

    typealias Step = ConversationStep<Action, Report>

    /// Whether somebody is there who would hear a request.
    var hasListener: Bool { get }
    /// The connection that was offered last, until it is lost or given up.
    var session: Int? { get }
    /// When `tick` is next due, if nothing else happens before.
    var nextDeadline: Instant? { get }
    mutating func hear(_ event: Event, at now: Instant) -> [Step]
    mutating func carryOut(_ order: SourceOrder, at now: Instant) -> [Step]
    mutating func tick(at now: Instant) -> [Step]
}

package enum ConversationStep<Action: Sendable, Report: Sendable>: Sendable {
    case act(Action)
    case tell(FrameWatchdog.Event)
    case report(Report)
}

extension ConversationStep: Equatable where Action: Equatable, Report: Equatable {}

/// What a source is asked to do.
package enum SourceOrder: Equatable, Sendable {
    /// Let go of whatever connection there is.
    case close
    /// Give up the connection that there is, but go on listening to it, and ask for a fresh one.
    case reopen(FrameWatchdog.Trouble, silence: Duration)
    /// Frames come of this connection: what is older is over, and if it had been given up it is the one that counts.
    case settle(session: Int)
    /// No frames came of the last request.
    case noteFailure
}
