import Netif
import Oracle
import RingCases

/// A scenario as the source of a C program: a frontend on libxen that puts the same slots on the TX ring of a vif, and
/// compares the answers with those that the model of the rules gives.
public struct ScenarioProgramSource: Sendable {
  /// The source, a whole file.
  public let text: String
  /// What our netback does that it must not, if anything; the program ends behind that step.
  public let failure: ScenarioFailure?
  /// Steps that are not in it, since they are about other rings.
  public let leftOut: Int

  /// Plays a scenario and writes it down.
  ///
  /// - Throws: where a program cannot do what the scenario says.
  public init(
    of scenario: Scenario, named name: ScenarioSourceName
  ) throws(ScenarioProgramError) {
    let steps = try ProgramSteps(scenario)
    failure = steps.failure
    leftOut = steps.leftOut
    let play = Self.play(steps)
    text =
      [
        Self.remark(scenario, name, leftOut: leftOut), ProgramText.head,
        Self.values(steps, start: scenario.vif.start), ProgramText.frontend, ProgramText.ring,
      ].joined(separator: "\n") + Self.helpers(of: play) + play + "\n" + ProgramText.main
  }

  private static func helpers(of play: String) -> String {
    ProgramText.helpers.filter { $0.names.contains { play.contains("\($0)(") } }
      .map { "\n" + $0.text }.joined() + "\n"
  }

  private static func remark(
    _ scenario: Scenario, _ name: ScenarioSourceName, leftOut: Int
  ) -> String {
    let lines = ScenarioStory(of: scenario).text.split(separator: "\n").map { " *     \($0)\n" }
    let rest =
      leftOut == 0 ? "" : " *\n * Not in it: \(leftOut) steps that are about other rings.\n"
    return "/*\n * \(name): \(ProgramText.remark)\(lines.joined())\(rest) */"
  }

  private static func values(_ steps: ProgramSteps, start: UInt32) -> String {
    let lines = steps.answers.flatMap(\.inC).map { "    \($0),\n" }.joined()
    return """
      /* Index of the rings' first slot. */
      static const uint32_t start = \(start.inC);

      /* The answers that must come, and an end. */
      static const struct answer wanted[] = {
      \(lines)    {0, 0},
      };

      """
  }

  private static func play(_ steps: ProgramSteps) -> String {
    let pieces = steps.pieces.sorted { $0.key < $1.key }.map { place, count in
      let (page, offset) = (Int(place >> 16), Int(place & 0xffff))
      let octets = CasePages.octets(of: page)[offset..<offset + count]
      return "write_octets(\(page), \(offset),\n\(literal(Array(octets))));"
    }
    let calls = (pieces + steps.calls).map { "    \($0)\n" }.joined()
    return "static void play(void)\n{\n\(calls)}\n"
  }

  /// Octets in hexadecimal, as strings of 32 octets each.
  private static func literal(_ octets: [UInt8]) -> String {
    let lines = stride(from: 0, to: octets.count, by: 32).map { start in
      let digits = octets[start..<min(start + 32, octets.count)].map { octet in
        (octet < 16 ? "0" : "") + String(octet, radix: 16)
      }
      return "        \"" + digits.joined() + "\""
    }
    return lines.isEmpty ? "        \"\"" : lines.joined(separator: "\n")
  }
}

extension ModelAnswer {
  /// The answer, and the NULLs behind it, each to its slot.
  fileprivate var inC: [String] {
    ["{\(id), \(status.rawValue)}"]
      + (0..<nulls).map { "{\(id &+ UInt16($0 + 1)), \(NetifStatus.null.rawValue)}" }
  }
}

/// Why a scenario is not written as a program.
public enum ScenarioProgramError: Error, Hashable, Sendable {
  /// It is about a vif's life on xenbus.
  case life
  /// No guest does this step alone: it is Xen's or the toolstack's, or done while the backend reads.
  case notTheGuests(step: Int)
  /// At this step the guest is cut off by another ring.
  case cutOffElsewhere(step: Int)
  /// Nothing is said of the TX ring.
  case nothingSent
}
