# SPDX-License-Identifier: Apache-2.0
# A key at the API without a browser: python3-fido2 is the client, on the first key that it finds (run under countersign-virtual run).
# Usage: one_key.py SOCKET ORIGIN PIN register|sign-in WANTED   WANTED is the body that begins it, JSON; PIN may be empty.
# Prints what the daemon says in the end. Octets are base64url both ways, as PublicKeyCredential.toJSON has them.
import base64
import json
import sys

import daemon_socket
from fido2 import cbor
from fido2.client import Fido2Client
from fido2.hid import CtapHidDevice


def octets(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def post(target, body):
    status, answer = daemon_socket.post(sys.argv[1], target, json.dumps(body))
    if status != 200:
        sys.exit(answer.decode())
    return json.loads(answer)


def with_octets(options):
    """What a browser's parse...OptionsFromJSON does. This client is of Level 1: there it is requireResidentKey alone."""
    options.get("authenticatorSelection", {}).pop("residentKey", None)
    options["challenge"] = octets(options["challenge"])
    if "user" in options:
        options["user"]["id"] = octets(options["user"]["id"])
    for name in ("excludeCredentials", "allowCredentials"):
        for each in options.get(name, []):
            each["id"] = octets(each["id"])
    return options


def credential(client_data, credential_id, **response):
    members = {name: text(value) for name, value in response.items() if value is not None}
    return {"id": text(credential_id), "rawId": text(credential_id), "type": "public-key", "response": {"clientDataJSON": text(client_data), **members}}


def register(client, pin, wanted):
    begun = post("/v1/webauthn/registrations", wanted)
    made = client.make_credential(with_octets(begun["publicKey"]), pin=pin)
    said = made.attestation_object
    whole = cbor.encode({"fmt": said.fmt, "attStmt": said.att_statement, "authData": bytes(said.auth_data)})  # CTAP has numbers for the names
    answer = credential(made.client_data, said.auth_data.credential_data.credential_id, attestationObject=whole)
    return post("/v1/webauthn/registrations/" + begun["id"], {"credential": answer})


def sign_in(client, pin, wanted):
    begun = post("/v1/webauthn/authentications", wanted)
    if "publicKey" not in begun:
        return begun
    made = client.get_assertion(with_octets(begun["publicKey"]), pin=pin).get_response(0)
    answer = credential(made.client_data, made.credential_id, authenticatorData=bytes(made.authenticator_data), signature=made.signature,
                        userHandle=made.user_handle)
    return post("/v1/webauthn/authentications/" + begun["id"], {"credential": answer})


if __name__ == "__main__":
    _, _, origin, pin, what, wanted = sys.argv
    # RP IDs without a dot are fine where the page is on this host (HTML: a registrable domain suffix, or equal).
    client = Fido2Client(next(CtapHidDevice.list_devices()), origin, verify=lambda rp_id, page: page.partition("://")[2].partition(":")[0] == rp_id)
    print(json.dumps({"register": register, "sign-in": sign_in}[what](client, pin or None, json.loads(wanted))))
