import Recorder
import Testing
import TraceFormat
import XenInterface
import XenRing

@testable import Redactor

@Suite struct AuditTests {
  private static let original = {
    var trace = Recorded(keys: [.init(name: "backend/mac", value: "00:16:3e:00:00:01")])
    for (number, sample) in SampleFrame.all.enumerated() {
      trace.addPoll(
        of: sample.octets, in: [20, sample.octets.count - 20], at: UInt32(2 * number))
    }
    return trace
  }()

  private func audit(
    _ octets: [UInt8], original: Recorded? = nil, key: ScrambleKey? = nil
  ) throws -> AuditReport {
    try RedactionAudit.report(
      on: MemorySource(octets), original: original.map { MemorySource(try $0.octets) }, key: key)
  }

  @Test(arguments: FieldTraces.names, RedactionSample.all)
  func `what was redacted is proven to be so, and nothing else is`(
    _ name: String, _ sample: RedactionSample
  ) throws {
    let original = try Recorded(try FieldTraces.octets(name))
    let octets = try original.redacted(sample.redaction).octets
    let key = sample.redaction.key
    #expect(try audit(octets, original: original, key: key).findings == [])
    #expect(try audit(octets, original: original).findings == [])
    #expect(try audit(octets).findings == (key == nil ? [] : [.unseen]))
    #expect(try audit(original.octets).findings == [.notStated])
  }

  @Test(arguments: RedactionSample.all)
  func `a statement about what was not done is no proof`(_ sample: RedactionSample) throws {
    var trace = Self.original
    trace.header.redaction = sample.redaction.statement.text
    let report = try audit(try trace.octets, original: Self.original)
    #expect(!report.isProven)
  }

  @Test func `an event with more than its packet may have is named`() throws {
    var trace = try Self.original.redacted(Redaction(headersOnly: true))
    let place = try #require(
      trace.events.lastIndex { if case .delivered = $0.event.body { true } else { false } })
    guard case .delivered(var record, let request) = trace.events[place].event.body else { return }
    record.captured += 1
    trace.events[place].event.body = .delivered(record, request: request)
    trace.events[place].payload.append(7)
    #expect(
      try audit(try trace.octets).findings == [
        .tooMuch(number: UInt64(place), trace.events[place].event)
      ])
  }

  @Test func `memory behind a packet's headers is named`() throws {
    var trace = Self.original
    let redacted = try trace.redacted(Redaction(headersOnly: true))
    trace.header = redacted.header
    let report = try audit(try trace.octets)
    let isMemory = report.findings.contains {
      if case .tooMuch(_, let event) = $0, case .memory = event.body { true } else { false }
    }
    #expect(isMemory && report.findings.count == AuditReport.limit)
  }

  @Test func `octets of the original that stayed are named with their place`() throws {
    var trace = try Self.original.redacted(Redaction(key: RedactionSample.key))
    let place = try #require(trace.events.firstIndex { $0.payload.count == 114 })
    let range = 70..<79
    trace.events[place].payload.replaceSubrange(range, with: SampleFrame.all[0].octets[range])
    let report = try audit(try trace.octets, original: Self.original)
    #expect(
      report.findings.contains(
        .kept(number: UInt64(place), trace.events[place].event, octet: 70, count: 9)))
  }

  @Test func `octets of the original that stand elsewhere are named with their place`() throws {
    var trace = try Self.original.redacted(Redaction(key: RedactionSample.key))
    let place = try #require(trace.events.firstIndex { $0.payload.count == 114 })
    trace.events[place].payload.replaceSubrange(100..<108, with: SampleFrame.text[0..<8])
    #expect(
      try audit(try trace.octets, original: Self.original).findings == [
        .moved(number: UInt64(place), trace.events[place].event, octet: 100, count: 8)
      ])
    // Seven may be there by chance.
    trace.events[place].payload[107] ^= 1
    #expect(try audit(try trace.octets, original: Self.original).findings == [])
  }

  @Test func `another key, another original or another order is no proof`() throws {
    let trace = try Self.original.redacted(Redaction(key: RedactionSample.key))
    let octets = try trace.octets
    #expect(try !audit(octets, original: Self.original, key: ScrambleKey("other")).isProven)
    var other = Self.original
    other.events.removeLast()
    #expect(try !audit(octets, original: other).isProven)
    #expect(try !audit(octets, original: other, key: RedactionSample.key).isProven)
    var turned = trace
    turned.events.swapAt(1, 2)
    #expect(try !audit(try turned.octets, original: Self.original).isProven)
  }

  @Test func `a key that kept its address is no proof`() throws {
    var trace = try Self.original.redacted(Redaction(key: RedactionSample.key))
    trace.header.vifs[0].keys = Self.original.header.vifs[0].keys
    let octets = try trace.octets
    #expect(
      try audit(octets, original: Self.original, key: RedactionSample.key).findings == [.header])
  }

  @Test(arguments: [1, 10, 1000])
  func `octets are looked for however few of them memory has room for`(_ most: Int) throws {
    var trace = try Self.original.redacted(Redaction(key: RedactionSample.key))
    let place = try #require(trace.events.firstIndex { $0.payload.count == 114 })
    trace.events[place].payload.replaceSubrange(100..<108, with: SampleFrame.text[30..<38])
    var audit = try RedactionAudit(
      MemorySource(try trace.octets), MemorySource(try Self.original.octets), nil,
      runsAtATime: most)
    let report = try audit.finished()
    #expect(report.findings.count >= 1)
    #expect(
      report.findings.allSatisfy {
        $0 == .moved(number: UInt64(place), trace.events[place].event, octet: 100, count: 8)
      })
  }
}
