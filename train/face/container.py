# SPDX-License-Identifier: Apache-2.0
"""Python twin of src/nn/weights.c: writes and reads .limner files (doc/weight-format.md)."""

import struct

import numpy as np

MAGIC = b"LIMNER\x1a\n"
BYTE_ORDER = 0x01020304
VERSION = 1
ALIGN = 64
HEADER_BYTES, ENTRY_BYTES = 64, 128
DTYPES = {1: "<f4", 2: "<f2", 3: "i1", 4: "u1", 5: "<i2", 6: "<u2", 7: "<i4"}
CODES = {np.dtype(t): code for code, t in DTYPES.items()}


def _crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _crc_table()


def crc32c(data):
    """CRC-32C (Castagnoli) of bytes."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def _align(n):
    return (n + ALIGN - 1) // ALIGN * ALIGN


def dumps(kind, tensors):
    """Bytes of a container. tensors: {name: array of a dtype in DTYPES, rank 1..4}."""
    entries, payload = b"", b""
    offset = _align(HEADER_BYTES + ENTRY_BYTES * len(tensors))
    for name, array in tensors.items():
        array = np.ascontiguousarray(array)
        data = array.tobytes()
        dims = list(array.shape) + [1] * (4 - array.ndim)
        entries += struct.pack("<64s6IQQI20x", name.encode("ascii"), CODES[array.dtype],
                               array.ndim, *dims, offset, len(data), crc32c(data))
        data += bytes(_align(len(data)) - len(data))
        payload += data
        offset += len(data)
    entries += bytes(_align(HEADER_BYTES + len(entries)) - HEADER_BYTES - len(entries))
    head = struct.pack("<8sIIQII16s12x", MAGIC, BYTE_ORDER, VERSION, offset, len(tensors),
                       crc32c(entries), kind.encode("ascii"))
    return head + struct.pack("<I", crc32c(head)) + entries + payload


def loads(data):
    """(kind, {name: array}) of a container's bytes; raises ValueError when damaged."""
    magic, order, version, length, count, table_crc, kind = struct.unpack_from("<8sIIQII16s", data)
    table = data[HEADER_BYTES:_align(HEADER_BYTES + ENTRY_BYTES * count)]
    if (magic, order, version, length) != (MAGIC, BYTE_ORDER, VERSION, len(data)):
        raise ValueError("not a limner container of this version")
    if struct.unpack_from("<I", data, 60)[0] != crc32c(data[:60]) or crc32c(table) != table_crc:
        raise ValueError("damaged header")
    tensors = {}
    for k in range(count):
        name, code, rank, d0, d1, d2, d3, offset, size, crc = struct.unpack_from(
            "<64s6IQQI", table, k * ENTRY_BYTES)
        payload = data[offset:offset + size]
        if crc32c(payload) != crc:
            raise ValueError("damaged tensor " + name.rstrip(b"\0").decode("ascii"))
        array = np.frombuffer(payload, DTYPES[code]).reshape((d0, d1, d2, d3)[:rank])
        tensors[name.rstrip(b"\0").decode("ascii")] = array
    return kind.rstrip(b"\0").decode("ascii"), tensors
