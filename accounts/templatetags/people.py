from django import template

register = template.Library()

# In this order: most browsers also say the names of those below them.
BROWSERS = [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Chrome/", "Chrome"),
            ("CriOS/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")]  # fmt: skip
SYSTEMS = [("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
           ("Mac OS X", "Mac"), ("Linux", "Linux")]  # fmt: skip


@register.filter
def browser(user_agent: str) -> str:
    """What a user agent calls itself, as people say it; a guess, since browsers may say anything."""
    name = next((said for sign, said in BROWSERS if sign in user_agent), "")
    system = next((said for sign, said in SYSTEMS if sign in user_agent), "")
    return " on ".join(filter(None, [name or "Unknown browser", system]))
