internal import Replayer
internal import XenRing

extension RingSides {
  /// Where both sides stand, and what is under way, as people read it.
  var lines: [String] {
    let (untaken, unanswered) = (Self.words(untaken), Self.words(unanswered))
    let frontend = [("req_prod", requestProducer), ("rsp_event", responseEvent)]
    var backend = [
      ("req_cons", requestConsumer), ("req_event", requestEvent), ("rsp_prod", responseProducer),
    ]
    if writtenProducer != responseProducer { backend.append(("rsp_prod_pvt", writtenProducer)) }
    return [
      "  \(ring) frontend  \(Self.words(frontend))", "  \(ring) backend   \(Self.words(backend))",
      "  outstanding  \(untaken) published and not taken, \(unanswered) taken and not answered",
    ]
  }

  private static func words(_ indices: [(name: String, index: RingIndex?)]) -> String {
    indices.map { "\($0.name) \(words($0.index?.rawValue))" }.joined(separator: ", ")
  }

  /// What nobody has seen is a question mark.
  private static func words(_ number: UInt32?) -> String { number.map(String.init) ?? "?" }
}

extension ReplayReport {
  /// What the backend did since an earlier account: nothing, or a turn.
  func turnLines(since before: ReplayReport) -> [String] {
    guard replayed > before.replayed || diverged > before.diverged else { return [] }
    let differences = diverged - before.diverged
    let verdict = differences == 0 ? "the same" : "\(differences) differ"
    let line = "  replayed     a turn of \(replayed - before.replayed) events, \(verdict)"
    guard differences > 0, divergences.count > before.divergences.count else { return [line] }
    let first = divergences[before.divergences.count]
    return [line] + first.lines(in: before.diverged == 0 ? firstTurn : nil, ReplaySides())
  }
}
