import XenInterface

/// What a backend says in its directory that it can do.
public struct BackendOffer: Hashable, Sendable {
  /// `multi-queue-max-queues`; 1 when absent.
  public var maximumQueues: Int
  /// `feature-split-event-channels`.
  public var splitEventChannels: Bool
  /// `feature-rx-copy`; no frontend of today can do without.
  public var receiveByCopy: Bool
  /// `feature-ctrl-ring`.
  public var controlRing: Bool
  /// `feature-multicast-control`.
  public var multicastControl: Bool
  /// `feature-x-ringside-header-area`.
  public var headerArea: Bool
  /// `feature-x-ringside-persist`.
  public var persistentGrants: Bool

  /// Reads the offer out of a backend's directory. What is absent or no number is not offered.
  init(directory: String, store: any Store) {
    func number(_ name: String) -> Int {
      store.value(directory + "/" + name).flatMap { Int($0) } ?? 0
    }
    maximumQueues = max(1, number("multi-queue-max-queues"))
    splitEventChannels = number("feature-split-event-channels") != 0
    receiveByCopy = number("feature-rx-copy") != 0
    controlRing = number("feature-ctrl-ring") != 0
    multicastControl = number("feature-multicast-control") != 0
    headerArea = number("feature-x-ringside-header-area") != 0
    persistentGrants = number("feature-x-ringside-persist") != 0
  }
}
