"""A mail server for tests, on aiosmtpd. It prints one line of JSON for itself when it listens, and one for each message that it takes.

   mail.py <port> [--tls CERT KEY] [--starttls CERT KEY] [--user NAME PASSWORD]

What it answers to a recipient is said by the name before the @: refused (550, for good), busy (451 once, then taken). Anybody else's mail is taken."""
import argparse
import asyncio
import collections
import email
import email.policy
import json
import signal
import ssl

from aiosmtpd.smtp import SMTP, AuthResult

arguments = argparse.ArgumentParser()
arguments.add_argument("port", type=int)
arguments.add_argument("--tls", nargs=2)
arguments.add_argument("--starttls", nargs=2)
arguments.add_argument("--user", nargs=2)
options = arguments.parse_args()


def tell(**what):
    print(json.dumps(what), flush=True)


def context(files):
    if not files:
        return None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*files)
    return made


def sign_in(server, session, envelope, mechanism, data):
    good = options.user == [data.login.decode(), data.password.decode()]
    return AuthResult(success=good, handled=False, auth_data=data)


class Handler:
    tries = collections.Counter()

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        name = address.split("@")[0]
        self.tries[address] += 1
        if name == "refused":
            return f"550 5.1.1 <{address}>: no such user here"
        if name == "busy" and self.tries[address] == 1:
            return f"451 4.3.0 <{address}>: busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        tell(sender=envelope.mail_from, to=envelope.rcpt_tos, tls=session.ssl is not None, user=session.auth_data.login.decode() if session.authenticated else None,
             headers=[[name, str(value)] for name, value in mail.items()], type=mail.get_content_type(), body=mail.get_content())
        return "250 taken"


def protocol():
    return SMTP(Handler(), hostname="localhost", enable_SMTPUTF8=True, tls_context=context(options.starttls), require_starttls=bool(options.starttls),
                authenticator=sign_in, auth_required=bool(options.user), auth_require_tls=not options.tls)


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", options.port, ssl=context(options.tls))
    loop.add_signal_handler(signal.SIGTERM, server.close)
    tell(listening=options.port)
    try:
        await server.serve_forever()
    except asyncio.CancelledError:
        pass


asyncio.run(main())
