"""Tell browsers and their systems apart, as codes, and name them. They are proper names, so they aren't translated."""

from __future__ import annotations

from django.utils.translation import gettext as _

# The order matters: most browsers also send the names of those further down.
BROWSERS = {"Edg": "edge", "OPR/": "opera", "SamsungBrowser/": "samsung", "Firefox/": "firefox", "FxiOS/": "firefox",
            "Chrome/": "chrome", "CriOS/": "chrome", "AppleWebKit/": "safari"}  # fmt: skip
PLATFORMS = {"iPhone": "iphone", "iPad": "ipad", "Android": "android", "Windows": "windows", "CrOS": "chromeos",
             "Mac OS X": "mac", "Linux": "linux"}  # fmt: skip
NAMES = {
    "edge": "Edge",
    "opera": "Opera",
    "samsung": "Samsung Internet",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
    "iphone": "iPhone",
    "ipad": "iPad",
    "android": "Android",
    "windows": "Windows",
    "chromeos": "ChromeOS",
    "mac": "Mac",
    "linux": "Linux",
}


def browser_code(user_agent: str) -> str:
    """Return the code of a browser, or "". A guess, since browsers can send any text."""
    return _first(BROWSERS, user_agent)


def platform_code(user_agent: str) -> str:
    """Return the code of the system of a browser, or ""."""
    return _first(PLATFORMS, user_agent)


def device_name(browser: str, platform: str) -> str:
    """Return the name of a device from its codes, such as “Chrome on Linux”."""
    name, system = NAMES.get(browser, ""), NAMES.get(platform, "")
    if not system:
        return name or _("Unknown browser")
    if not name:
        return _("Unknown browser on %(system)s") % {"system": system}
    return _("%(browser)s on %(system)s") % {"browser": name, "system": system}


def _first(signs: dict[str, str], user_agent: str) -> str:
    return next((code for sign, code in signs.items() if sign in user_agent), "")
