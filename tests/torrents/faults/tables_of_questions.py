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
429             | 429 | - | ok          | TorBox asks us to slow down
429 with a time | 429 | - | ok          | TorBox asks us to slow down
403 key         | 409 | - | rejected    | does not accept this account’s key
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
429             | 429 | - | ok          | TorBox asks us to slow down
429 with a time | 429 | - | ok          | TorBox asks us to slow down
403 key         | 409 | - | rejected    | does not accept this account’s key
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
refused         | 200 | - | unreachable | has not answered since
time-out        | 200 | - | unreachable | has not answered since
half an answer  | 200 | - | unreachable | has not answered since
truncated JSON  | 200 | - | unreachable | has not answered since
HTML 502        | 200 | - | unreachable | has not answered since
bare 500        | 200 | - | unreachable | has not answered since
TorBox's 500    | 200 | - | unreachable | has not answered since
429             | 200 | - | ok          | Updated
429 with a time | 200 | - | ok          | Updated
403 key         | 200 | - | rejected    | TorBox refuses the key of
403 plan        | 200 | - | limited     | Plan does not include this feature.
422             | 200 | - | limited     | id: Field required
no verdict      | 200 | - | unreachable | has not answered since
wrong types     | 200 | - | unreachable | has not answered since
empty           | 200 | - | unreachable | has not answered since
100 MB          | 200 | - | unreachable | has not answered since
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
429             | 429 | - | ok          | Try again in a minute
429 with a time | 429 | - | ok          | Try again in
403 key         | 409 | - | rejected    | does not accept
403 plan        | 409 | - | ok          | Plan does not include this feature.
422             | 409 | - | ok          | Field required
no verdict      | 502 | - | ok          | Try again in a moment
wrong types     | 502 | - | ok          | Try again in a moment
empty           | 502 | - | ok          | Try again in a moment
100 MB          | 502 | - | ok          | Try again in a moment
"""


PREVIEW = """
refused         | 200 | - | unreachable | TorBox cannot be asked just now
time-out        | 200 | - | unreachable | TorBox cannot be asked just now
half an answer  | 200 | - | unreachable | TorBox cannot be asked just now
truncated JSON  | 200 | - | ok          | TorBox cannot be asked just now
HTML 502        | 200 | - | unreachable | TorBox cannot be asked just now
bare 500        | 200 | - | unreachable | TorBox cannot be asked just now
TorBox's 500    | 200 | - | ok          | TorBox cannot be asked just now
429             | 200 | - | ok          | TorBox cannot be asked just now
429 with a time | 200 | - | ok          | TorBox cannot be asked just now
403 key         | 200 | - | rejected    | TorBox cannot be asked just now
403 plan        | 200 | - | ok          | TorBox cannot be asked just now
422             | 200 | - | ok          | TorBox cannot be asked just now
no verdict      | 200 | - | ok          | TorBox cannot be asked just now
wrong types     | 200 | - | ok          | TorBox cannot be asked just now
empty           | 200 | - | ok          | TorBox cannot be asked just now
100 MB          | 200 | - | ok          | TorBox cannot be asked just now
"""

CACHE_PAGE = PREVIEW.replace("TorBox cannot be asked just now", "TorBox could not be asked just now")

LOOK_UP = """
refused         | 200 | - | unreachable | TorBox could not be reached
time-out        | 200 | - | unreachable | TorBox could not be reached
half an answer  | 200 | - | unreachable | TorBox did not answer
truncated JSON  | 200 | - | ok          | could not be understood
HTML 502        | 200 | - | unreachable | TorBox is having trouble
bare 500        | 200 | - | unreachable | TorBox is having trouble
TorBox's 500    | 200 | - | ok          | Please try again later.
429             | 200 | - | ok          | slow down
429 with a time | 200 | - | ok          | slow down
403 key         | 200 | - | rejected    | Token is invalid.
403 plan        | 200 | - | ok          | Plan does not include this feature.
422             | 200 | - | ok          | id: Field required
no verdict      | 200 | - | ok          | could not be understood
wrong types     | 200 | - | ok          | could not be understood
empty           | 200 | - | ok          | could not be understood
100 MB          | 200 | - | ok          | larger than any real answer
"""

# Nothing is stored, so there is no account whose health could change.
CONNECT = """
refused         | 422 | - | - | neither checked nor saved
time-out        | 422 | - | - | neither checked nor saved
half an answer  | 422 | - | - | neither checked nor saved
truncated JSON  | 422 | - | - | neither checked nor saved
HTML 502        | 422 | - | - | neither checked nor saved
bare 500        | 422 | - | - | neither checked nor saved
TorBox's 500    | 422 | - | - | neither checked nor saved
429             | 422 | - | - | neither checked nor saved
429 with a time | 422 | - | - | neither checked nor saved
403 key         | 422 | - | - | TorBox does not know this key
403 plan        | 422 | - | - | its plan does not include the API
422             | 422 | - | - | neither checked nor saved
no verdict      | 422 | - | - | neither checked nor saved
wrong types     | 422 | - | - | neither checked nor saved
empty           | 422 | - | - | neither checked nor saved
100 MB          | 422 | - | - | neither checked nor saved
"""

# Read along with the list once a day. The list has just been read, so only the end of a connection is an outage.
PLAN = """
refused         | 200 | - | unreachable | has not answered since
time-out        | 200 | - | unreachable | has not answered since
half an answer  | 200 | - | unreachable | has not answered since
truncated JSON  | 200 | - | ok          | Updated
HTML 502        | 200 | - | unreachable | has not answered since
bare 500        | 200 | - | unreachable | has not answered since
TorBox's 500    | 200 | - | ok          | Updated
429             | 200 | - | ok          | Updated
429 with a time | 200 | - | ok          | Updated
403 key         | 200 | - | rejected    | TorBox refuses the key of
403 plan        | 200 | - | ok          | Updated
422             | 200 | - | ok          | Updated
no verdict      | 200 | - | ok          | Updated
wrong types     | 200 | - | ok          | Updated
empty           | 200 | - | ok          | Updated
100 MB          | 200 | - | ok          | Updated
"""
