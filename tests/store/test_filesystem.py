from pathlib import Path

import pytest

from gst.store.filesystem import network_filesystem

MOUNTS = r"""
/dev/vda / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
tmpfs /home/me/scratch tmpfs rw 0 0
server:/odd /mnt/with\040space cifs rw 0 0
/dev/sdb /data ext4 rw 0 0
server:/data /data lustre rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/gst.db", None),
        ("/home/gst.db", "nfs4"),
        ("/home/me/gst.db", "nfs4"),
        ("/home/me/scratch/gst.db", None),
        ("/homely/gst.db", None),
        ("/mnt/with space/gst.db", "cifs"),
        ("/data/deep/down/gst.db", "lustre"),
    ],
)
def test_the_nearest_mount_decides(tmp_path, path, kind):
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert network_filesystem(Path(path), mounts) == kind


def test_nobody_knows_where_there_are_no_mounts_to_read(tmp_path):
    assert network_filesystem(tmp_path, tmp_path / "missing") is None


def test_this_machine_keeps_its_temporary_files_to_itself(tmp_path):
    assert network_filesystem(tmp_path) is None
