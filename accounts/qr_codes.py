"""QR codes of links."""

from __future__ import annotations

import base64

from allauth.mfa.adapter import get_adapter


def qr_code(link: str) -> str:
    """Return a link as a QR code in a data URL, drawn by the library that draws those of authenticator apps."""
    svg = get_adapter().build_totp_svg(link)
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
