"""Where the server keeps files and batches, as its settings say."""

from pathlib import Path

import pytest

from inference.blobs.folder import FolderBlobs
from inference.blobs.object_store import ObjectStoreBlobs
from inference.errors import SettingsError
from server.settings import Settings
from server.storage import build_storage


def test_without_settings_all_is_kept_in_the_data_folder(tmp_path: Path) -> None:
    storage = build_storage(Settings(data_dir=tmp_path))
    assert isinstance(storage.blobs, FolderBlobs)
    assert storage.database.url.database == str(tmp_path / "store.sqlite3")
    assert list(tmp_path.iterdir()) == []  # building it does no I/O


def test_blobs_url_names_an_object_store_and_database_url_a_server(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, blobs_url="s3://the-bucket/prefix", database_url="postgresql://me:pw@db.example/name"
    )
    storage = build_storage(settings)
    assert isinstance(storage.blobs, ObjectStoreBlobs)
    assert storage.database.url.host == "db.example"
    assert "pw" not in repr(settings)


@pytest.mark.parametrize("url", ["/srv/blobs", "http://127.0.0.1:9000/the-bucket", "s3://the-bucket?key=secret"])
def test_a_blobs_url_that_cannot_be_meant_stops_the_start_and_says_what_can(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="setting blobs_url: write s3://BUCKET/PREFIX") as raised:
        build_storage(Settings(data_dir=tmp_path, blobs_url=url))
    assert "secret" not in raised.value.message
