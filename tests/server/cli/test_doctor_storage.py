"""What `touchstone doctor` says of the storage of batches."""

from pydantic import SecretStr

from server.doctor import storage
from server.doctor.finding import Status
from server.settings import Settings
from server.storage import build_storage, open_storage


async def test_what_is_not_there_yet_is_fine_and_is_not_made(settings: Settings) -> None:
    for finding in (await storage.store(settings), await storage.blobs(settings)):
        assert finding.status is Status.FINE
        assert "made when it is needed" in finding.detail
    assert not settings.data_dir.exists()


async def test_a_store_that_opens_is_fine(settings: Settings) -> None:
    async with open_storage(settings, build_storage(settings)):
        pass
    settings.blobs_dir.mkdir(exist_ok=True)
    assert (await storage.store(settings)).status is Status.FINE
    assert (await storage.blobs(settings)).status is Status.FINE


async def test_a_broken_database_and_a_folder_that_is_none_are_wrong_with_what_to_do(settings: Settings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "store.sqlite3").write_bytes(b"no database" * 500)
    settings.blobs_dir.write_text("a file")
    for finding in (await storage.store(settings), await storage.blobs(settings)):
        assert finding.status is Status.WRONG
        assert finding.remedy


async def test_a_password_is_never_shown(settings: Settings) -> None:
    url = SecretStr("postgresql://ann:secret-word@127.0.0.1:1/none")
    finding = await storage.store(Settings(**settings.model_dump() | {"database_url": url}))
    assert finding.status is Status.WRONG
    assert "secret-word" not in finding.detail + finding.remedy
