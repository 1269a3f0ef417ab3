"""What the app answers to each fault when a wish is carried out, one table for each.

fault | status of the page | the wish afterwards | health of the account | what a person reads there

The page is the one the person asked for; where nobody waits it is the list, opened afterwards.
"""

ADD = """
refused         | 200 | waiting | unreachable | sent as soon as it does
time-out        | 200 | unsure  | unreachable | has not answered since
half an answer  | 200 | unsure  | unreachable | has not answered since
truncated JSON  | 200 | unsure  | ok          | Waiting to send
HTML 502        | 200 | unsure  | unreachable | has not answered since
bare 500        | 200 | unsure  | unreachable | has not answered since
TorBox's 500    | 200 | waiting | ok          | TorBox had trouble with it
429             | 200 | waiting | ok          | TorBox asked us to slow down; next try at
429 with a time | 200 | waiting | ok          | TorBox asked us to slow down; next try at
403 key         | 200 | waiting | rejected    | Waits for a new API key
403 plan        | 200 | failed  | ok          | Plan does not include this feature.
422             | 200 | failed  | ok          | id: Field required
no verdict      | 200 | unsure  | ok          | Waiting to send
wrong types     | 200 | unsure  | ok          | Waiting to send
empty           | 200 | unsure  | ok          | Waiting to send
100 MB          | 200 | unsure  | ok          | Waiting to send
"""

CACHE_CHECK_BEFORE_SENDING = """
refused         | 200 | waiting | unreachable | sent as soon as it does
time-out        | 200 | waiting | unreachable | sent as soon as it does
half an answer  | 200 | waiting | unreachable | sent as soon as it does
truncated JSON  | 200 | done    | ok          | Finding files
HTML 502        | 200 | waiting | unreachable | sent as soon as it does
bare 500        | 200 | waiting | unreachable | sent as soon as it does
TorBox's 500    | 200 | done    | ok          | Finding files
429             | 200 | done    | ok          | Finding files
429 with a time | 200 | done    | ok          | Finding files
403 key         | 200 | waiting | rejected    | Waits for a new API key
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
403 plan        | 200 | failed  | ok          | Pause: Plan does not include this feature.
422             | 200 | failed  | ok          | Pause: id: Field required
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
403 plan        | 200 | failed  | ok          | Start now: Plan does not include this feature.
422             | 200 | failed  | ok          | Start now: id: Field required
no verdict      | 200 | waiting | ok          | Starting…
wrong types     | 200 | done    | ok          | Downloading
empty           | 200 | waiting | ok          | Starting…
100 MB          | 200 | waiting | ok          | Starting…
"""

# Deleting takes a row off the list at once; a refusal brings it back with the reason.
DELETE = """
refused         | 200 | waiting | unreachable | Nothing here yet
time-out        | 200 | waiting | unreachable | Nothing here yet
half an answer  | 200 | waiting | unreachable | Nothing here yet
truncated JSON  | 200 | waiting | ok          | Nothing here yet
HTML 502        | 200 | waiting | unreachable | Nothing here yet
bare 500        | 200 | waiting | unreachable | Nothing here yet
TorBox's 500    | 200 | waiting | ok          | Nothing here yet
429             | 200 | waiting | ok          | Nothing here yet
429 with a time | 200 | waiting | ok          | Nothing here yet
403 key         | 200 | waiting | rejected    | Nothing here yet
403 plan        | 200 | failed  | ok          | Delete: Plan does not include this feature.
422             | 200 | failed  | ok          | Delete: id: Field required
no verdict      | 200 | waiting | ok          | Nothing here yet
wrong types     | 200 | done    | ok          | Nothing here yet
empty           | 200 | waiting | ok          | Nothing here yet
100 MB          | 200 | waiting | ok          | Nothing here yet
"""

# TorBox's own "all". Without an answer the wish is kept for each torrent.
EVERYTHING = """
refused         | 200 | waiting | unreachable | it is kept and done as soon as
time-out        | 200 | waiting | unreachable | it is kept and done as soon as
half an answer  | 200 | waiting | unreachable | it is kept and done as soon as
truncated JSON  | 200 | waiting | ok          | it is kept and done as soon as
HTML 502        | 200 | waiting | unreachable | it is kept and done as soon as
bare 500        | 200 | waiting | unreachable | it is kept and done as soon as
TorBox's 500    | 200 | waiting | ok          | it is kept and done as soon as
429             | 200 | waiting | ok          | it is kept and done as soon as
429 with a time | 200 | waiting | ok          | it is kept and done as soon as
403 key         | 409 | -       | rejected    | does not accept this account’s key
403 plan        | 409 | -       | ok          | Plan does not include this feature.
422             | 409 | -       | ok          | id: Field required
no verdict      | 200 | waiting | ok          | it is kept and done as soon as
wrong types     | 200 | -       | ok          | done for everything
empty           | 200 | waiting | ok          | it is kept and done as soon as
100 MB          | 200 | waiting | ok          | it is kept and done as soon as
"""
