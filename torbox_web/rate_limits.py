"""How often people may try what others could be harmed by, in addition to allauth's own limits."""

RATE_LIMITS = {
    "torbox_key": "20/m/user",
    "channel": "20/m/user,100/h/user",  # adding, replacing, and testing connect to hosts that people chose
    "push": "10/m/user,60/h/user",
    # Wrong passwords count by address, by name and block, and by name (docs/people.md).
    "login_failed": "10/m/ip,5/5m/key,20/h/key",
    "login_failed_anywhere": "100/h/key",
    # Passwords of lasting links, by address, by link and block, and by link (docs/links.md).
    "link_password": "20/m/ip,20/m/key,60/h/key",
    "api_token": "20/m/ip,200/h/ip",  # wrong tokens. A right one always works
    "link_password_anywhere": "100/h/key,300/d/key",
}
