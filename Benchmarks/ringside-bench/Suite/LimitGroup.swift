import CBenchReference

extension BenchGroup {
  /// What the machine allows: nothing of ours is in these.
  static let limits = BenchGroup("limits") { scale in
    let count = scale.share(of: 10_000_000)
    func copy(_ name: String, _ size: UInt32, _ pages: UInt32) -> Contest {
      line(name) { bench_copy(size, pages, UInt64(count)) }
    }
    let cores = GuestThread.cores
    return [
      line("cache line to the other core") {
        guard let cores else { throw PeerFault.needs("two cores") }
        return bench_handover(cores.backend, cores.guest, UInt32(count / 10))
      },
      line("system call") { bench_system_call(UInt64(count / 10)) },
      copy("copy of 64", 64, 256), copy("copy of 256", 256, 256), copy("copy of 1460", 1460, 256),
      copy("copy of 4096, from memory", 4096, 65_536),
    ]
  }

  private static func line(_ name: String, _ figure: @escaping BenchRound) -> Contest {
    Contest(name, .nanoseconds) { Entrants(ours: figure) }
  }
}
