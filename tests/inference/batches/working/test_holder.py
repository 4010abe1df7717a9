"""Who is alive on this machine."""

import subprocess
import sys
from pathlib import Path

import pytest

from inference.batches.working.holder import Holder
from inference.testing.scripted_answerer import ScriptedAnswerer
from tests.inference.batches.working.workplace import Workplace

_HOLD = """
import sys
from pathlib import Path
from inference.batches.working.holder import Holder
holder = Holder(Path(sys.argv[1]))
holder.open()
print(holder.name, flush=True)
sys.stdin.read()
"""


@pytest.mark.process
def test_a_worker_that_was_killed_is_found_dead_at_once_and_one_that_lives_is_not(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        name = other.stdout.readline().strip()
        me = Holder(tmp_path)
        me.open()
        assert me.dead() == []
        other.kill()
        other.wait()
        assert me.dead() == [name]
        me.forget([name])
        assert me.dead() == []
        assert [path.stem for path in tmp_path.glob("*.lock")] == [me.name]
        me.close()


def test_in_a_folder_without_workers_nobody_is_dead(tmp_path: Path) -> None:
    assert Holder(tmp_path / "none").dead() == []


async def test_what_a_killed_worker_had_is_taken_over_at_once(place: Workplace) -> None:
    batch_id = await place.batch(30)
    killed = Holder(place.folder / "workers")
    killed.open()
    leases = place.leases(killed.name)
    step = await leases.claim_step()
    assert step is not None
    killed.close()  # as the system does when a process ends
    async with place.working(ScriptedAnswerer()):
        assert (await place.ended(batch_id)).completed == 30
    assert place.told("leases_released") == 1
    assert not (place.folder / "workers" / f"{killed.name}.lock").exists()


async def test_what_a_worker_elsewhere_has_is_left_to_it_until_its_lease_runs_out(place: Workplace) -> None:
    await place.batch(30)
    elsewhere = place.leases("elsewhere")
    assert await elsewhere.claim_step() is not None
    here = place.leases("here")
    assert await here.claim_step() is None
    assert await here.holders() == ["elsewhere"]
