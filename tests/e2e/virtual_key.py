# SPDX-License-Identifier: Apache-2.0
# Registers and signs in with python3-fido2, and lets the package's own server judge both, attestation included.
# Usage: virtual_key.py ROOT.pem ceremony|ceremony-no-pin|u2f|finger|manage|config|enrol   Runs on the first key that it finds; the PIN is 1234.
import sys

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fido2.client import Fido2Client
from fido2.cose import CoseKey
from fido2.ctap2 import Config, CredentialManagement, Ctap2, FPBioEnrollment
from fido2.ctap2.pin import ClientPin
from fido2.hid import CtapHidDevice
from fido2.server import AttestationVerifier, Fido2Server
from fido2.webauthn import PublicKeyCredentialParameters

ORIGIN = "https://login.example.org"
RP = {"id": "example.org", "name": "Example"}


class Roots(AttestationVerifier):
    def __init__(self, path):
        super().__init__()
        with open(path, "rb") as file:
            self.root = x509.load_pem_x509_certificate(file.read())

    def ca_lookup(self, attestation_result, auth_data):
        return [self.root.public_bytes(Encoding.DER)]


def device():
    return next(CtapHidDevice.list_devices())


def user(name):
    return {"id": name.encode(), "name": name, "displayName": name.title()}


def register(server, client, name, algorithms, pin, **options):
    server.allowed_algorithms = [PublicKeyCredentialParameters("public-key", each) for each in algorithms]
    wanted, state = server.register_begin(user(name), **options)
    made = client.make_credential(wanted["publicKey"], pin=pin)
    return server.register_complete(state, made.client_data, made.attestation_object)


def authenticate(server, client, credentials, pin, index=0, **options):
    wanted, state = server.authenticate_begin(credentials or None, **options)
    selection = client.get_assertion(wanted["publicKey"], pin=pin)
    answer = selection.get_response(index)
    known = credentials or options_credentials
    server.authenticate_complete(state, known, answer.credential_id, answer.client_data, answer.authenticator_data, answer.signature)
    return answer, len(selection.get_assertions())


def must(held, what):
    if not held:
        sys.exit("does not hold: " + what)


def refused(action, *errors):
    try:
        action()
    except Exception as error:  # the client keeps the key's own error in its cause
        cause = getattr(error, "cause", None) or error
        must(any(name in str(cause) for name in errors), "refused with %s, not %s" % (errors, cause))
        return
    sys.exit("was not refused: %s" % (errors,))


options_credentials = []


def ceremony(server, pin):
    client = Fido2Client(device(), ORIGIN)
    for algorithm in (-7, -8, -257):
        data = register(server, client, "alice", [algorithm], pin, user_verification="required" if pin else "discouraged")
        credential = data.credential_data
        must(credential.public_key[3] == algorithm, "the algorithm asked for")
        answer, _ = authenticate(server, client, [credential], pin, user_verification="required" if pin else "discouraged")
        must(answer.authenticator_data.is_user_verified() == bool(pin), "UV says whether there was a PIN")
        must(answer.authenticator_data.counter > data.counter, "the counter goes up")
        refused(lambda: register(server, client, "alice", [algorithm], pin, credentials=[credential]), "CREDENTIAL_EXCLUDED")
    # Two discoverable credentials at one relying party, both found without a list, the newest first.
    if pin:
        for name in ("bob", "carol"):
            options_credentials.append(register(server, client, name, [-7], pin, resident_key=True).credential_data)
        first, count = authenticate(server, client, None, pin, 0)
        must(count == 2 and first.user_handle == b"carol", "the newest of two comes first")
        second, _ = authenticate(server, client, None, pin, 1)
        must(second.user_handle == b"bob", "the older one comes next")


def u2f(server, pin):
    client = Fido2Client(device(), ORIGIN)
    must(not hasattr(client, "ctap2"), "a key with U2F alone")
    credential = register(server, client, "alice", [-7], None).credential_data
    authenticate(server, client, [credential], None)
    refused(lambda: register(server, client, "alice", [-7], None, credentials=[credential]), "CREDENTIAL_EXCLUDED", "DEVICE_INELIGIBLE")


def finger(server, pin):
    client = Fido2Client(device(), ORIGIN)
    credential = register(server, client, "alice", [-7], None, user_verification="required", resident_key=True).credential_data
    answer, _ = authenticate(server, client, [credential], None, user_verification="required")
    must(answer.authenticator_data.is_user_verified(), "the finger verifies")


def token(ctap, permission, pin="1234"):
    pins = ClientPin(ctap)
    return pins.protocol, pins.get_pin_token(pin, permission, None)


def manage(server, pin):
    client = Fido2Client(device(), ORIGIN)
    for name in ("dora", "emil"):
        register(server, client, name, [-8], "1234", resident_key=True)
    ctap = Ctap2(device())
    credentials = CredentialManagement(ctap, *token(ctap, ClientPin.PERMISSION.CREDENTIAL_MGMT))
    K = CredentialManagement.RESULT
    rps = credentials.enumerate_rps()
    must([rp[K.RP]["id"] for rp in rps] == ["example.org"], "one relying party")
    found = {entry[K.USER]["id"]: entry for entry in credentials.enumerate_creds(rps[0][K.RP_ID_HASH])}
    must({b"dora", b"emil"} <= set(found), "both users")
    must(CoseKey.parse(found[b"dora"][K.PUBLIC_KEY])[3] == -8, "the public key comes too")
    before = credentials.get_metadata()[K.EXISTING_CRED_COUNT]
    credentials.update_user_info(found[b"dora"][K.CREDENTIAL_ID], {"id": b"dora", "name": "dora2", "displayName": "D"})
    credentials.delete_cred(found[b"emil"][K.CREDENTIAL_ID])
    must(credentials.get_metadata()[K.EXISTING_CRED_COUNT] == before - 1, "one less")
    left = {entry[K.USER]["id"]: entry[K.USER] for entry in credentials.enumerate_creds(rps[0][K.RP_ID_HASH])}
    must(b"emil" not in left and left[b"dora"]["name"] == "dora2", "deleted and renamed")


def config(server, pin):
    ctap = Ctap2(device())
    Config(ctap, *token(ctap, ClientPin.PERMISSION.AUTHENTICATOR_CFG)).toggle_always_uv()
    info = ctap.get_info()
    must(info.options["alwaysUv"] and not info.options["makeCredUvNotRqd"] and "U2F_V2" not in info.versions, "always-UV is on")
    Config(ctap, *token(ctap, ClientPin.PERMISSION.AUTHENTICATOR_CFG)).set_min_pin_length(6, ["example.org"])
    info = ctap.get_info()
    must(info.min_pin_length == 6 and info.force_pin_change, "the PIN is too short now")
    refused(lambda: token(ctap, ClientPin.PERMISSION.CREDENTIAL_MGMT), "PIN_POLICY_VIOLATION")
    refused(lambda: ClientPin(ctap).change_pin("1234", "12345"), "PIN_POLICY_VIOLATION")
    ClientPin(ctap).change_pin("1234", "123456")
    must(not ctap.get_info().force_pin_change, "a longer PIN is taken")
    refused(lambda: Config(ctap, *token(ctap, ClientPin.PERMISSION.AUTHENTICATOR_CFG, "123456")).set_min_pin_length(4), "PIN_POLICY_VIOLATION")
    Config(ctap, *token(ctap, ClientPin.PERMISSION.AUTHENTICATOR_CFG, "123456")).toggle_always_uv()
    must(not ctap.get_info().options["alwaysUv"], "always-UV is off again")


def enrol(server, pin):
    ctap = Ctap2(device())
    fingers = FPBioEnrollment(ctap, *token(ctap, ClientPin.PERMISSION.BIO_ENROLL))
    before = set(fingers.enumerate_enrollments())
    enroller = fingers.enroll()
    template = None
    while template is None:
        template = enroller.capture()
    fingers.set_name(template, "left thumb")
    after = fingers.enumerate_enrollments()
    must(set(after) - before == {template} and after[template] == "left thumb", "a finger more, with its name")
    for each in after:
        fingers.remove_enrollment(each)
    must(not ctap.get_info().options["uv"], "without a finger there is no built-in verification")


if __name__ == "__main__":
    relying_party = Fido2Server(RP, attestation="direct", verify_attestation=Roots(sys.argv[1]))
    {"ceremony": lambda: ceremony(relying_party, "1234"), "ceremony-no-pin": lambda: ceremony(relying_party, None), "u2f": lambda: u2f(relying_party, None),
     "finger": lambda: finger(relying_party, None), "manage": lambda: manage(relying_party, "1234"), "config": lambda: config(relying_party, "1234"),
     "enrol": lambda: enrol(relying_party, "1234")}[sys.argv[2]]()
    print("held")
