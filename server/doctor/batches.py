"""Who works off batches, by the settings. The store is not opened: that would make or change it."""

from server.doctor.finding import Finding, Status, fine
from server.settings import Settings


def batches(settings: Settings) -> Finding:
    """Whether batches are worked off, and where files and batches are kept."""
    name = "batches"
    kept = "in the data folder" if not settings.database_url.get_secret_value() else "in the database of database_url"
    match settings.executor:
        case "none":
            told = "this server works off none (--executor none): they wait until a `touchstone worker` takes them"
            return Finding(name, Status.OFF, told, facts={"executor": "none"})
        case "ray":
            actors = settings.ray_actors
            return fine(name, f"worked off by {actors:,} actors on a Ray cluster, kept {kept}", executor="ray")
        case _:
            lines = settings.batch_lines_running_max
            return fine(
                name, f"worked off by the server, {lines:,} requests at a time, kept {kept}", executor="process"
            )
