"""What the app answers to each fault when a wish is carried out, one table for each.

fault | status of the page | the wish afterwards | health of the account | what a person reads there

The page is the one the person asked for; where nobody waits it is the list, opened afterwards.
"""

ADD = """
refused         | 200 | waiting | unreachable | We’ll send it when TorBox is back.
time-out        | 200 | unsure  | unreachable | hasn’t responded since
half an answer  | 200 | unsure  | unreachable | hasn’t responded since
truncated JSON  | 200 | unsure  | ok          | Waiting to send
HTML 502        | 200 | unsure  | unreachable | has been returning errors since
bare 500        | 200 | unsure  | unreachable | has been returning errors since
TorBox's 500    | 200 | waiting | ok          | TorBox ran into a problem with it
429             | 200 | waiting | ok          | TorBox asked us to slow down. Next try:
429 with a time | 200 | waiting | ok          | TorBox asked us to slow down. Next try:
403 key         | 200 | waiting | rejected    | Waiting for a new API key
403 plan        | 200 | failed  | ok          | Plan does not include this feature.
422             | 200 | failed  | ok          | id: Field required
no verdict      | 200 | unsure  | ok          | Waiting to send
wrong types     | 200 | unsure  | ok          | Waiting to send
empty           | 200 | unsure  | ok          | Waiting to send
100 MB          | 200 | unsure  | ok          | Waiting to send
"""

CACHE_CHECK_BEFORE_SENDING = """
refused         | 200 | waiting | unreachable | We’ll send it when TorBox is back.
time-out        | 200 | waiting | unreachable | We’ll send it when TorBox is back.
half an answer  | 200 | waiting | unreachable | We’ll send it when TorBox is back.
truncated JSON  | 200 | done    | ok          | Finding files
HTML 502        | 200 | waiting | unreachable | We’ll send it when TorBox is back.
bare 500        | 200 | waiting | unreachable | We’ll send it when TorBox is back.
TorBox's 500    | 200 | done    | ok          | Finding files
429             | 200 | done    | ok          | Finding files
429 with a time | 200 | done    | ok          | Finding files
403 key         | 200 | waiting | rejected    | Waiting for a new API key
403 plan        | 200 | done    | ok          | Finding files
422             | 200 | done    | ok          | Finding files
no verdict      | 200 | done    | ok          | Finding files
wrong types     | 200 | done    | ok          | Finding files
empty           | 200 | done    | ok          | Finding files
100 MB          | 200 | done    | ok          | Finding files
"""

# Pausing and starting may be repeated without harm, so an answer that was lost is asked for again.
PAUSE = """
refused         | 200 | waiting | unreachable | Pausing…
time-out        | 200 | waiting | unreachable | Pausing…
half an answer  | 200 | waiting | unreachable | Pausing…
truncated JSON  | 200 | waiting | ok          | Pausing…
HTML 502        | 200 | waiting | unreachable | Pausing…
bare 500        | 200 | waiting | unreachable | Pausing…
TorBox's 500    | 200 | waiting | ok          | Pausing…
429             | 200 | waiting | ok          | Pausing…
429 with a time | 200 | waiting | ok          | Pausing…
403 key         | 200 | waiting | rejected    | Pausing…
403 plan        | 200 | failed  | ok          | Couldn’t pause it. Plan does not include this feature.
422             | 200 | failed  | ok          | Couldn’t pause it. id: Field required
no verdict      | 200 | waiting | ok          | Pausing…
wrong types     | 200 | done    | ok          | Paused
empty           | 200 | waiting | ok          | Pausing…
100 MB          | 200 | waiting | ok          | Pausing…
"""

START = """
refused         | 200 | waiting | unreachable | Starting…
time-out        | 200 | waiting | unreachable | Starting…
half an answer  | 200 | waiting | unreachable | Starting…
truncated JSON  | 200 | waiting | ok          | Starting…
HTML 502        | 200 | waiting | unreachable | Starting…
bare 500        | 200 | waiting | unreachable | Starting…
TorBox's 500    | 200 | waiting | ok          | Starting…
429             | 200 | waiting | ok          | Starting…
429 with a time | 200 | waiting | ok          | Starting…
403 key         | 200 | waiting | rejected    | Starting…
403 plan        | 200 | failed  | ok          | Couldn’t start it. Plan does not include this feature.
422             | 200 | failed  | ok          | Couldn’t start it. id: Field required
no verdict      | 200 | waiting | ok          | Starting…
wrong types     | 200 | done    | ok          | Downloading
empty           | 200 | waiting | ok          | Starting…
100 MB          | 200 | waiting | ok          | Starting…
"""

# Deleting takes a row off the list at once; a refusal brings it back with the reason.
DELETE = """
refused         | 200 | waiting | unreachable | No torrents yet
time-out        | 200 | waiting | unreachable | No torrents yet
half an answer  | 200 | waiting | unreachable | No torrents yet
truncated JSON  | 200 | waiting | ok          | No torrents yet
HTML 502        | 200 | waiting | unreachable | No torrents yet
bare 500        | 200 | waiting | unreachable | No torrents yet
TorBox's 500    | 200 | waiting | ok          | No torrents yet
429             | 200 | waiting | ok          | No torrents yet
429 with a time | 200 | waiting | ok          | No torrents yet
403 key         | 200 | waiting | rejected    | No torrents yet
403 plan        | 200 | failed  | ok          | Couldn’t delete it. Plan does not include this feature.
422             | 200 | failed  | ok          | Couldn’t delete it. id: Field required
no verdict      | 200 | waiting | ok          | No torrents yet
wrong types     | 200 | done    | ok          | No torrents yet
empty           | 200 | waiting | ok          | No torrents yet
100 MB          | 200 | waiting | ok          | No torrents yet
"""

# TorBox's own "all". Without an answer the wish is kept for each torrent.
EVERYTHING = """
refused         | 200 | waiting | unreachable | TorBox isn’t responding. We’ll pause
time-out        | 200 | waiting | unreachable | TorBox isn’t responding. We’ll pause
half an answer  | 200 | waiting | unreachable | TorBox isn’t responding. We’ll pause
truncated JSON  | 200 | waiting | ok          | TorBox isn’t responding. We’ll pause
HTML 502        | 200 | waiting | unreachable | TorBox isn’t responding. We’ll pause
bare 500        | 200 | waiting | unreachable | TorBox isn’t responding. We’ll pause
TorBox's 500    | 200 | waiting | ok          | TorBox isn’t responding. We’ll pause
429             | 200 | waiting | ok          | TorBox isn’t responding. We’ll pause
429 with a time | 200 | waiting | ok          | TorBox isn’t responding. We’ll pause
403 key         | 409 | -       | rejected    | rejected this account’s API key
403 plan        | 409 | -       | ok          | Plan does not include this feature.
422             | 409 | -       | ok          | id: Field required
no verdict      | 200 | waiting | ok          | TorBox isn’t responding. We’ll pause
wrong types     | 200 | -       | ok          | Paused all torrents
empty           | 200 | waiting | ok          | TorBox isn’t responding. We’ll pause
100 MB          | 200 | waiting | ok          | TorBox isn’t responding. We’ll pause
"""
