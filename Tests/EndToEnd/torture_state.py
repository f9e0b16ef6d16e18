"""The daemon's stored state, in as much detail as a test needs to damage one region at a time."""

import dataclasses
import pathlib
import struct

STATE = pathlib.Path("/var/lib/anomalyd")
HEADER_BYTES, RECORD_BYTES, CHECKSUM_BYTES, END_KIND = 28, 12, 4, 0xFF
KINDS = {1: "agent", 2: "input", 3: "metric"}


@dataclasses.dataclass
class Region:
    """A part of a checkpoint: its first byte, its length, and its record."""

    name: str
    start: int
    length: int
    kind: str = ""
    record: str = ""


def regions(data):
    """The parts of a checkpoint, from its first to its last byte."""
    found = [Region("header", 0, HEADER_BYTES)]
    at = HEADER_BYTES
    while data[at] != END_KIND:
        kind, _, name_bytes, payload_bytes = struct.unpack_from("<BBHI", data, at)
        name = data[at + RECORD_BYTES:at + RECORD_BYTES + name_bytes].decode()
        head = RECORD_BYTES + name_bytes + CHECKSUM_BYTES
        found.append(Region("record header", at, head, KINDS[kind], name))
        found.append(Region("payload", at + head, payload_bytes, KINDS[kind], name))
        at += head + payload_bytes
    found.append(Region("end", at, len(data) - at))
    return found


def is_whole(data):
    """Whether it is complete: an earlier act may have damaged it."""
    try:
        return regions(data)[-1].length > 0
    except (IndexError, KeyError, UnicodeDecodeError, struct.error):
        return False


def choose(data, name, chance):
    """One of the non-empty regions with this name; each kind of record is equally likely."""
    found = [region for region in regions(data) if region.name == name and region.length > 0]
    sort = chance.choice(["metric", "table", "input", "agent"])
    tables = [region for region in found if region.record[:2] in ("a.", "b.")]
    return chance.choice(tables if sort == "table" and tables else
                         [region for region in found if region.kind in ("", sort)] or found)


def flip(path, region, chance):
    """Changes one byte of a region."""
    at = region.start + chance.randrange(region.length)
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << chance.randrange(8))]))
    return at


def truncate(path, region, chance):
    """Truncates a file within a region."""
    at = region.start + chance.randrange(region.length)
    with open(path, "r+b") as file:
        file.truncate(at)
    return at


def segments():
    """The segments of the event history, oldest first."""
    return sorted(path for path in STATE.glob("events-*") if "." not in path.name)
