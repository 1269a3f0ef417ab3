"""aria2 on the owners’ page *Saving*: where it is, and whether it works."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..aria2 import engine
from ..aria2.rpc import Aria2Error, Reason
from ..models import Job
from ..services.folders import Unusable
from . import folder_text

SENTENCES: dict[str, str | Promise] = {
    Reason.NO_ANSWER: _("aria2 didn’t respond. Check ARIA2_RPC_URL, and that aria2 is running."),
    Reason.UNAUTHORIZED: _(
        "aria2 rejected the secret. Set ARIA2_RPC_SECRET to the value of aria2’s rpc-secret."
    ),
    Reason.DOWNLOAD: _("aria2 can’t download from TorBox. Check its connection to the internet."),
}
REFUSED = _("aria2 refused to download. Check its log.")
ANOTHER_FOLDER = _(
    "aria2 writes to a different folder. Set ARIA2_DIR to the path at which aria2 sees SAVE_DIR."
)


def address() -> str:
    """Return the host of aria2, or "" if it isn't configured. The rest of the URL may hold a password."""
    if not settings.ARIA2_RPC_URL:
        return ""
    url = urlsplit(settings.ARIA2_RPC_URL)
    return url.netloc.rpartition("@")[2] or str(url.hostname or "")


def trouble() -> str:
    """Test aria2. Return why it doesn't work, or "" if it does."""
    try:
        engine.test()
    except Aria2Error as error:
        return str(SENTENCES.get(error.reason, REFUSED))
    except Unusable as unusable:
        if unusable.cause == Job.Cause.ARIA2_FOLDER:
            return str(ANOTHER_FOLDER)
        return folder_text.sentence(unusable.cause)
    return ""
