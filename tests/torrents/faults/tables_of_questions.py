"""What the app answers to each fault when TorBox is asked something, one table for each.

fault | status of the page | the wish afterwards | health of the account | what a person reads there

The page is the one the person asked for; where nobody waits it is the list, opened afterwards.
"""

DOWNLOAD = """
refused         | 502 | - | unreachable | Try again in a moment
time-out        | 502 | - | unreachable | Try again in a moment
half an answer  | 502 | - | unreachable | Try again in a moment
truncated JSON  | 502 | - | ok          | Try again in a moment
HTML 502        | 502 | - | unreachable | Try again in a moment
bare 500        | 502 | - | unreachable | Try again in a moment
TorBox's 500    | 502 | - | ok          | Try again in a moment
429             | 429 | - | ok          | Too many requests to TorBox
429 with a time | 429 | - | ok          | Too many requests to TorBox
403 key         | 409 | - | rejected    | rejected this account’s API key
403 plan        | 409 | - | ok          | Plan does not include this feature.
422             | 409 | - | ok          | id: Field required
no verdict      | 502 | - | ok          | Try again in a moment
wrong types     | 502 | - | ok          | Try again in a moment
empty           | 502 | - | ok          | Try again in a moment
100 MB          | 502 | - | ok          | Try again in a moment
"""

TORRENT_FILE = """
refused         | 502 | - | unreachable | Try again in a moment
time-out        | 502 | - | unreachable | Try again in a moment
half an answer  | 502 | - | unreachable | Try again in a moment
truncated JSON  | 502 | - | ok          | Try again in a moment
HTML 502        | 502 | - | unreachable | Try again in a moment
bare 500        | 502 | - | unreachable | Try again in a moment
TorBox's 500    | 502 | - | ok          | Try again in a moment
429             | 429 | - | ok          | Too many requests to TorBox
429 with a time | 429 | - | ok          | Too many requests to TorBox
403 key         | 409 | - | rejected    | rejected this account’s API key
403 plan        | 200 | - | ok          | d8:announce
422             | 200 | - | ok          | d8:announce
no verdict      | 502 | - | ok          | Try again in a moment
wrong types     | 502 | - | ok          | Try again in a moment
empty           | 502 | - | ok          | Try again in a moment
100 MB          | 502 | - | ok          | Try again in a moment
"""

# There is always a magnet to give: the one it was added with.
MAGNET = """
refused         | 200 | - | unreachable | magnet:?xt=urn:btih:
time-out        | 200 | - | unreachable | magnet:?xt=urn:btih:
half an answer  | 200 | - | unreachable | magnet:?xt=urn:btih:
truncated JSON  | 200 | - | ok          | magnet:?xt=urn:btih:
HTML 502        | 200 | - | unreachable | magnet:?xt=urn:btih:
bare 500        | 200 | - | unreachable | magnet:?xt=urn:btih:
TorBox's 500    | 200 | - | ok          | magnet:?xt=urn:btih:
429             | 200 | - | ok          | magnet:?xt=urn:btih:
429 with a time | 200 | - | ok          | magnet:?xt=urn:btih:
403 key         | 200 | - | rejected    | magnet:?xt=urn:btih:
403 plan        | 200 | - | ok          | magnet:?xt=urn:btih:
422             | 200 | - | ok          | magnet:?xt=urn:btih:
no verdict      | 200 | - | ok          | magnet:?xt=urn:btih:
wrong types     | 200 | - | ok          | magnet:?xt=urn:btih:
empty           | 200 | - | ok          | magnet:?xt=urn:btih:
100 MB          | 200 | - | ok          | magnet:?xt=urn:btih:
"""

LIST = """
refused         | 200 | - | unreachable | hasn’t responded since
time-out        | 200 | - | unreachable | hasn’t responded since
half an answer  | 200 | - | unreachable | hasn’t responded since
truncated JSON  | 200 | - | unreachable | has been sending responses we can’t read since
HTML 502        | 200 | - | unreachable | has been returning errors since
bare 500        | 200 | - | unreachable | has been returning errors since
TorBox's 500    | 200 | - | unreachable | has been returning errors since
429             | 200 | - | ok          | Updated
429 with a time | 200 | - | ok          | Updated
403 key         | 200 | - | rejected    | TorBox rejected the API key for
403 plan        | 200 | - | limited     | Plan does not include this feature.
422             | 200 | - | limited     | id: Field required
no verdict      | 200 | - | unreachable | has been sending responses we can’t read since
wrong types     | 200 | - | unreachable | has been sending responses we can’t read since
empty           | 200 | - | unreachable | has been sending responses we can’t read since
100 MB          | 200 | - | unreachable | has been sending responses we can’t read since
"""

# Asked on the torrent's own page: a sentence, and what was last seen stays.
ONE_BY_ID = """
refused         | 502 | - | unreachable | Try again in a moment
time-out        | 502 | - | unreachable | Try again in a moment
half an answer  | 502 | - | unreachable | Try again in a moment
truncated JSON  | 502 | - | ok          | Try again in a moment
HTML 502        | 502 | - | unreachable | Try again in a moment
bare 500        | 502 | - | unreachable | Try again in a moment
TorBox's 500    | 502 | - | ok          | Try again in a moment
429             | 429 | - | ok          | Wait a minute and try again
429 with a time | 429 | - | ok          | Try again in
403 key         | 409 | - | rejected    | TorBox rejected
403 plan        | 409 | - | ok          | Plan does not include this feature.
422             | 409 | - | ok          | Field required
no verdict      | 502 | - | ok          | Try again in a moment
wrong types     | 502 | - | ok          | Try again in a moment
empty           | 502 | - | ok          | Try again in a moment
100 MB          | 502 | - | ok          | Try again in a moment
"""


PREVIEW = """
refused         | 200 | - | unreachable | We couldn’t check what’s cached
time-out        | 200 | - | unreachable | We couldn’t check what’s cached
half an answer  | 200 | - | unreachable | We couldn’t check what’s cached
truncated JSON  | 200 | - | ok          | We couldn’t check what’s cached
HTML 502        | 200 | - | unreachable | We couldn’t check what’s cached
bare 500        | 200 | - | unreachable | We couldn’t check what’s cached
TorBox's 500    | 200 | - | ok          | We couldn’t check what’s cached
429             | 200 | - | ok          | We couldn’t check what’s cached
429 with a time | 200 | - | ok          | We couldn’t check what’s cached
403 key         | 200 | - | rejected    | We couldn’t check what’s cached
403 plan        | 200 | - | ok          | We couldn’t check what’s cached
422             | 200 | - | ok          | We couldn’t check what’s cached
no verdict      | 200 | - | ok          | We couldn’t check what’s cached
wrong types     | 200 | - | ok          | We couldn’t check what’s cached
empty           | 200 | - | ok          | We couldn’t check what’s cached
100 MB          | 200 | - | ok          | We couldn’t check what’s cached
"""

LOOK_UP = """
refused         | 200 | - | unreachable | TorBox isn’t responding
time-out        | 200 | - | unreachable | TorBox isn’t responding
half an answer  | 200 | - | unreachable | TorBox isn’t responding
truncated JSON  | 200 | - | ok          | a response we can’t read
HTML 502        | 200 | - | unreachable | TorBox isn’t responding
bare 500        | 200 | - | unreachable | TorBox isn’t responding
TorBox's 500    | 200 | - | ok          | Please try again later.
429             | 200 | - | ok          | Too many requests to TorBox
429 with a time | 200 | - | ok          | Too many requests to TorBox
403 key         | 200 | - | rejected    | Token is invalid.
403 plan        | 200 | - | ok          | Plan does not include this feature.
422             | 200 | - | ok          | id: Field required
no verdict      | 200 | - | ok          | a response we can’t read
wrong types     | 200 | - | ok          | a response we can’t read
empty           | 200 | - | ok          | a response we can’t read
100 MB          | 200 | - | ok          | a response we can’t read
"""

# Nothing is stored, so there is no account whose health could change.
CONNECT = """
refused         | 422 | - | - | nothing was saved
time-out        | 422 | - | - | nothing was saved
half an answer  | 422 | - | - | nothing was saved
truncated JSON  | 422 | - | - | nothing was saved
HTML 502        | 422 | - | - | nothing was saved
bare 500        | 422 | - | - | nothing was saved
TorBox's 500    | 422 | - | - | nothing was saved
429             | 422 | - | - | nothing was saved
429 with a time | 422 | - | - | nothing was saved
403 key         | 422 | - | - | TorBox doesn’t recognize this API key
403 plan        | 422 | - | - | the plan doesn’t include API access
422             | 422 | - | - | nothing was saved
no verdict      | 422 | - | - | nothing was saved
wrong types     | 422 | - | - | nothing was saved
empty           | 422 | - | - | nothing was saved
100 MB          | 422 | - | - | nothing was saved
"""

# Read along with the list once a day. The list has just been read, so only the end of a connection is an outage.
PLAN = """
refused         | 200 | - | unreachable | hasn’t responded since
time-out        | 200 | - | unreachable | hasn’t responded since
half an answer  | 200 | - | unreachable | hasn’t responded since
truncated JSON  | 200 | - | ok          | Updated
HTML 502        | 200 | - | unreachable | has been returning errors since
bare 500        | 200 | - | unreachable | has been returning errors since
TorBox's 500    | 200 | - | ok          | Updated
429             | 200 | - | ok          | Updated
429 with a time | 200 | - | ok          | Updated
403 key         | 200 | - | rejected    | TorBox rejected the API key for
403 plan        | 200 | - | ok          | Updated
422             | 200 | - | ok          | Updated
no verdict      | 200 | - | ok          | Updated
wrong types     | 200 | - | ok          | Updated
empty           | 200 | - | ok          | Updated
100 MB          | 200 | - | ok          | Updated
"""
