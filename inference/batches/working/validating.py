"""The first step of a batch: its input file is scanned, and it begins or has failed."""

from inference.batches.batch import BatchError
from inference.batches.input.scan import ScanLimits, Scanned, scan
from inference.batches.working.leases import StepLease
from inference.batches.working.steps import Steps
from inference.blobs.blobs import Blobs

GONE = BatchError("file_not_found", "The input file was deleted before it was read.", "input_file_id")


async def validate_batch(blobs: Blobs, steps: Steps, lease: StepLease, limits: ScanLimits) -> None:
    """Validates the input of the batch under `lease`. May be cancelled at any time: then the batch is as it was.

    Raises LeaseLost, BlobsUnavailable and StoreUnavailable.
    """
    parts = await steps.input_parts(lease.batch)
    scanned = Scanned(errors=[GONE]) if parts is None else await scan(blobs, parts, lease.batch, limits)
    if scanned.errors:
        await steps.refuse(lease, scanned.errors)
    else:
        await steps.begin(lease, scanned.shards, scanned.model)
