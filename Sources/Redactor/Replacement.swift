import Netif

/// What stands in place of what a trace says of somebody: something that hangs on a key, or nothing at
/// all, so that what is left can be compared.
enum Replacement: Sendable {
  case keyed(Scrambler)
  /// Zeros, or a question mark.
  case blank

  /// What stands in place of an Ethernet address.
  func address(for address: MACAddress) -> MACAddress {
    switch self {
    case .keyed(let scrambler): MACAddress(bits: scrambler.addresses.mac(address.bits))
    case .blank: MACNumber.isFixed(address.bits) ? address : MACAddress(bits: 0)
    }
  }

  /// What stands in place of a flow hash, whatever it was computed over.
  func flowHash(for value: UInt32) -> UInt32 {
    switch self {
    case .keyed(let scrambler): scrambler.flowHash(value)
    case .blank: 0
    }
  }

  /// A text with its addresses replaced.
  func text(for text: [UInt8]) -> [UInt8] { AddressText.replaced(text, word) }

  /// A text with its addresses replaced.
  func text(for text: String) -> String {
    String(decoding: self.text(for: Array(text.utf8)), as: UTF8.self)
  }

  private func word(for address: TextAddress) -> String? {
    guard !address.isFixed else { return nil }
    guard case .keyed(let scrambler) = self else { return "?" }
    return scrambler.addresses.image(of: address).text
  }
}

extension AddressScrambler {
  fileprivate func image(of address: TextAddress) -> TextAddress {
    switch address {
    case .mac(let number): .mac(mac(number))
    case .ipv4(let number): .ipv4(ipv4(number))
    case .ipv6(let number): .ipv6(ipv6(number))
    }
  }
}

extension TextAddress {
  fileprivate var isFixed: Bool {
    switch self {
    case .mac(let number): MACNumber.isFixed(number)
    case .ipv4(let number): IPv4Number.isFixed(number)
    case .ipv6(let number): number.isFixed
    }
  }
}
