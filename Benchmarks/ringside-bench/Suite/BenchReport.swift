import Foundation

/// All that a run of the suite came to.
struct BenchReport {
  private var table = BenchTable()
  private var results: [BenchResult] = []
  /// Measurements that this machine lacks something for, and what.
  private var lacking: [String: String] = [:]
  /// Measurements of ours that failed, and why.
  private(set) var failures: [String: String] = [:]
  private let isQuick: Bool

  init(isQuick: Bool) { self.isQuick = isQuick }

  /// Takes a result, or why there is none.
  mutating func add(_ name: String, _ measure: () throws -> BenchResult) {
    do {
      let result = try measure()
      results.append(result)
      table.add(result)
    } catch let fault as PeerFault where fault.isLack {
      lacking[name] = "\(fault)"
    } catch { fail(name, error) }
  }

  mutating func fail(_ name: String, _ error: any Error) { failures[name] = "\(error)" }

  /// The machine, the table, and a line for each peer that was missing and each measurement that failed.
  var text: String {
    let failed = failures.sorted { $0.key < $1.key }.map { "failed: \($0): \($1)" }
    return ([BenchMachine().line, "", table.text] + missing + failed).joined(separator: "\n")
  }

  private var missing: [String] {
    var whys = lacking
    for result in results { whys.merge(result.missing) { first, _ in first } }
    return whys.sorted { $0.key < $1.key }.map { "not measured: \($0): \($1)" }
  }

  /// All of it, for programs.
  var json: Data {
    get throws {
      struct Document: Encodable {
        let machine: BenchMachine
        let quick: Bool
        let results: [BenchResult]
        let failures: [String: String]
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      return try encoder.encode(
        Document(machine: BenchMachine(), quick: isQuick, results: results, failures: failures))
    }
  }
}

/// Where it was measured.
struct BenchMachine: Encodable {
  let processor: String
  let processors: Int
  let system: String
  /// How many wanted a processor, of the last minute: more than there are is noise.
  let load: String

  init() {
    func read(_ path: String) -> String {
      (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
    let model = read("/proc/cpuinfo").firstMatch(of: #/model name\s*: (.*)/#)
    processor = model.map { String($0.1) } ?? "a processor"
    processors = ProcessInfo.processInfo.activeProcessorCount
    system = "Linux " + read("/proc/sys/kernel/osrelease").trimmingCharacters(in: .newlines)
    load = String(read("/proc/loadavg").prefix { $0 != " " })
  }

  var line: String { "\(processor), \(processors) processors, \(system), load \(load)" }
}
