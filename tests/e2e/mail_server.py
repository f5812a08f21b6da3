# SPDX-License-Identifier: Apache-2.0
"""An SMTP server (python3-aiosmtpd) for one test: STARTTLS and AUTH are required, each message goes into FOLDER/N.eml with its envelope
in two lines before it. Prints its port. Ends with its input.

mail_server.py FOLDER CERTIFICATE KEY USER PASSWORD
"""
import asyncio, logging, os, ssl, sys, warnings

from aiosmtpd.smtp import SMTP, AuthResult

logging.disable(logging.CRITICAL)  # clients that do not like the certificate are part of it
warnings.simplefilter("ignore")
folder, certificate, key, user, password = sys.argv[1:]


class Keep:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        Keep.count += 1
        name = os.path.join(folder, "%d.eml" % Keep.count)
        with open(name + ".part", "wb") as out:
            out.write(("%s\n%s\n" % (envelope.mail_from, " ".join(envelope.rcpt_tos))).encode())
            out.write(envelope.original_content)
        os.rename(name + ".part", name)
        return "250 2.0.0 kept"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == user.encode() and data.password == password.encode()
    return AuthResult(success=good, handled=False)


async def main():
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()
    make = lambda: SMTP(Keep(), hostname="localhost", tls_context=tls, require_starttls=True, authenticator=authenticate, auth_required=True, loop=loop)
    server = await loop.create_server(make, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = loop.create_future()
    loop.add_reader(0, lambda: os.read(0, 1) or ended.done() or ended.set_result(None))
    await ended


asyncio.run(main())
