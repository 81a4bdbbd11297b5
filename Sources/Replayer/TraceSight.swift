import Netif
import TraceFormat

/// What whoever recorded a trace could see.
struct TraceSight {
  private let source: TraceHeader.Source

  init(_ source: TraceHeader.Source) { self.source = source }

  /// Whether each of the backend's event indices stands in the trace. The kernel's are in snapshots
  /// alone; those of our own RX rings as well.
  func tellsRequestEvents(of ring: TraceRing) -> Bool {
    switch source {
    case .kernelTap: false
    case .byHand: true
    case .inProcess, .fuzzer: ring != .rx
    }
  }

  /// Whether each answer that was published stands beside what the frontend had asked for, and beside
  /// the event that followed.
  var followsAnswers: Bool { source != .kernelTap }

  /// Whether an event that the backend does not send is seen to be missing, also where it sends none at
  /// all.
  var provesSilence: Bool { source == .inProcess || source == .fuzzer }

  /// Whether a frame is seen when it begins to wait. The kernel's are seen when they are handed over.
  var seesWaitingFrames: Bool { source != .kernelTap }

  /// Whether a snapshot's waiting frames do not stand in the trace one by one.
  var countsWaitingFrames: Bool { source == .kernelTap || source == .byHand }

  /// Whether the guest tells of new RX requests. The kernel's recorder does not see the key; Linux's
  /// frontend writes it.
  func notifies(_ features: NetifFeatures) -> Bool {
    source == .kernelTap || features.contains(.rxNotify)
  }
}
