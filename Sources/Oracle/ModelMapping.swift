extension TxModel {
  /// How a backend maps: of a batch it copies the first octets of all packets, then it maps what lies behind them,
  /// packet by packet.
  ///
  /// Pages of a packet are mapped with one call, all or none, as programs do. The call does not say which page was
  /// at fault, so each is tried alone then.
  public struct Mapping {
    /// Octets of a packet up to which all of it is copied.
    public var above: Int
    /// Whether it maps only when somebody asks for octets behind the first ones. Nobody does where a copy failed;
    /// what fails now is answered when the frame is let go.
    public var isLate: Bool
    /// Gives the octets of a page that the guest lets the backend map.
    public var page: Pages

    /// Describes a backend.
    public init(above: Int, isLate: Bool = false, page: @escaping Pages) {
      self.above = above
      self.isLate = isLate
      self.page = page
    }
  }
}
