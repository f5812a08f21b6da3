# SPDX-License-Identifier: Apache-2.0
"""A host that nobody here wrote: makes a key and a fingerprint, and signs proofs as core/machine/proof.h describes them.

usage: host_proof.py key FILE                       makes a key
       host_proof.py prove FILE SEED CHALLENGE ID SERVICE [SIGNED_SEED]
SEED stands for the host's hardware: another one is another host. SIGNED_SEED: what the signature is over, if that differs.
Prints the body of POST /v1/sign-ins/ID/machine.
"""
import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def fingerprint(seed):
    marks = b"".join(bytes([component]) + hashlib.sha256(f"{seed} {component}".encode()).digest()[:16] for component in (1, 2, 3, 5))
    return bytes([1, 0, 4]) + marks


def field(octets):
    return len(octets).to_bytes(4, "big") + octets


def prove(path, seed, challenge, sign_in, service, signed_seed=None):
    with open(path, "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    challenge = base64.urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4))
    message = b"countersign-machine-proof-v1\0" + field(challenge) + field(sign_in.encode()) + field(service.encode()) + field(fingerprint(signed_seed or seed))
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    print(json.dumps({"key": b64(spki), "fingerprint": b64(fingerprint(seed)), "signature": b64(key.sign(message, ec.ECDSA(hashes.SHA256())))}))


if sys.argv[1] == "key":
    made = ec.generate_private_key(ec.SECP256R1())
    with open(sys.argv[2], "wb") as out:
        out.write(made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
else:
    prove(*sys.argv[2:])
