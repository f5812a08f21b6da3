#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# metadata_blob.py FOLDER NUMBER STATUS AAGUID: makes a FIDO Metadata BLOB (MDS 3.0 §3.1) with openssl and no code of ours:
# FOLDER/root.pem, FOLDER/blob. The same folder again signs under the same root.
import base64, datetime, json, os, subprocess, sys

folder, number, status, aaguid = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=30).stdout


def path(name):
    return os.path.join(folder, name)


def text(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def der(name):
    return base64.b64encode(openssl("x509", "-in", path(name), "-outform", "DER")).decode()


if not os.path.exists(path("root.pem")):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("root.key"), "-out", path("root.pem"),
            "-days", "3650", "-subj", "/CN=Metadata root", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("signer.key"), "-out", path("signer.csr"), "-subj", "/CN=mds.fidoalliance.org")
    with open(path("extensions"), "w") as file:
        file.write("subjectAltName=DNS:mds.fidoalliance.org\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n")
    openssl("x509", "-req", "-in", path("signer.csr"), "-CA", path("root.pem"), "-CAkey", path("root.key"), "-CAcreateserial", "-out", path("signer.pem"), "-days", "365",
            "-extfile", path("extensions"))

soon = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()
today = datetime.date.today().isoformat()
entry = {"aaguid": aaguid, "metadataStatement": {"description": "A key", "attestationRootCertificates": []},
         "statusReports": [{"status": status, "effectiveDate": today}], "timeOfLastStatusChange": today}
head = text(json.dumps({"alg": "ES256", "typ": "JWT", "x5c": [der("signer.pem")]}).encode())
body = text(json.dumps({"legalHeader": "test", "no": number, "nextUpdate": soon, "entries": [entry]}).encode())
signature = openssl("dgst", "-sha256", "-sign", path("signer.key"), data=f"{head}.{body}".encode())


def integer(octets):  # DER INTEGER at the front: its value in 32 octets, and what follows
    size = octets[1]
    return octets[2:2 + size].lstrip(b"\0").rjust(32, b"\0"), octets[2 + size:]


r, rest = integer(signature[2:])
s, _ = integer(rest)
with open(path("blob"), "w") as file:
    file.write(f"{head}.{body}.{text(r + s)}\n")
