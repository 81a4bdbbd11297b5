import PacketCapture
import Server
import Testing
import XenHost
import XenInterface

/// Whether this process may make tap devices.
private let canMakeTaps = (try? FrameLink(tap: "rs-probe2")) != nil

@Suite(.serialized, .enabled(if: canMakeTaps, "needs the right to make tap devices"))
struct `A tap device of a vif` {
  private let ports = TapPorts("rs%d.%h", loop: HostLoop())
  private let place = VifPlace(
    domain: DomainID(rawValue: 9), handle: VifHandle(rawValue: 3))
  private let name = "rs9.3"

  @Test func `outlives its process, and goes with the vif`() throws {
    _ = try ports.makePort(for: place)
    #expect(NetworkInterface.alias(of: name) == TapPorts.alias)
    try ports.makePort(for: place).retire()
    #expect(!NetworkInterface.exists(name))
  }

  @Test func `that was there before stays`() throws {
    do {
      let link = try FrameLink(tap: name)
      try link.persist(true)
    }
    try ports.makePort(for: place).retire()
    #expect(NetworkInterface.alias(of: name) == "")
    try FrameLink(tap: name).persist(false)
    #expect(!NetworkInterface.exists(name))
  }

  @Test func `has a name that the system can hold`() {
    let long = TapPorts("a-name-that-is-too-long.%d", loop: HostLoop())
    #expect(throws: CaptureError.noInterface) { _ = try long.makePort(for: place) }
  }
}

@Test(arguments: [("vif%d.%h", "vif9.3"), ("%d%%%h%x%", "9%3x"), ("plain", "plain")])
func `a pattern names a vif`(pattern: String, name: String) {
  let place = VifPlace(domain: DomainID(rawValue: 9), handle: VifHandle(rawValue: 3))
  #expect(place.filled(into: pattern) == name)
}
