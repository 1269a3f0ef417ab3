from django.conf import settings
from django.http import HttpRequest


def time_zone_cookie(request: HttpRequest) -> dict[str, str]:
    """Return where the browser's script keeps its time zone."""
    return {"time_zone_cookie": settings.TIME_ZONE_COOKIE_NAME, "cookie_path": settings.SESSION_COOKIE_PATH}
