from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from ..household import Signing
from ..models import User
from ..recovery_links import history
from ..session_end import latest_end

register = template.Library()

# The order matters: most browsers also send the names of those further down.
BROWSERS = [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Chrome/", "Chrome"),
            ("CriOS/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")]  # fmt: skip
SYSTEMS = [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
           ("Mac OS X", "Mac"), ("Linux", "Linux")]  # fmt: skip


@register.filter
def browser(user_agent: str) -> str:
    """Return a browser's name and system as people know them. A guess, since browsers can send any text."""
    name = next((known for sign, known in BROWSERS if sign in user_agent), "")
    system = next((known for sign, known in SYSTEMS if sign in user_agent), "")
    if not system:
        return name or _("Unknown browser")
    if not name:
        return _("Unknown browser on %(system)s") % {"system": system}
    # Translators: such as “Safari on iPhone”
    return _("%(browser)s on %(system)s") % {"browser": name, "system": system}


@register.filter
def session_end(began: datetime) -> datetime:
    """Return when a session that began at this time must end."""
    return latest_end(began, timezone.now())


@register.filter
def recovery_links(person: User) -> list[str]:
    """Return the recovery links made for a person, in words for that person."""
    return list(history(person, reader=person))


@register.filter
def signing(person: User) -> Signing:
    return Signing.of(person)
