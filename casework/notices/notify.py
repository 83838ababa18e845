"""GOV.UK Notify, by its own client: text messages, and e-mail where a template is configured."""

from __future__ import annotations

import asyncio

from notifications_python_client.errors import APIError, HTTPError
from notifications_python_client.notifications import NotificationsAPIClient
from requests.exceptions import RequestException

from casework.settings import Settings
from models.enums import Channel

_CERTAIN = range(400, 500)
"""Statuses under which Notify has certainly not taken the message."""


class NotTaken(Exception):
    """The provider certainly did not take the message; holds a code only."""


class Unsure(Exception):
    """Nobody can say whether the provider took the message; holds a code only."""


class Notify:
    """Messages to victims through GOV.UK Notify; nothing leaves without a key and a template."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def takes(self, channel: Channel) -> bool:
        """Whether this channel is configured."""
        return self._settings.notify_api_key is not None and self._template(channel) is not None

    def _template(self, channel: Channel) -> str | None:
        settings = self._settings
        templates = {
            Channel.SMS: settings.notify_sms_template,
            Channel.EMAIL: settings.notify_email_template,
        }
        return templates.get(channel)

    async def send(self, channel: Channel, to: str, text: str, reference: str) -> None:
        """Send one message. Raises `NotTaken` or `Unsure`."""
        try:
            await asyncio.to_thread(self._send, channel, to, text, reference)
        except HTTPError as error:
            code = f"HTTP_{error.status_code}"
            raise (NotTaken if error.status_code in _CERTAIN else Unsure)(code) from None
        except (APIError, RequestException, OSError) as error:
            raise Unsure(type(error).__name__.upper()) from None

    def _send(self, channel: Channel, to: str, text: str, reference: str) -> None:
        key = self._settings.notify_api_key
        template = self._template(channel)
        if key is None or template is None:
            raise ValueError(f"{channel.value} is not configured")
        client = NotificationsAPIClient(
            key.get_secret_value(), base_url=self._settings.notify_url, timeout=30
        )
        personalisation = {"text": text}
        if channel is Channel.SMS:
            client.send_sms_notification(
                to, template, personalisation=personalisation, reference=reference
            )
        else:
            client.send_email_notification(
                to, template, personalisation=personalisation, reference=reference
            )
