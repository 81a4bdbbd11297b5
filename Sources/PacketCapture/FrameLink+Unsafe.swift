internal import CLinux
internal import Glibc

/// A tap device of this host: frames that the host sends into it come out here, and the other way
/// round. It goes away with the object unless it was there before.
public final class TapDevice {
  /// Octets that one frame can have at most.
  public static let longestFrame = 65_550

  /// Readable while a frame is waiting; for a loop to wait on.
  public let descriptor: Int32
  private var room = [UInt8](repeating: 0, count: TapDevice.longestFrame)

  /// Opens the device `name`, makes it when it is not there, and sets it up.
  public init(name: String) throws(CaptureError) {
    // SAFETY: the call reads the name and does not keep it.
    descriptor = unsafe linux_tap_open(name)
    guard descriptor >= 0 else { throw NetworkInterface.error(-descriptor) }
    do throws(CaptureError) { try NetworkInterface.setUp(name) } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  deinit { Glibc.close(descriptor) }

  /// Takes the next frame that the host sent; `nil` when none is waiting.
  public func nextFrame() throws(CaptureError) -> [UInt8]? {
    // SAFETY: the call writes at most as many octets as there is room.
    let count = unsafe room.withUnsafeMutableBytes {
      unsafe read(descriptor, $0.baseAddress, $0.count)
    }
    if count >= 0 { return Array(room.prefix(count)) }
    guard errno == EAGAIN || errno == EINTR else { throw .system(errno) }
    return nil
  }

  /// Hands a frame to the host.
  ///
  /// - Returns: whether it was taken; not when the device is down or has no room.
  public func send(_ frame: RawSpan) -> Bool {
    // SAFETY: the call reads the octets of the span.
    unsafe frame.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      == frame.byteCount
  }
}
