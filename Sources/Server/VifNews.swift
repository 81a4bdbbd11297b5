public import Netback
public import Netif
public import PacketCapture
import XenInterface

/// What there is to tell of a vif.
public enum VifNews: Hashable, Sendable {
  /// The toolstack has made it.
  case appeared
  /// Its guest has connected.
  case connected(queues: Int)
  /// Rings that a dead backend had left are served again; so many slots of them had been answered
  /// without its being said.
  case takenOver(queues: Int, answered: Int)
  /// Another backend still holds its event channels; they are waited for.
  case waitsForPorts
  /// The rings that a dead backend had left cannot be had.
  case cannotTakeOver(VifError)
  /// Its guest could not be connected.
  case refused(VifError)
  /// Its guest broke the protocol and is served no more.
  case cutOff(TxViolation)
  /// Its guest has closed, or was closed.
  case closed
  /// The toolstack has removed it.
  case vanished
  /// It is not served: there is no port for it.
  case hasNoPort(CaptureError)
  /// It is not served: its directory could not be taken up.
  case cannotBeServed(VifError)
}

/// How a vif stands, as far as changes of it are news.
struct VifStanding: Hashable {
  private var queues = 0
  private var takeover = VifTakeover.none
  private var failure: VifError?
  private var violation: TxViolation?

  init() {}

  init(_ device: VifDevice) {
    queues = device.state == .connected ? device.vif.queues.count : 0
    takeover = device.takeover
    // The time of the next attempt is no news.
    if case .pending(let retry?) = takeover, retry != Self.someTime {
      takeover = .pending(retry: Self.someTime)
    }
    failure = device.failure
    violation = device.vif.context.violation
  }

  private static let someTime = MonotonicInstant(nanoseconds: 0)

  /// What is new since `old`.
  func news(since old: VifStanding) -> [VifNews] {
    var news: [VifNews] = []
    if takeover != old.takeover, let word = takeoverNews { news.append(word) }
    if queues > 0, old.queues == 0 { news.append(connectionNews(since: old)) }
    if queues == 0, old.queues > 0 { news.append(.closed) }
    if let failure, failure != old.failure, takeoverNews == nil { news.append(.refused(failure)) }
    if let violation, isCutOff(since: old) { news.append(.cutOff(violation)) }
    return news
  }

  /// Whether a guest was connected since `old`.
  func isConnected(since old: VifStanding) -> Bool { queues > 0 && old.queues == 0 }

  /// Whether the guest was cut off since `old`.
  func isCutOff(since old: VifStanding) -> Bool { violation != nil && old.violation == nil }

  private var takeoverNews: VifNews? {
    switch takeover {
    case .none, .pending(nil), .done: nil
    case .pending: .waitsForPorts
    case .impossible(let error): .cannotTakeOver(error)
    }
  }

  private func connectionNews(since old: VifStanding) -> VifNews {
    guard case .done(let answered) = takeover, takeover != old.takeover else {
      return .connected(queues: queues)
    }
    return .takenOver(queues: queues, answered: answered)
  }
}
