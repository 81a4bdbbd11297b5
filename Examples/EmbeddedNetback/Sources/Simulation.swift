import Netback
import Netfront
import Netif
import SimulatedXen
import XenInterface
import XenRing

/// Serves a guest in the same process, which sends a frame and prints what comes back.
func simulate(_ vif: VifPath) throws {
  let machine = SimulatedMachine(seed: 1)
  // The toolstack's part: two directories in the store.
  try VifDirectories(vif, store: machine.connect(.control).store).create()
  let server = try EchoServer(vif, xen: machine.connect(.control))
  machine.loop.add(server)

  let guest = Netfront(vif, xen: machine.connect(vif.frontendDomain), loop: machine.loop)
  let deadline = machine.loop.now.advanced(by: 1_000_000_000)
  try guest.connect(until: deadline)
  print("connected, \(guest.queues.count) queue")

  let sender = TxSender(guest.queues[0])
  let receiver = RxReceiver(guest.queues[0])
  receiver.refill()
  let frame = [UInt8](repeating: 0x02, count: 1500)
  _ = try sender.send(frame.span.octets)
  guest.queues[0].tx.publish()

  var received: [[UInt8]] = []
  _ = guest.wait(until: deadline) {
    received += ((try? receiver.receive()) ?? []).compactMap { try? $0.get().octets }
    return !received.isEmpty
  }
  let answers = try sender.collect()
  print("answers: \(answers.map(\.status.rawValue))")
  print("back came \(received.map(\.count)) octets, the same: \(received == [frame])")

  let statistics = server.device.vif.context.statistics
  print("counted: TX \(statistics.txPackets), RX \(statistics.rxPackets)")
  try guest.close(until: deadline)
  print("closed, the backend is \(server.device.state)")
}
