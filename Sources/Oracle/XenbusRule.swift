/// What a frontend has to keep to on xenbus, by the name that reports use.
public enum XenbusRule: String, Hashable, Sendable, CaseIterable {
  /// A state that frontends have.
  case state = "xenbus/state"
  /// A queue at least, and no more than are offered.
  case queueCount = "xenbus/queue-count"
  /// Room for data behind what is wanted free in each page.
  case headroom = "xenbus/headroom"
  /// A number for each ring page.
  case ringKey = "xenbus/ring-key"
  /// A ring page that can be mapped.
  case ringPage = "xenbus/ring-page"
  /// A ring that claims no more requests than it has slots.
  case ringIndices = "xenbus/ring-indices"
  /// A number for each port.
  case portKey = "xenbus/port-key"
  /// A port that can be bound, and is bound once.
  case port = "xenbus/port"
}
