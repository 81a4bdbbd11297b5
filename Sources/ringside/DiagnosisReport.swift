internal import Replayer
internal import TraceFormat
internal import XenInterface

/// What was found in a trace, for people and for programs.
struct DiagnosisReport: Encodable {
  let trace: String
  let stalls: UInt64
  let isTruncated: Bool
  let untold: [String]
  private let found: StallReport

  enum CodingKeys: String, CodingKey {
    case trace, stalls, untold
    case isTruncated = "truncated"
  }

  init(_ trace: String, _ found: StallReport, isTruncated: Bool) {
    self.trace = trace
    self.found = found
    self.isTruncated = isTruncated
    stalls = UInt64(found.stalls.count) + found.omitted
    untold = found.untold.map(\.rawValue)
  }

  /// So many stalls, in words.
  static func count(_ stalls: UInt64) -> String {
    switch stalls {
    case 0: "no stall found"
    case 1: "1 stall"
    default: "\(stalls) stalls"
    }
  }

  /// The same for people.
  var lines: [String] {
    var lines = ["\(trace): \(Self.count(stalls))"]
    for stall in found.stalls {
      lines += stall.lines
      if let range = stall.range {
        lines.append(
          "    look at it: ringside show --text --from \(range.0) --to \(range.1) \(trace)")
      }
    }
    if found.omitted > 0 { lines.append("  \(found.omitted) more are left out") }
    return lines + found.untold.map { "  cannot be told from this trace: \($0.words)" }
  }
}

/// A stall, for programs.
struct StallRecord: Encodable {
  /// A place in the trace; one in its header has no event.
  struct Place: Encodable {
    let event: UInt64?
    let nanoseconds: UInt64

    init(_ place: TracePlace) {
      event = place.number
      nanoseconds = place.elapsed
    }
  }

  /// What an event says: a field of a ring and its index, or something and how often.
  struct Proof: Encodable {
    let fact: String
    let value: UInt32?
    let place: Place

    init(_ proof: Stall.Proof) {
      (fact, value) = proof.fact.record
      place = Place(proof.place)
    }
  }

  let trace, cause, vif, ring, ending: String
  let side: String?
  let queue: UInt16
  let begin, end: Place
  let nanoseconds: UInt64
  let takesCarrier: Bool
  let proofs: [Proof]
  let untold: [String]

  enum CodingKeys: String, CodingKey {
    case trace, cause, vif, ring, ending, side, queue, begin, end, nanoseconds, proofs, untold
    case takesCarrier = "takes_carrier"
  }

  init(_ trace: String, _ stall: Stall) {
    self.trace = trace
    cause = stall.cause.name.replacing(" ", with: "-")
    side = stall.cause.side.map { "\($0)" }
    vif = VifPlace(domain: stall.domain, handle: stall.handle).description
    queue = stall.queue
    ring = "\(stall.ring)"
    (begin, end) = (Place(stall.begin), Place(stall.end))
    ending = stall.ending.name
    nanoseconds = stall.nanoseconds
    takesCarrier = stall.takesCarrier
    proofs = stall.proofs.map(Proof.init)
    untold = stall.untold.map(\.rawValue)
  }
}
