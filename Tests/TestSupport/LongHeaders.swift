/// A frame of TCP over IPv6, behind so many octets of hop-by-hop options.
public func longHeaders(options: Int) -> [UInt8] {
  let units = UInt8((options + 2 + 7) / 8 - 1)
  let option = [6, units] + [UInt8](repeating: 0, count: Int(units + 1) * 8 - 2)
  let tcp: [UInt8] =
    [0x12, 0x34, 0, 80] + [UInt8](repeating: 0, count: 8) + [0x50, 0x10, 1, 0, 0, 0, 0, 0]
  let body = option + tcp + (0..<500).map { UInt8(truncatingIfNeeded: $0) }
  let length = [UInt8(body.count >> 8), UInt8(body.count & 0xff)]
  let ethernet = [UInt8](repeating: 2, count: 12) + [0x86, 0xdd]
  return ethernet + [0x60, 0, 0, 0] + length + [0, 64] + (0..<32) + body
}
