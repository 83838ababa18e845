"""E-mail over SMTP (aiosmtplib): one message, one recipient, a Message-ID that never changes."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import aiosmtplib

from casework.settings import Settings
from models.instants import london

NOT_TAKEN = (
    aiosmtplib.SMTPRecipientsRefused,
    aiosmtplib.SMTPSenderRefused,
    aiosmtplib.SMTPConnectError,
    aiosmtplib.SMTPHeloError,
    aiosmtplib.SMTPAuthenticationError,
)
"""Failures after which the message was certainly not taken."""


class Mailer:
    """Sends through the SMTP server of the settings; without one nothing is sent."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def configured(self) -> bool:
        """Whether there is a server and a sender's address."""
        return bool(self._settings.smtp_address and self._settings.mail_from)

    async def send(self, to: str, subject: str, text: str, message_id: str, at: datetime) -> None:
        """Send one notice. Raises aiosmtplib's errors; those of `NOT_TAKEN` are certain."""
        message = EmailMessage()
        message["From"] = self._settings.mail_from
        message["To"] = to
        message["Subject"] = subject
        message["Message-ID"] = f"<{message_id}>"
        message["Date"] = format_datetime(london(at))
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        await self._hand_over(message)

    async def send_neutral(self, to: str, text: str, at: datetime) -> None:
        """Send a message to a victim: nothing in it or its headers says who wrote. Raises as `send`
        does."""
        message = EmailMessage()
        message["From"] = self._settings.victim_mail_from
        message["To"] = to
        message["Subject"] = "Hello"
        domain = message["From"].addresses[0].domain
        message["Message-ID"] = make_msgid(domain=domain)
        message["Date"] = format_datetime(london(at))
        message.set_content(text)
        # Servers write the name that they are greeted with into `Received:`, for the victim's mail
        # program to show; this machine's own may name the force.
        await self._hand_over(message, greet_as=domain)

    async def _hand_over(self, message: EmailMessage, greet_as: str | None = None) -> None:
        settings = self._settings
        host, _, port = (settings.smtp_address or "").rpartition(":")
        password = settings.smtp_password
        await aiosmtplib.send(
            message,
            hostname=host,
            port=int(port),
            username=settings.smtp_user,
            password=password.get_secret_value() if password else None,
            use_tls=settings.smtp_tls == "implicit",
            start_tls=settings.smtp_tls == "starttls",
            timeout=settings.smtp_timeout,
            local_hostname=greet_as,
        )
