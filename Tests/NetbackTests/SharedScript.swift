import TestSupport
import XenInterface
import XenRing

/// A scripted page, shared by a bench and its queue.
struct SharedScript: RingMemory {
  let memory: ScriptedMemory
  var byteCount: Int { memory.byteCount }
  func load(at offset: Int) -> UInt32 { memory.load(at: offset) }
  func loadAcquiring(at offset: Int) -> UInt32 { memory.loadAcquiring(at: offset) }
  func store(_ value: UInt32, at offset: Int) { memory.store(value, at: offset) }
  func storeReleasing(_ value: UInt32, at offset: Int) { memory.storeReleasing(value, at: offset) }
  func storeHalf(_ value: UInt16, at offset: Int) { memory.storeHalf(value, at: offset) }
}

/// A grant device that keeps what it was asked to copy.
final class RecordingGrants: GrantDeviceLayer {
  let base: any GrantDevice
  private(set) var copies: [GrantCopy] = []

  init(_ base: any GrantDevice) { self.base = base }

  func copy(
    _ operations: inout MutableSpan<GrantCopy>, from domain: DomainID,
    into buffer: inout MutableRawSpan
  ) {
    note(operations.span)
    base.copy(&operations, from: domain, into: &buffer)
  }

  func copy(_ operations: inout MutableSpan<GrantCopy>, to domain: DomainID, from buffer: RawSpan) {
    note(operations.span)
    base.copy(&operations, to: domain, from: buffer)
  }

  private func note(_ operations: Span<GrantCopy>) {
    for place in operations.indices { copies.append(operations[place]) }
  }
}
