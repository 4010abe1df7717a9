"""Check of Ray: whether the cluster of `executor ray` can be joined. Ray is loaded in a process of its own."""

from inference.errors import SettingsError
from server.background.cluster import build_ray_executor
from server.doctor.finding import Finding, Status, fine, wrong
from server.settings import Settings

NAME = "Ray"


async def ray(settings: Settings) -> Finding:
    """Joins the cluster and leaves it again, without starting anything on it."""
    if settings.executor != "ray":
        return Finding(NAME, Status.OFF, "not needed: batches are not worked off on a Ray cluster (--executor ray)")
    try:
        executor = build_ray_executor(settings, actors=0)
        try:
            await executor.start()
        finally:
            await executor.aclose()
    except SettingsError as error:
        return wrong(NAME, error.message, "mend the setting; docs/ray.md says what a cluster needs")
    cluster = executor.cluster
    detail = f"{settings.ray_address}: {cluster['machines']} machines, {cluster['cpus']} CPUs"
    if cluster["cpus"] < settings.ray_actors:
        room = f"the cluster has {cluster['cpus']} CPUs for {settings.ray_actors} actors, one each"
        return wrong(NAME, room, "set ray_actors to as many as there are, or add machines", **cluster)
    return fine(NAME, detail, **cluster)
