import ArgumentParser
import CBenchReference

/// A guest that receives, in a thread of its own (`bench_receiver`).
@safe final class ReceiverThread {
  private let memory: GuestMemory
  private let receiver: OpaquePointer

  init(_ load: ThroughputLoad, over memory: GuestMemory) throws {
    self.memory = memory
    var shared = unsafe memory.shared
    // SAFETY: copied by the call; what it names lives as long as `memory`, which we hold.
    let made = unsafe bench_receiver_make(&shared, load.packets, UInt32(load.size))
    guard let made = unsafe made else { throw ValidationError("no memory for a guest") }
    unsafe receiver = made
  }

  deinit { unsafe bench_receiver_free(receiver) }

  /// Makes a new ring and a thread that waits for `go()`; the calling thread is the backend's.
  func start(on cores: GuestThread.Cores) throws {
    // SAFETY: no thread of this guest runs: each was joined. So it is in all that follows.
    guard bench_pin(UInt32(cores.backend)) == 0,
      unsafe bench_receiver_start(receiver, cores.guest) == 0
    else { throw ValidationError("no thread for a guest") }
  }

  func go() { unsafe bench_receiver_go(receiver) }
  func join(atOnce: Bool) { unsafe bench_receiver_join(receiver, atOnce ? 1 : 0) }

  /// Answers that were not a whole frame, or out of order. Of the last round, as the sum is.
  var wrongAnswers: UInt64 { unsafe bench_receiver_wrong(receiver) }
  var sum: UInt64 { unsafe bench_receiver_sum(receiver) }
}

/// The backend in C (`bench_sender`).
@safe final class ReferenceSender {
  private let memory: GuestMemory
  private let sender: OpaquePointer

  init(_ load: ThroughputLoad, over memory: GuestMemory) throws {
    self.memory = memory
    var shared = unsafe memory.shared
    // SAFETY: as for a guest; one thread uses it.
    let made = unsafe bench_sender_make(&shared, UInt32(load.size), load.burst)
    guard let made = unsafe made else { throw ValidationError("no memory for a backend") }
    unsafe sender = made
  }

  deinit { unsafe bench_sender_free(sender) }

  /// Hands packets over; returns the sum of their first eight octets.
  func run(_ packets: UInt64) -> UInt64 { unsafe bench_sender_run(sender, packets) }
}
