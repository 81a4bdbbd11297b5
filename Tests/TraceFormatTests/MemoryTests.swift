import TestSupport
import Testing
import TraceFormat

/// How much memory reading takes at most, in a process of its own, for peaks are a process's.
@Suite struct MemoryTests {
  @Test func `no damage makes the reader take more than 64 MiB`() async {
    await #expect(processExitsWith: .success) {
      let samples = randomSamples(150, seed: 12)
      let file = try written(samples, flushEvery: 50)
      var random = SeededGenerator(seed: 13)
      let before = try PeakMemory.restart()
      for _ in 0..<2_000 {
        var damaged = file
        let place = Int.random(in: 0..<file.count, using: &random)
        damaged[place] ^= UInt8.random(in: 1 ... .max, using: &random)
        TraceRepair.repair(&damaged)
        drain(damaged)
        drain(Array(file[..<place]))
      }
      let peak = try PeakMemory.octets() - before
      precondition(peak < 64 << 20, "\(peak) octets")
    }
  }

  @Test func `many full blocks are read in 64 MiB`() async {
    await #expect(processExitsWith: .success) {
      var samples = randomSamples(300, seed: 14)
      for _ in 0..<7 { samples += samples }
      let file = try written(samples)
      samples = []
      let before = try PeakMemory.restart()
      drain(file)
      let peak = try PeakMemory.octets() - before
      precondition(peak < 64 << 20, "\(peak) octets")
    }
  }

  @Test func `memory that is taken is seen`() async {
    await #expect(processExitsWith: .success) {
      let before = try PeakMemory.restart()
      let taken = [UInt8](repeating: 1, count: 65 << 20)
      let peak = try PeakMemory.octets() - before
      precondition(peak > 64 << 20 && taken.last == 1, "\(peak) octets")
    }
  }
}

/// Reads to the end or to the error, and keeps nothing.
private func drain(_ octets: [UInt8]) {
  do throws(TraceError) {
    var reader = try TraceReader(MemorySource(octets))
    while try reader.next() != nil {}
  } catch {}
}
