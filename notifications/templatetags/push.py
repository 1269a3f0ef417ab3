from typing import Any

from django import template

from ..device_names import device_name
from ..models import Channel
from ..services import devices, signed_in_devices

register = template.Library()


@register.simple_tag(takes_context=True)
def this_device(context: dict[str, Any]) -> int:
    """Return the key of the device that the browser of a request is, or 0."""
    request = context["request"]
    held = signed_in_devices.held_by(request.session)
    return held if held and devices.is_there(request.user, held) else 0


@register.filter
def device_label(channel: Channel) -> str:
    """Return the name of a device with push, such as “Chrome on Linux”."""
    return device_name(channel.browser, channel.platform)
