"""How often people may try what others could be harmed by, in addition to allauth's own limits."""

RATE_LIMITS = {
    "torbox_key": "20/m/user",
    "channel": "20/m/user,100/h/user",  # adding, replacing, and testing connect to hosts that people chose
    "push": "10/m/user,60/h/user",
    # Wrong passwords count by address, by name and block, and by name (docs/people.md).
    "login_failed": "10/m/ip,5/5m/key,20/h/key",
    "login_failed_anywhere": "100/h/key",
}
