import Glibc
import HostCases
import RingCases
import XenHost

/// What the program does with one set of cases, or a part of it.
struct CaseCommand<Asked: RingCase> {
  private let cases: [Asked]

  /// Takes those of the stored cases whose names begin so.
  init(_ start: String) { self.init(Asked.stored.filter { $0.name.hasPrefix(start) }) }

  /// Takes all of them.
  init(_ cases: [Asked]) { self.cases = cases }

  func run(_ arguments: ArraySlice<String>) {
    let arguments = Array(arguments)
    switch (arguments.first, arguments.count) {
    case ("ask", 2) where arguments[1] == "simulation": simulate()
    case ("ask", 2) where arguments[1] == "model":
      write(AnswerFile<Asked>.modelled(cases).text, to: STDOUT_FILENO)
    case ("ask", 2...3):
      ask(arguments[1], beside: arguments.count > 2 ? answers(arguments[2]) : AnswerFile())
    case ("compare", 3): compare(arguments[1], arguments[2])
    case ("store", 3...): store(arguments[1], arguments[2], head: arguments.dropFirst(3))
    default: Differential.usage()
    }
  }
}

// MARK: - Asking

extension CaseCommand {
  private func ask(_ name: String, beside known: AnswerFile<Asked>) {
    guard let backend = HostCaseBackend(rawValue: name) else {
      Differential.leave(64, "no backend \(name)")
    }
    do throws(HostCaseError) {
      let vif = try backend.makeVif()
      do throws(CaseError) { try play(vif, beside: known) } catch {
        Differential.leave(1, "\(error)")
      }
    } catch {
      if case .host(let error) = error, error.isAbsence {
        Differential.leave(3, "no Xen: \(error)")
      }
      Differential.leave(1, "\(error)")
    }
  }

  private func simulate() {
    do throws(CaseError) {
      write(try AnswerFile<Asked>.simulated(cases).text, to: STDOUT_FILENO)
    } catch { Differential.leave(1, "\(error)") }
  }

  private func play(_ vif: CaseVif, beside known: AnswerFile<Asked>) throws(CaseError) {
    let player = try Asked.Player(on: vif)
    var (played, failures) = (0, 0)
    for asked in cases where known.answers(to: asked.name).isEmpty {
      do throws(CaseError) {
        // Written as they come, so that a run that is cut short has said something.
        write("\(asked.name) \(try player.play(asked).line)\n", to: STDOUT_FILENO)
        played += 1
        if played % 50 == 0 { note("\(played) cases played") }
      } catch {
        failures += 1
        note("\(asked.name): \(error)")
      }
    }
    try vif.finish()
    Differential.leave(failures == 0 ? 0 : 1, "\(played) cases played, \(failures) failed")
  }
}

// MARK: - Comparing

extension CaseCommand {
  private func compare(_ first: String, _ second: String) {
    let (one, other) = (answers(first), answers(second))
    let agreement = AnswerAgreement(one, other, on: cases)
    for difference in agreement.differing {
      print("\(difference.name): \(difference.what.map(\.description).joined(separator: "; "))")
      for answer in one.answers(to: difference.name) { print("  \(answer.line)") }
      for answer in other.answers(to: difference.name) { print("  not \(answer.line)") }
    }
    print(agreement)
    exit(agreement.differing.isEmpty ? 0 : 1)
  }

  private func store(_ first: String, _ second: String, head: some Sequence<String>) {
    var file = answers(first)
    let again = answers(second)
    let cases = cases.filter { !again.answers(to: $0.name).isEmpty }
    let agreement = AnswerAgreement(file, again, on: cases)
    file.head = head.map { line in
      let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
      return (parts[0], parts.count > 1 ? parts[1] : "")
    }
    file.head += [("generator", Asked.origin), ("with itself", "\(agreement)")]
    file.add(again)
    print(file.text, terminator: "")
  }

  private func answers(_ path: String) -> AnswerFile<Asked> {
    guard let octets = octets(of: path) else {
      Differential.leave(64, "\(path) cannot be read")
    }
    do throws(AnswerFileError) {
      return try AnswerFile(text: String(decoding: octets, as: UTF8.self))
    } catch { Differential.leave(64, "\(path): \(error)") }
  }
}
