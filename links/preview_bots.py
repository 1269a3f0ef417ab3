"""Programs that open a link only to show a preview of it in a chat, or to index it."""

from __future__ import annotations

import re

# Signal calls itself WhatsApp. iMessage, Google, Bing, and most others have a word that ends with "bot".
# A maker of phones is called Cubot, and their browsers say so.
PREVIEWS = re.compile(
    r"""(?<!cu)bot\b
    | facebookexternalhit | facebookcatalog | meta-externalagent | WhatsApp/ | SkypeUriPreview | Slack-ImgProxy
    | Mattermost | Synapse | Rocket\.Chat | Mastodon/ | Embedly | Iframely | vkShare | Snap\sURL\sPreview
    | Google-PageRenderer | GoogleImageProxy | BingPreview | crawler | spider\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
MAX_READ = 500  # characters


def is_preview_bot(user_agent: str) -> bool:
    """Return whether a program says that it makes previews. It must not use up a link."""
    return PREVIEWS.search(user_agent[:MAX_READ]) is not None
