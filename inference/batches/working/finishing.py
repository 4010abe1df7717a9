"""The last step of a batch: its results become files, and what is left over is cleaned away."""

from inference.batches.working.leases import StepLease
from inference.batches.working.steps import Steps
from inference.blobs.blobs import Blobs

KEYS_A_TIME = 500
"""Blobs that are deleted together."""


async def finish_batch(blobs: Blobs, steps: Steps, lease: StepLease) -> None:
    """Ends the batch under `lease`, all of whose shards are finished.

    Raises LeaseLost, BlobsUnavailable and StoreUnavailable.
    """
    lease = await steps.finalizing(lease)
    counted = await steps.counted_blobs(lease)
    left_over: list[str] = []
    async for key in blobs.keys(f"batches/{lease.batch.id}/"):
        if key not in counted:
            left_over.append(key)  # of workers that died, or lost their lease, before it counted
        if len(left_over) >= KEYS_A_TIME:
            await blobs.delete(left_over)
            left_over = []
    await blobs.delete(left_over)
    await steps.end(lease)
