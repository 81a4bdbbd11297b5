import ArgumentParser
import CBenchReference
import Netback
import XenInterface
import XenRing

/// The addresses of what a simulated guest shares, as C takes them.
@safe final class GuestMemory {
  private let owners: [any GrantedPages]
  private let pages: UnsafeMutableBufferPointer<UnsafeMutablePointer<UInt8>?>
  private let grants: UnsafeMutableBufferPointer<UInt32>
  let shared: bench_shared

  /// Takes the page of a ring, and a page of data for each of its slots.
  init(ring: any GrantedPages, data: any GrantedPages) {
    owners = [ring, data]
    // SAFETY: the pages live as long as their owners, the arrays until `deinit`; all are initialised here.
    unsafe pages = .allocate(capacity: data.grants.count)
    unsafe grants = .allocate(capacity: data.grants.count)
    _ = unsafe pages.initialize(from: data.grants.indices.map { unsafe Self.octets(data, $0) })
    _ = unsafe grants.initialize(from: data.grants.map(\.rawValue))
    unsafe shared = bench_shared(
      ring: Self.octets(ring, 0), pages: UnsafePointer(pages.baseAddress),
      grants: UnsafePointer(grants.baseAddress))
  }

  deinit {
    unsafe pages.deallocate()
    unsafe grants.deallocate()
  }

  // SAFETY: a page stays where it is while its owner lives.
  private static func octets(
    _ pages: any GrantedPages, _ index: Int
  ) -> UnsafeMutablePointer<UInt8> {
    unsafe pages.ringPage(index).withUnsafeAddress {
      unsafe $0.assumingMemoryBound(to: UInt8.self)
    }
  }
}

/// A guest that sends, in a thread of its own (`bench_guest`).
@safe final class GuestThread {
  /// Where the two threads run.
  struct Cores {
    var backend: Int32
    var guest: Int32
  }

  private let memory: GuestMemory
  private let guest: OpaquePointer

  /// Two cores that the process may use; `nil` when it has one only.
  static var cores: Cores? {
    let (backend, guest) = (bench_core(0), bench_core(1))
    return guest < 0 ? nil : Cores(backend: backend, guest: guest)
  }

  init(_ load: ThroughputLoad, over memory: GuestMemory) throws {
    self.memory = memory
    var shared = unsafe memory.shared
    // SAFETY: copied by the call; what it names lives as long as `memory`, which we hold.
    let made = unsafe bench_guest_make(
      &shared, load.packets, UInt32(load.size), load.slots, load.burst)
    guard let made = unsafe made else { throw ValidationError("no memory for a guest") }
    unsafe guest = made
  }

  deinit { unsafe bench_guest_free(guest) }

  /// Makes a new ring and a thread that waits for `go()`; the calling thread is the backend's.
  func start(on cores: Cores) throws {
    // SAFETY: no thread of this guest runs: each was joined. So it is in all that follows.
    guard bench_pin(UInt32(cores.backend)) == 0, unsafe bench_guest_start(guest, cores.guest) == 0
    else {
      throw ValidationError("no thread for a guest")
    }
  }

  func go() { unsafe bench_guest_go(guest) }
  func join(atOnce: Bool) { unsafe bench_guest_join(guest, atOnce ? 1 : 0) }

  /// Answers that were not OKAY or out of order. Of the last round, as the sums are.
  var wrongAnswers: UInt64 { unsafe bench_guest_wrong(guest) }
  var headSum: UInt64 { unsafe bench_guest_head_sum(guest) }
  var tailSum: UInt64 { unsafe bench_guest_tail_sum(guest) }
}

/// The backend in C (`bench_backend`).
@safe final class ReferenceBackend {
  private let memory: GuestMemory
  private let backend: OpaquePointer

  init(_ load: ThroughputLoad, over memory: GuestMemory) throws {
    self.memory = memory
    var shared = unsafe memory.shared
    // SAFETY: as for a guest; one thread uses it.
    let made = unsafe bench_backend_make(&shared, load.mapsRest ? 0 : UInt32.max)
    guard let made = unsafe made else { throw ValidationError("no memory for a backend") }
    unsafe backend = made
  }

  deinit { unsafe bench_backend_free(backend) }

  func run(_ packets: UInt64) -> (frames: UInt64, sum: UInt64) {
    unsafe bench_backend_run(backend, packets)
    return unsafe (bench_backend_frames(backend), bench_backend_sum(backend))
  }
}
