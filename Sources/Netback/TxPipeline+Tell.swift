import XenInterface
import XenRing

// What a tap is told, out of line: it would weigh on the stages when nobody watches. A tap may come
// back to this object, so what it is handed is its own.
extension TxPipeline {
  /// Slots were copied into the window.
  @inline(never) func tellFetched() {
    let window = intake.window
    context.tap?.txFetched(
      queue: queue, first: intake.consumed,
      slots: window.span.extracting(first: intake.windowCount))
  }

  /// The pages of a packet were mapped, or could not all be.
  @inline(never) func tellMapped(_ result: TxBatch.MapResult) {
    let maps = Array(batch.plan.maps[batch.plan.packets[result.packet].maps])
    let fragments = Array(delivery.fragments[result.fragments])
    context.tap?.txMapped(
      queue: queue, maps.span, firstHandle: result.mapping.firstHandle,
      fragments: fragments.span, position: batch.plan.frames[result.packet].length)
  }

  /// The planned copies were done.
  @inline(never) func tellCopied() {
    batch.plan.copies.copy(into: &told.copies)
    batch.plan.frames.copy(into: &told.frames)
    let (copies, frames, octets) = (told.copies, told.frames, delivery.buffer.octets)
    context.tap?.txCopied(
      queue: queue, copies.span, frames: frames.span, buffer: octets.span.octets)
  }

  /// The answers that wait, for a tap.
  @inline(never) func answersToTell() -> [TxAnswer] {
    batch.answers.copy(into: &told.answers)
    return told.answers
  }
}

/// What a tap was told last; its room is used again.
struct TxTold {
  var copies: [GrantCopy] = []
  var frames: [TxFrame] = []
  var answers: [TxAnswer] = []
}
