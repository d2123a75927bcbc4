"""Files of other trackers of experiments, read without their clients and without what wrote them."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

MLFLOW_STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}


class Seen(NamedTuple):
    """A run as a tracker has it: metrics by name and step; the times in seconds where it keeps them."""

    group: str
    parameters: dict[str, Any]
    metrics: dict[str, dict[int, float]]
    status: Any
    times: tuple[float, float | None] | None


def mlflow_runs(folder: Path) -> list[Seen]:
    """The runs of a file store of MLflow."""
    return [_mlflow_run(it.parent) for it in sorted(folder.glob("*/*/meta.yaml"))]


def _mlflow_run(place: Path) -> Seen:
    about = yaml.safe_load((place / "meta.yaml").read_text())
    experiment = yaml.safe_load((place.parent / "meta.yaml").read_text())
    assert (about["experiment_id"], about["run_id"]) == (place.parent.name, place.name)
    assert experiment["experiment_id"] == place.parent.name
    texts = {part: _texts(place / part) for part in ("params", "tags", "metrics")}
    metrics: dict[str, dict[int, float]] = {}
    for name, text in texts["metrics"].items():
        for line in text.splitlines():
            _, value, step = line.split(" ")
            assert int(step) not in metrics.setdefault(name, {}), "a value of one step twice"
            metrics[name][int(step)] = float(value)
    times = (about["start_time"] / 1000, about["end_time"] and about["end_time"] / 1000)
    parameters = {**texts["params"], **texts["tags"]}
    return Seen(experiment["name"], parameters, metrics, MLFLOW_STATUS[about["status"]], times)


def _texts(folder: Path) -> dict[str, str]:
    files = (it for it in folder.rglob("*") if it.is_file())
    return {it.relative_to(folder).as_posix(): it.read_text() for it in files}


def tensorboard_runs(folder: Path) -> list[Seen]:
    """The runs of a log folder of TensorBoard, one event file each."""
    files = sorted(folder.rglob("events.out.tfevents.*"))
    assert len({it.parent for it in files}) == len(files)
    return [_tensorboard_run(folder, it) for it in files]


def _tensorboard_run(folder: Path, file: Path) -> Seen:
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData

    metrics: dict[str, dict[int, float]] = {}
    parameters: dict[str, Any] = {}
    for record in _tf_records(file.read_bytes()):
        event = Event.FromString(record)
        for value in event.summary.value:
            if value.HasField("simple_value"):
                assert event.step not in metrics.setdefault(value.tag, {}), "a value of one step twice"
                metrics[value.tag][event.step] = value.simple_value
            elif value.metadata.plugin_data.plugin_name == "hparams":
                start = HParamsPluginData.FromString(value.metadata.plugin_data.content).session_start_info
                for name, it in start.hparams.items():
                    parameters[name] = getattr(it, str(it.WhichOneof("kind")))
            elif value.metadata.plugin_data.plugin_name == "text":
                lines = (it.strip() for it in value.tensor.string_val[0].decode().splitlines())
                parameters |= dict(it.split(": ", 1) for it in lines if it.startswith("gst."))
    return Seen(str(file.parent.relative_to(folder)), parameters, metrics, parameters.get("status"), None)


def _tf_records(content: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(content):
        (length,) = struct.unpack_from("<Q", content, place)
        record = content[place + 12 : place + 12 + length]
        (told,) = struct.unpack_from("<I", content, place + 12 + length)
        assert told == _masked_crc32c(record)
        yield record
        place += 16 + length


def _masked_crc32c(content: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def wandb_runs(folder: Path) -> list[Seen]:
    """The offline runs of W&B in that folder."""
    return [_wandb_run(it) for it in sorted(folder.glob("wandb/offline-run-*/run-*.wandb"))]


def _wandb_run(file: Path) -> Seen:
    from wandb.proto.wandb_internal_pb2 import Record  # type: ignore[attr-defined]

    metrics: dict[str, dict[int, float]] = {}
    parameters: dict[str, Any] = {}
    group, code = "", None
    for content in _log_records(file.read_bytes()):
        record = Record.FromString(content)
        match record.WhichOneof("record_type"):
            case "run":
                group = f"{record.run.project}/{record.run.run_group}"
                parameters |= {_key(it): json.loads(it.value_json) for it in record.run.config.update}
            case "history":
                values = {_key(it): json.loads(it.value_json) for it in record.history.item}
                for name, value in values.items():
                    if not name.startswith("_"):
                        assert values["_step"] not in metrics.setdefault(name, {})
                        metrics[name][values["_step"]] = value
            case "summary":
                for it in record.summary.update:
                    if _key(it).startswith(("summary/", "before/", "gst.")):
                        parameters[_key(it)] = json.loads(it.value_json)
            case "exit":
                code = record.exit.exit_code
    return Seen(group, parameters, metrics, code, None)


def _key(item: Any) -> str:
    return item.key or ".".join(item.nested_key)


def _log_records(content: bytes) -> Iterator[bytes]:
    """The records of a log in LevelDB's format: blocks of 32 KiB, parts with checksum, length and kind."""
    assert content[:4] == b":W&B"
    place, parts = 7, b""
    while place + 7 <= len(content):
        if 32768 - place % 32768 < 7:
            place += 32768 - place % 32768
            continue
        told, length, kind = struct.unpack_from("<IHB", content, place)
        part = content[place + 7 : place + 7 + length]
        assert told == zlib.crc32(part, zlib.crc32(bytes([kind])))
        parts = part if kind in (1, 2) else parts + part
        if kind in (1, 4):
            yield parts
        place += 7 + length
