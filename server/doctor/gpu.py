"""Check of the graphics processor: what there is. None is no fault."""

from collections.abc import Callable

from inference.engine.gpu import GIB, Gpu, GpuUnknown, gpus
from server.doctor.finding import Finding, Status, fine, wrong
from server.settings import Settings

Query = Callable[[], tuple[Gpu, ...]]

NAME = "GPU"


def gpu(settings: Settings, query: Query = gpus) -> Finding:
    """Name, memory and driver of each. A driver that does not work is wrong where a model is to be started."""
    try:
        found = query()
    except GpuUnknown as error:
        if settings.model:
            return wrong(NAME, str(error), "mend NVIDIA's driver: `nvidia-smi` has to show the GPU")
        return Finding(NAME, Status.OFF, f"not known ({error}); nothing here needs one")
    if not found:
        note = (
            "models of --model then need vLLM's build for CPUs" if settings.model else "the judge that ships needs none"
        )
        return fine(NAME, f"none found; {note}", gpus=[])
    described = [
        f"{card.name}, {card.memory / GIB:.0f} GiB ({card.free / GIB:.0f} free), driver {card.driver}" for card in found
    ]
    facts = [{"name": card.name, "memory_bytes": card.memory, "free_bytes": card.free} for card in found]
    return fine(NAME, "; ".join(described), gpus=facts, driver=found[0].driver)
