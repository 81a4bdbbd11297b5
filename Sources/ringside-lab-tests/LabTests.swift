import BackendConformance
import Glibc
import PacketCapture
import WorldConformance
import XenHost

/// Runs suites of rows on the Xen that this machine runs on.
///
/// Arguments name suites, with a colon and the start of names behind one for a part of it, or ask for a
/// flood of frames. Exit codes: 0 all rows hold, 1 one does not,
/// 3 there is no Xen here, 64 no such suite.
@main
struct LabTests {
  private static var suites: [LabSuite] {
    [
      .conformance, .halves, .mappedHalves, .lazyHalves, .headerHalves, .persistentHalves,
      .stagedHalves, .groupedHalves, .netfront, .cutOff, .lateCutOff, .control,
    ]
  }

  private var passed = 0
  private var failed = 0
  private var skipped = 0

  static func main() {
    let names = CommandLine.arguments.dropFirst()
    if names.first == "flood", let flood = Flood(names.dropFirst()) { run(flood) }
    let asked = names.compactMap(suite)
    guard !names.isEmpty, asked.count == names.count else {
      print("usage: ringside-lab-tests [\(suites.map(\.name).joined(separator: "|"))[:START]]...")
      print("       ringside-lab-tests flood INTERFACE OCTETS SECONDS")
      exit(64)
    }
    var tests = LabTests()
    for suite in asked {
      do throws(HostError) { try tests.run(suite) } catch { leave(error) }
    }
    print("\(tests.passed) passed, \(tests.failed) failed, \(tests.skipped) skipped")
    exit(tests.failed == 0 ? 0 : 1)
  }

  /// The suite of that name, or the rows of it whose names begin as is said behind a colon; `nil` when
  /// there is none.
  private static func suite(_ name: String) -> LabSuite? {
    let words = name.split(separator: ":", maxSplits: 1)
    guard let suite = suites.first(where: { $0.name == words.first ?? "" }) else { return nil }
    guard words.count > 1 else { return suite }
    let rows = suite.rows.filter { $0.name.hasPrefix(words[1]) }
    return rows.isEmpty ? nil : LabSuite(suite.name, rows, excuses: suite.excuses)
  }

  /// Each row gets interfaces of its own, so that none sees what another left.
  private mutating func run(_ suite: LabSuite) throws(HostError) {
    for row in suite.rows {
      let name = "\(suite.name): \(row.name)"
      var outcome = try Self.outcome(of: row)
      if case .failed(let error) = outcome, suite.excuses(error) {
        print("again \(name): \(error)")
        outcome = try Self.outcome(of: row)
      }
      note(outcome, name)
      // A row that hangs must not take the lines of the others with it.
      fflush(nil)
    }
  }

  private static func outcome(of row: LabRow) throws(HostError) -> LabRow.Outcome {
    let loop = HostLoop()
    return row.run(
      in: World(
        frontend: try HostXen.connect(loop), backend: try HostXen.connect(loop), loop: loop))
  }

  private mutating func note(_ outcome: LabRow.Outcome, _ name: String) {
    switch outcome {
    case .passed:
      passed += 1
      print("ok    \(name)")
    case .failed(let error):
      failed += 1
      print("FAIL  \(name): \(error)")
    case .skipped(let need):
      skipped += 1
      print("skip  \(name) (no \(need) here)")
    }
  }

  private static func run(_ flood: Flood) -> Never {
    do throws(CaptureError) {
      print("\(try flood.run()) frames sent")
      exit(0)
    } catch {
      print("the interface cannot be flooded: \(error)")
      exit(1)
    }
  }

  private static func leave(_ error: HostError) -> Never {
    switch error {
    case .unavailable(let device, let code):
      print("\(device) cannot be opened (error \(code))")
    case .unknownDomain: print("the store does not say which domain this is")
    }
    print("0 passed, 0 failed, all skipped: this needs a machine that runs on Xen")
    exit(error.isAbsence ? 3 : 1)
  }
}
