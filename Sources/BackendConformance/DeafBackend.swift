import Netfront
import XenRing

/// A backend sleeps beside a request that it was told of.
///
/// Linux 6.1's netback, where TX and RX share a port, does so about once in 200 connections on two
/// processors: it takes the event that binding sends, and none after it, until the guest connects again.
/// Whoever asks it may ask again; a backend of ours has no such excuse.
public struct DeafBackend: Error, CustomStringConvertible {
  /// In words.
  public var description: String { "the backend sleeps beside a request that it was told of" }
}

extension FrontChannel {
  /// Whether the backend still waits for an event on the first request that it has not answered.
  var isUnheard: Bool {
    requestProducer != responseConsumer && requestEvent == responseConsumer.advanced(by: 1)
  }
}
