import XenRing

// What a tap is told, out of line: it would weigh on the stages when nobody watches. A tap may come
// back to this object, so what it is handed is its own.
extension TxPipeline {
  /// Slots were copied into the window, the first of them at index `first`.
  @inline(never) func tellFetched(_ first: RingIndex) {
    let window = intake.window
    context.tap?.txFetched(
      queue: queue, first: first, slots: window.span.extracting(first: intake.windowCount))
  }

  /// The pages of a packet were mapped, or could not all be.
  @inline(never) func tellMapped(_ mapping: TxMapping, _ packet: Int, _ fragments: Range<Int>) {
    let maps = Array(batch.plan.maps[batch.plan.packets[packet].maps])
    let fragments = Array(batch.outcome.fragments[fragments])
    context.tap?.txMapped(
      queue: queue, maps.span, firstHandle: mapping.firstHandle, fragments: fragments.span,
      position: batch.plan.frames[packet].length)
  }

  /// The planned copies were done.
  @inline(never) func tellCopied() {
    let (copies, frames) = (batch.plan.copies.elements, batch.plan.frames.elements)
    let octets = batch.buffer.octets
    context.tap?.txCopied(
      queue: queue, copies.span, frames: frames.span, buffer: octets.span.octets)
  }
}
