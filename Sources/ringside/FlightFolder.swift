internal import FoundationEssentials
internal import Recorder
internal import TraceFiles
internal import TraceFormat
internal import XenInterface

/// The folder where a flight recorder's files go. Their names say vif, cause and time.
final class FlightFolder: FlightStore {
  private let path: String
  /// Files that are kept; of more, the oldest of the vif and cause that has most goes.
  private let most: Int
  private let output: OutputOptions
  /// The error of the last file that could not be written.
  private(set) var lastFailure: CommandFailure?
  private var name = ""

  init(_ path: String, keeping most: Int, output: OutputOptions) throws(CommandFailure) {
    try WritableFolder.make(path, for: "files")
    self.path = path
    self.most = most
    self.output = output
  }

  func make(_ occasion: FlightOccasion) throws(RecorderError) -> any RecordingFile {
    do throws(TransferError) {
      var number = 1
      while true {
        name = "\(path)/\(occasion.fileName(number)).ringtrace"
        if let file = try FileSink(newAt: name) { return PathFile(file) }
        number += 1
      }
    } catch { throw .cannotMake(error.code) }
  }

  func tell(_ news: FlightNews) {
    switch news {
    case .written(let occasion, let statistics, let joined):
      let record = FlightFile(
        file: name, occasion, octets: statistics.octets, events: statistics.events, joined: joined)
      output.tell(record.line)
      output.emit(record)
      rotate()
    case .delayed(let occasion, let error):
      Console.note("\(occasion.line): \(failure(error).message); tried again while memory has it")
    case .unwritten(let occasion, let error):
      let failure = failure(error)
      lastFailure = failure
      Console.note("\(occasion.line): not written: \(failure.message)")
    }
    try? Console.flush()
  }

  private func failure(_ error: RecorderError) -> CommandFailure {
    Capture(path: name).failure(error)
  }
}

// MARK: - How many there are

extension FlightFolder {
  /// Lets go of files beyond those that are kept, also of those that a recorder before this one has left.
  private func rotate() {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    var groups = Dictionary(grouping: files.compactMap(KeptFile.init), by: \.group)
    for _ in 0..<max(0, groups.values.reduce(0) { $0 + $1.count } - most) {
      guard let largest = groups.values.max(by: { Self.goesLater($0, $1) }),
        let oldest = largest.min(by: { $0.moment < $1.moment })
      else { return }
      groups[oldest.group]?.removeAll { $0.name == oldest.name }
      try? FileManager.default.removeItem(atPath: path + "/" + oldest.name)
    }
  }

  /// Of two vifs and causes the one with more files loses one first; of the same, that with the oldest.
  private static func goesLater(_ first: [KeptFile], _ second: [KeptFile]) -> Bool {
    guard first.count == second.count else { return first.count < second.count }
    guard let one = first.map(\.moment).min(), let other = second.map(\.moment).min() else {
      return false
    }
    return one > other
  }
}

/// A file of a flight recorder, as its name has it: `vif5.0-fatal-20261127T030830Z.ringtrace`.
private struct KeptFile {
  var name: String
  /// Vif and cause.
  var group: String
  /// Time, in an order that is that of the names.
  var moment: String

  init?(_ name: String) {
    let parts = name.split(separator: "-", maxSplits: 2)
    guard name.hasSuffix(".ringtrace"), parts.count == 3,
      VifPlace(argument: String(parts[0])) != nil, FlightCause.names.contains(String(parts[1]))
    else { return nil }
    self.name = name
    group = "\(parts[0])-\(parts[1])"
    moment = String(parts[2])
  }
}

extension FlightOccasion {
  /// Vif and cause, for people.
  fileprivate var line: String {
    "\(VifPlace(domain: domain, handle: handle)): \(cause.name): \(cause.words)"
  }
}

/// A file that was written around a trigger, for programs.
private struct FlightFile: Encodable {
  let file, vif, cause, words: String
  let rule: String?
  let octets, events, joined: UInt64
  private let title: String

  enum CodingKeys: String, CodingKey {
    case file, vif, cause, words, rule, octets, events, joined
  }

  init(file: String, _ occasion: FlightOccasion, octets: UInt64, events: UInt64, joined: UInt64) {
    self.file = file
    vif = VifPlace(domain: occasion.domain, handle: occasion.handle).description
    cause = occasion.cause.name
    words = occasion.cause.words
    rule = occasion.cause.rule
    self.octets = octets
    self.events = events
    self.joined = joined
    title = occasion.line
  }

  /// The same for people.
  var line: String {
    let more = joined == 0 ? "" : ", and \(joined) more triggers"
    return "\(title)\(more): \(file), \(events) events, \(octets) octets"
  }
}
