internal import Netback
internal import Netif
internal import PacketCapture
internal import Server
internal import XenInterface
internal import XenRing

extension VifNews {
  /// What happened, and what to do where something is to be done.
  func words(for place: VifPlace) -> String {
    switch self {
    case .appeared: "there; waiting for its guest"
    case .connected(let queues): "connected, \(Self.counted(queues, "queue"))"
    case .takenOver(let queues, let answered):
      "taken over as it stood, \(Self.counted(queues, "queue"))"
        + (answered == 0 ? "" : "; \(Self.counted(answered, "slot")) had been answered unsaid")
    case .waitsForPorts:
      "another backend still holds its event channels; it is taken over when that one has ended"
    case .cannotTakeOver(let error):
      "cannot be taken over: \(error.words); \(Self.remedy(for: place))"
    case .refused(let error): "not connected: \(error.words)"
    case .cutOff(let violation):
      "cut off, its guest broke the protocol: \(violation); \(Self.remedy(for: place))"
    case .closed: "closed"
    case .vanished: "removed"
    case .hasNoPort(let error): "not served: \(error.words)"
    case .cannotBeServed(let error): "not served: \(error.words)"
    }
  }

  fileprivate static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// A guest's driver begins anew only when it is bound anew.
  private static func remedy(for place: VifPlace) -> String {
    let device = "vif-\(place.handle.rawValue)"
    return
      "in domain \(place.domain.rawValue) run: cd /sys/bus/xen/drivers/vif; echo \(device) >unbind; echo \(device) >bind"
  }

  /// The word for programs.
  fileprivate var name: String {
    switch self {
    case .appeared: "appeared"
    case .connected: "connected"
    case .takenOver: "taken-over"
    case .waitsForPorts: "waits-for-ports"
    case .cannotTakeOver: "cannot-take-over"
    case .refused: "refused"
    case .cutOff: "cut-off"
    case .closed: "closed"
    case .vanished: "removed"
    case .hasNoPort, .cannotBeServed: "not-served"
    }
  }
}

extension VifError {
  /// What is wrong.
  var words: String {
    switch self {
    case .missingKey(let key): "the key \(key) is missing or no number"
    case .badQueueCount(let count): "\(count) queues are not what was offered; see --queues"
    case .badHeadroom(let octets): "a headroom of \(octets) octets leaves no room in a page"
    case .badState(let number): "the frontend says state \(number), which no frontend has"
    case .noEnd: "a further queue of its tap device could not be opened; see `ulimit -n`"
    case .badHeaderArea: "the pages of its header area are not each another one"
    case .grant(let error): "a ring could not be mapped: \(error.words)"
    case .eventChannel(.notBindable): "an event channel cannot be bound"
    case .eventChannel(.system(let code)), .store(.system(let code)): Console.errorText(code)
    case .ring(.producerTooFar(let distance, let limit)):
      "a ring of \(limit) slots has \(distance) requests"
    case .store(.notFound): "its directory in the store is gone"
    case .store(.permissionDenied): "the store refused"
    case .store(.conflict): "the store is too busy"
    }
  }
}

extension CaptureError {
  /// What is wrong.
  var words: String {
    switch self {
    case .libraryMissing: RuntimeLibrary.pcap.absence
    case .otherDevice:
      "what has its interface's name is no tap device, or one that was made with --workers and is wanted without, or the other way round"
    case .noInterface: "there is no such interface, or its name has more than 15 octets"
    case .permissionDenied: "not permitted; run this as root"
    case .interfaceDown: "the interface is down"
    case .library(let code): "libpcap refused (\(code))"
    case .system(let code): Console.errorText(code)
    case .notSavefile: "no savefile of Ethernet frames"
    case .truncated: "the savefile ends inside a frame"
    }
  }
}

/// What happened to a vif, for programs.
struct ServeEvent: Encodable {
  var event: String
  var vif: String
  var text: String

  init(_ place: VifPlace, _ news: VifNews) {
    event = news.name
    vif = "\(place)"
    text = news.words(for: place)
  }
}

/// What a vif has carried.
struct ServeStatistics: Encodable {
  var event = "statistics"
  var vif: String
  var state: String
  var queues: Int
  var fromGuest: FrameCounters
  var toGuest: FrameCounters
  var rejected, grantFailures, mappedPages, forwarded, expired: UInt64

  enum CodingKeys: String, CodingKey {
    case event, vif, state, queues, rejected, forwarded, expired
    case fromGuest = "from_guest"
    case toGuest = "to_guest"
    case grantFailures = "grant_failures"
    case mappedPages = "mapped_pages"
  }

  init(_ served: ServedVif) {
    let counted = served.device.vif.context.statistics
    vif = "\(served.place)"
    state = "\(served.device.state)"
    queues = served.device.vif.queues.count
    fromGuest = served.fromGuest
    toGuest = served.toGuest
    rejected = counted.txRejected
    grantFailures = counted.txGrantFailures
    mappedPages = counted.txUnmappedPages
    forwarded = counted.rxForwarded
    expired = counted.rxExpired
  }

  /// The same for people.
  var line: String {
    "\(vif): \(state), \(queues == 1 ? "1 queue" : "\(queues) queues"); from the guest \(Self.words(fromGuest)), "
      + "\(rejected) rejected, \(grantFailures) with bad grants, \(mappedPages) pages mapped; to the guest "
      + "\(Self.words(toGuest)), \(forwarded) straight from another, \(expired) expired"
  }

  private static func words(_ counted: FrameCounters) -> String {
    "\(counted.frames) frames, \(counted.octets) octets, \(counted.unsegmented) unsegmented, "
      + "largest \(counted.largest), \(counted.refused) refused"
  }
}

/// What a worker has to do.
struct WorkerStatistics: Encodable {
  var event = "worker"
  var worker: Int
  var queues: Int
  var packets: UInt64

  init(_ number: Int, _ load: GroupLoad) {
    worker = number
    queues = load.queues
    packets = load.packets
  }

  /// The same for people.
  var line: String {
    "worker \(worker): \(VifNews.counted(queues, "queue")), which have carried \(packets) packets"
  }
}
