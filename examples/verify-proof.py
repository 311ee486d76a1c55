"""Checks that an entry is in a Chatwarden trail, with nothing of Chatwarden: Python 3 and its standard library.

    python3 verify-proof.py PROOF.tlog-proof ENTRY.json VERIFIER_KEY

Written from docs/trail.md, RFC 6962, RFC 8032, RFC 8785 and the C2SP pages signed-note, tlog-checkpoint and
tlog-proof. Prints what it checked and ends with 0, or says what is wrong and ends with 1.
"""

import base64
import binascii
import hashlib
import json
import re
import sys


class Wrong(Exception):
    pass


def require(condition, reason):
    if not condition:
        raise Wrong(reason)


def from_base64(text, length=None):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(f"This is not base64: {text}")
    require(base64.b64encode(data).decode() == text, f"This is not the usual base64: {text}")
    require(length in (None, len(data)), f"{length} bytes are needed, not {len(data)}: {text}")
    return data


def decimal(text):
    require(re.fullmatch("0|[1-9][0-9]*", text), f"This is not a number: {text}")
    return int(text)


# Ed25519 (RFC 8032, section 5.1). A point (x, y) is kept as (X, Y, Z, T): x = X/Z, y = Y/Z, x * y = T/Z.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return (f - e) * (d - c) % P, (d + c) * (f + e) % P, (d - c) * (d + c) % P, (f - e) * (f + e) % P


def times(number, point):
    result = (0, 1, 1, 0)
    while number > 0:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def decode_point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    require(y < P, "A point of the signature or key is not on the curve.")
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if x * x % P != x2:
        x = x * ROOT_OF_MINUS_1 % P
    require(x * x % P == x2 and not (x == 0 and sign), "A point of the signature or key is not on the curve.")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decode_point(bytes([0x58] + 31 * [0x66]))


def is_signed(public_key, message, signature):
    a, r, s = decode_point(public_key), decode_point(signature[:32]), int.from_bytes(signature[32:], "little")
    require(s < ORDER, "The second half of the signature is too large.")
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    left, right = times(s, BASE), add(r, times(k, a))
    return all((left[n] * right[2] - right[n] * left[2]) % P == 0 for n in (0, 1))


def canonical(text):
    """RFC 8785, for a record whose values are texts, and 1 for `v`."""

    def fields(pairs):
        require(len(dict(pairs)) == len(pairs), "A name stands in the entry twice.")
        return dict(pairs)

    record = json.loads(text, object_pairs_hook=fields)
    require(isinstance(record, dict), "The entry is not a JSON object.")
    version = record.get("v")
    require(type(version) is int and version == 1, f"Entries of version {version} are not known.")
    require(all(type(value) is str for name, value in record.items() if name != "v"), "A value is not a text.")
    in_order = {name: record[name] for name in sorted(record, key=lambda name: name.encode("utf-16-be"))}
    return json.dumps(in_order, ensure_ascii=False, separators=(",", ":")).encode()


def root_above(leaf, index, size, proof):
    """The root that the proof leads to (RFC 9162, section 2.1.3.2)."""
    require(index < size, f"A tree of {size} entries has no entry {index}.")
    number, last, node = index, size - 1, leaf
    for beside in proof:
        require(last > 0, "The proof is too long.")
        if number % 2 == 1 or number == last:
            node = hashlib.sha256(b"\x01" + beside + node).digest()
            while number % 2 == 0 and number > 0:
                number, last = number // 2, last // 2
        else:
            node = hashlib.sha256(b"\x01" + node + beside).digest()
        number, last = number // 2, last // 2
    require(last == 0, "The proof is too short.")
    return node


def open_note(note, verifier_key):
    """The text of the note, if the owner of the key signed it."""
    name, key_id, encoded = (verifier_key.strip().split("+", 2) + ["", ""])[:3]
    key = from_base64(encoded, 33)
    require(key[0] == 1, "The key is not one for Ed25519.")
    require(hashlib.sha256(f"{name}\n".encode() + key).digest()[:4].hex() == key_id, "The key does not have its id.")
    require(not re.search("[\0-\x09\x0b-\x1f]", note), "There is a control character in the checkpoint.")
    text, blank, signatures = note.rpartition("\n\n")
    require(blank and signatures.endswith("\n"), "The checkpoint is not a signed note.")
    is_known = False
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        require(match, f"This is not a signature: {line}")
        signature = from_base64(match[2])
        if match[1] == name and signature[:4].hex() == key_id:
            require(len(signature) == 68, "The signature does not have 64 bytes.")
            require(is_signed(key[1:], f"{text}\n".encode(), signature[4:]), "The signature of the checkpoint is wrong.")
            is_known = True
    require(is_known, f"The checkpoint is not signed by {name} with the key {key_id}.")
    return text


def main(proof_file, entry_file, verifier_key):
    with open(entry_file, "rb") as file:
        leaf = hashlib.sha256(b"\x00" + canonical(file.read().decode())).digest()
    print(f"The leaf hash of the entry is {leaf.hex()}.")

    with open(proof_file, "rb") as file:
        head, _, note = file.read().decode().partition("\n\n")
    header, *lines = head.split("\n")
    require(header == "c2sp.org/tlog-proof@v1", "The file does not begin as a proof does.")
    if lines and lines[0].startswith("extra "):
        lines.pop(0)
    require(lines and lines[0].startswith("index "), "The proof does not say which entry it is about.")
    index = decimal(lines[0][len("index ") :])
    proof = [from_base64(line, 32) for line in lines[1:]]

    checkpoint = open_note(note, verifier_key).split("\n")
    require(len(checkpoint) >= 3 and "" not in checkpoint, "The note is not a checkpoint.")
    origin, size, root = checkpoint[:3]
    require(origin == verifier_key.split("+")[0].strip(), f"The checkpoint is of the log {origin}, and the key of another.")
    require(root_above(leaf, index, decimal(size), proof) == from_base64(root, 32), "The proof leads to another root.")
    print(f"The proof leads from it, as number {index}, to the root {root} of {size} entries.")
    print(f"That root is signed by {verifier_key.strip()} for the log {origin}.")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (Wrong, OSError, ValueError, RecursionError) as error:
        sys.exit(f"NOT PROVED: {error}")
