"""`make screenshots`: every page and state of the demo household, at two widths, light and dark, into screenshots/.

Names of states make only those. With --readme also those of the README and docs/arr.md, made small, into docs/images/.
With --languages the pages that differ most, in every language there is, into a folder for each.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from localization import languages
from simulator.scenarios import DEMO_KEYS
from tests.browser.conftest import ARGS, CHROMIUM, ROOT, Stack, run_stack, sign_in
from tests.browser.conftest import PASSWORD as FIRST_PASSWORD
from tests.browser.saving_jobs import FILM as SAVED_FILM
from tests.browser.saving_jobs import PAUSED, SAVER, save_in_every_state
from tests.browser.sharing import COMING, EXPIRED, FILM, LOCKED, SHARED, share_in_every_way
from tests.browser.states import (
    HASH,
    account,
    add_channel,
    begun,
    bell,
    cancel_all_of_folder,
    cancel_dialog,
    channel_form,
    dialog,
    disconnect,
    folder_form,
    in_menu,
    looked_up,
    new_playlist,
    nothing,
    one_being_saved,
    remove_folder,
    row_menu,
    rule_form,
    save_dialog,
    save_several_dialog,
    share_code,
    share_player,
    stale_form,
    submit,
    tab_saving,
    token_made,
    usage,
    use_folder_again,
    wrong_hours,
    wrong_link_password,
)
from tests.browser.telling import tell_every_kind

PASSWORD = "demo-demo-demo"  # of seeddemo
WIDTHS, THEMES = {1280: 900, 390: 844}, ("light", "dark")
FOLDER, IMAGES = ROOT / "screenshots", ROOT / "docs" / "images"
PASTE = (
    f"magnet:?xt=urn:btih:{HASH}&dn=Sintel\n"
    "magnet:?xt=urn:btih:dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c&dn=Big+Buck+Bunny\n"
    "c9e15763f722f23e98a29decdfae341b98d53056\nnot a magnet, a stray line"
)
COUNT = "from torrents.models import Torrent; print(Torrent.objects.exclude(row_digest='').count())"
ADDED_BY = """from accounts.models import User; from torrents.models import Torrent
for row in Torrent.objects.all():
    Torrent.objects.filter(pk=row.pk).update(added_by=User.objects.get(username=["mara", "jon"][row.pk % 3 == 0]))"""
README = {
    "list": "files-1280-light",
    "preview": "preview-1280-light",
    "dark": "list-1280-dark",
    "phone": "list-390-light",
    "api": "api-1280-light",
}


def main(options: set[str], names: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    with run_stack("household", prepare=("seeddemo",), saves=True) as stack, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        prepare(stack)
        if "--languages" in options:
            save_films(stack, browser)
            there_are = FINE | SAVING
            for language in languages.there_are(ROOT / "locale"):
                shoot(stack, browser, {name: there_are[name] for name in names or IN_ALL_LANGUAGES}, language)
        else:
            groups = (
                (FINE, nothing_yet),
                (TOLD, add_channels),
                (SHARED, make_links),
                (SAVING, save_films),
                (REFUSED, refuse_the_key),
                (OUTAGE, stop_torbox),
            )
            for states, begin in groups:
                wanted = {name: state for name, state in states.items() if name in names or not names}
                if wanted:
                    begin(stack, browser)
                    shoot(stack, browser, wanted)
        browser.close()
    for name, source in README.items() if "--readme" in options else ():
        shrink(FOLDER / f"{source}.png", IMAGES / f"{name}.png")


def prepare(stack: Stack) -> None:
    """Add a person without torrents and one without an account. Every list is read, and every torrent has an adder."""
    for name in ("nora", "omar"):
        stack.manage("createperson", name, line=f"{PASSWORD}\n")
    stack.manage("connect", "nora", line=f"{DEMO_KEYS['spare']}\n")
    deadline = time.monotonic() + 60
    while int(stack.manage("shell", "-v", "0", "-c", COUNT)) < 30 and time.monotonic() < deadline:
        time.sleep(1)
    stack.manage("shell", "-v", "0", "-c", ADDED_BY)
    tell_every_kind(stack, "mara")
    share_in_every_way(stack, "jon", "Night of", "(1968).mp4", coming="Fedora")


def shoot(stack: Stack, browser: Browser, states: dict[str, State], language: str = "") -> None:
    for width, height in WIDTHS.items():
        for theme in THEMES:
            sessions: dict[str, Page] = {}
            options = {"viewport": {"width": width, "height": height}, "color_scheme": theme}
            for name, (person, address, reach) in states.items():
                if person not in sessions:
                    sessions[person] = signed_in(stack, browser, person, language, **options)
                with fresh(sessions[person]) as page:
                    page.goto(address)
                    reach(page)
                    page.wait_for_load_state("networkidle")
                    picture = FOLDER / language / f"{name}-{width}-{theme}.png"
                    page.screenshot(path=picture)
                    print(picture.relative_to(FOLDER), flush=True)
            for session in sessions.values():
                session.context.close()


def signed_in(stack: Stack, browser: Browser, person: str, language: str = "", **options: Any) -> Page:
    context = browser.new_context(
        base_url=stack.url,
        service_workers="block",
        reduced_motion="reduce",
        locale=language or "en-US",
        **options,
    )
    page = context.new_page()
    if person:
        sign_in(page, person, FIRST_PASSWORD if person == SAVER else PASSWORD)
    return page


@contextmanager
def fresh(session: Page) -> Iterator[Page]:
    page = session.context.new_page()
    yield page
    page.close()


def pasted(page: Page) -> None:
    page.fill("#add-text", PASTE)
    page.locator(".preview-row:not([data-kind=skipped])").nth(2).wait_for()
    expect(page.locator(".preview-row[hx-get]")).to_have_count(0)
    page.locator("#add-text").evaluate("it => { it.scrollTop = 0; it.blur(); }")


def opened(page: Page) -> None:
    page.locator(".row-title", has_text="Les Voyages").click()
    page.locator(".files").wait_for()
    for name in ("Les Voyages", "Caruso"):
        page.locator(".row", has_text=name).locator(".row-check[name=ids]").check()
    page.evaluate("scrollTo(0, 0)")


def selected(page: Page) -> None:
    for number in (3, 5):
        page.locator(".row-check[name=ids]").nth(number).check()


def tagging(page: Page) -> None:
    selected(page)
    page.locator("#tag-selected").click()
    page.locator("tag-picker").wait_for()


def renaming(page: Page) -> None:
    in_menu(page, "Caruso", "/rename/")
    dialog(page)


def asked(page: Page) -> None:
    in_menu(page, "Caruso", "/remove/")
    dialog(page)


def menu(page: Page) -> None:
    row_menu(page, "Caruso")


def links(page: Page) -> None:
    opened(page)
    page.locator(".file [formaction$='/link/']").first.click()
    dialog(page)


def dropping(page: Page) -> None:
    page.evaluate("document.dispatchEvent(new DragEvent('dragover', { bubbles: true, cancelable: true }))")


def used(page: Page) -> None:
    usage(page)
    page.locator(".usage-table > summary").click()
    page.evaluate("scrollTo(0, 0)")


def one(page: Page) -> None:
    page.goto(page.locator(".row-title", has_text="Cosmos Laundromat").get_attribute("href") or "")


def searched(page: Page) -> None:
    page.fill("#search", "no such name")
    expect(page.locator(".row")).to_have_count(0)


def view_asked(page: Page) -> None:
    page.locator("#save-view").click()
    dialog(page)


def wrong_key(page: Page) -> None:
    page.fill("[name=api_key]", "00000000-0000-4000-8000-000000000000")
    submit(page, "/torbox/connect/")
    page.locator("[role=alert]").wait_for()


def checked(page: Page) -> None:
    page.fill("[name=text]", PASTE)
    submit(page, "/check/")
    page.locator(".raw").wait_for()


def broken(page: Page) -> None:
    """The page of a fault of ours, which nothing here can cause."""
    page.route(
        "**/broken/", lambda route: route.fulfill(status=500, body=BROKEN[0], content_type="text/html")
    )
    page.goto("/broken/")


def no_link(page: Page) -> None:
    href = page.locator(".split-button a").first.get_attribute("href")
    page.goto(href or "")


def at_the_end(page: Page) -> None:
    page.evaluate("scrollTo(0, document.body.scrollHeight)")


def nothing_yet(stack: Stack, browser: Browser) -> None:
    code = "from django.template.loader import render_to_string; print(render_to_string('500.html'))"
    BROKEN.append(stack.manage("shell", "-v", "0", "-c", code))


def add_channels(stack: Stack, browser: Browser) -> None:
    stack.manage("shell", "-v", "0", "-c", CHANNELS)


def refuse_the_key(stack: Stack, browser: Browser) -> None:
    stack.sim.control.rotate(DEMO_KEYS["jon"], "11111111-1111-4111-8111-111111111111")
    page = signed_in(stack, browser, "jon")
    refused = page.get_by_role("link", name="Enter a new API key")
    refused.or_(page.locator("#refresh:enabled")).first.wait_for(timeout=60_000)
    if not refused.count():
        page.locator("#refresh").click()
    refused.wait_for(timeout=60_000)
    page.context.close()


def stop_torbox(stack: Stack, browser: Browser) -> None:
    stack.sim.stop()
    page = signed_in(stack, browser, "mara")
    page.fill("#add-text", PASTE)
    page.get_by_text("We couldn’t check what’s cached").wait_for()
    page.context.close()


def make_links(stack: Stack, browser: Browser) -> None:
    stack.manage("shell", "-v", "0", "-c", LINKS)


def save_films(stack: Stack, browser: Browser) -> None:
    save_in_every_state(stack, {PAUSED: 58, SAVED_FILM: 43})


def set_up_for_sonarr(page: Page) -> None:
    token_made(page)
    page.locator(".category-row select").select_option(index=1)


def asked_where_to_save(page: Page) -> None:
    in_menu(page, "Caruso", "/save/")
    dialog(page)


def asked_to_share(page: Page) -> None:
    in_menu(page, "Caruso", "/share/")
    dialog(page)


def shared(page: Page) -> None:
    in_menu(page, "Cosmos Laundromat", "/share/")
    page.locator(".made .qr").wait_for()


def revoke_all_asked(page: Page) -> None:
    page.locator("#links-head [hx-get$='/revoke-all/']").click()
    dialog(page)


def empty_bell(page: Page) -> None:
    page.locator("#bell").click()
    page.locator("#notes .empty").wait_for()


BROKEN: list[str] = []
State = tuple[str, str, Callable[[Page], None]]
FINE: dict[str, State] = {
    "sign-in": ("", "/sign-in/", nothing),
    "list": ("mara", "/", nothing),
    "expiring": ("mara", "/?tab=expiring", nothing),
    "preview": ("mara", "/", pasted),
    "dropping": ("mara", "/", dropping),
    "files": ("mara", "/", opened),
    "selection": ("mara", "/", selected),
    "menu": ("mara", "/", menu),
    "tagging": ("mara", "/", tagging),
    "renaming": ("mara", "/", renaming),
    "dialog": ("mara", "/", asked),
    "links": ("mara", "/", links),
    "no-result": ("mara", "/", searched),
    "filtered": ("mara", "/?tag=Films", nothing),
    "save-view": ("mara", "/?tag=Films&sort=largest", view_asked),
    "one-torrent": ("mara", "/", one),
    "bell": ("mara", "/", bell),
    "notifications": ("mara", "/notifications/?muted=1", nothing),
    "empty-bell": ("nora", "/", empty_bell),
    "linked": ("mara", "/add/?url=magnet:?xt=urn:btih:08ada5a7a6183aae1e09d831df6748d566095a10", nothing),
    "all-options": ("mara", "/add/", nothing),
    "check": ("mara", "/check/", checked),
    "look-up": ("mara", "/lookup/", looked_up),
    "everything": ("mara", "/everything/", nothing),
    "deleted": ("mara", "/deleted/", nothing),
    "status": ("mara", "/status/", nothing),
    "household": ("mara", "/people/", nothing),
    "settings": ("mara", "/me/", nothing),
    "profile": ("mara", "/me/profile/", nothing),
    "security": ("mara", "/me/security/", nothing),
    "sessions": ("mara", "/me/sessions/", nothing),
    "torbox-accounts": ("mara", "/me/torbox/", nothing),
    "this-browser": ("mara", "/me/browser/", nothing),
    "your-data": ("mara", "/me/data/", nothing),
    "delete-me": ("mara", "/me/delete/", nothing),
    "account": ("mara", "/me/torbox/", account),
    "usage": ("mara", "/me/torbox/", used),
    "disconnect": ("mara", "/me/torbox/", disconnect),
    "password": ("mara", "/me/password/", nothing),
    "sign-out": ("mara", "/sign-out/", nothing),
    "empty": ("nora", "/", nothing),
    "first-key": ("omar", "/", nothing),
    "connect": ("omar", "/torbox/connect/", wrong_key),
    "not-found": ("mara", "/nowhere/", nothing),
    "stale-form": ("mara", "/me/profile/", stale_form),
    "offline": ("", "/offline/", nothing),
    "nothing-saving": ("mara", "/?tab=saving", nothing),
    "no-folders": ("mara", "/settings/saving/", nothing),
    "no-folder-to-save-to": ("mara", "/", asked_where_to_save),
    "share-page": ("", f"/l/{SHARED}/", nothing),
    "share-code": ("", f"/l/{SHARED}/", share_code),
    "share-file": ("", f"/l/{FILM}/", nothing),
    "share-not-ready": ("", f"/l/{COMING}/", nothing),
    "share-player": ("", f"/l/{SHARED}/", share_player),
    "share-password": ("", f"/l/{LOCKED}/", nothing),
    "share-wrong-password": ("", f"/l/{LOCKED}/", wrong_link_password),
    "share-expired": ("", f"/l/{EXPIRED}/", nothing),
}
SAVING: dict[str, State] = {
    "api": (SAVER, "/me/api/new/", set_up_for_sonarr),
    "saving": (SAVER, "/?tab=saving", begun),
    "saving-in-the-list": (SAVER, "/", begun),
    "saving-menu": (SAVER, "/?tab=saving", tab_saving),
    "saving-detail": (SAVER, "/", one_being_saved),
    "save-dialog": (SAVER, "/", save_several_dialog),
    "save-one": (SAVER, "/", save_dialog),
    "cancel-saving": (SAVER, "/?tab=saving", cancel_dialog),
    "saving-settings": (SAVER, "/settings/saving/", nothing),
    "saving-rules": (SAVER, "/settings/saving/", at_the_end),
    "wrong-hours": (SAVER, "/settings/saving/", wrong_hours),
    "folder-form": (SAVER, "/settings/saving/", folder_form),
    "remove-folder": (SAVER, "/settings/saving/", remove_folder),
    "cancel-folder": (SAVER, "/settings/saving/", cancel_all_of_folder),
    "use-folder-again": (SAVER, "/settings/saving/", use_folder_again),
    "rule-form": (SAVER, "/settings/saving/", rule_form),
    "saving-status": (SAVER, "/status/", nothing),
    "saving-status-end": (SAVER, "/status/", at_the_end),
}
IN_ALL_LANGUAGES = (
    "list",
    "preview",
    "one-torrent",
    "settings",
    "status",
    "saving",
    "save-dialog",
    "saving-settings",
)
CHANNELS = """from datetime import time, timedelta; from django.utils import timezone; from accounts.models import User
from notifications.models import Channel, NotificationSettings; from notifications.services import channels
mara = User.objects.get(username="mara")
channels.add(mara, "ntfy", {"topic": "torbox-8fH2kqx7Kq"})
channels.add(mara, "pushover", {"user": "u" * 30, "token": "a" * 30})
url = "https://discord.com/api/webhooks/123456789/a-secret-token-ab12"
family = channels.add(mara, "discord", {"url": url}, label="Family Discord", household=True)
since = timezone.now() - timedelta(days=3)
fails = {"failing_since": since, "failures": 3, "trouble": "refused", "upstream_detail": "Unknown webhook"}
Channel.objects.filter(pk=family.pk).update(**fails)
quiet = {"quiet_from": time(22), "quiet_until": time(7), "summary": "weekly"}
NotificationSettings.objects.update_or_create(person=mara, defaults=quiet)"""
LINKS = """from datetime import timedelta; from django.utils import timezone; from accounts.models import User
from links.models import LastingLink; from links.services import making; from torrents.models import Torrent
now, days = timezone.now(), lambda count: timedelta(days=count)
mara, jon = (User.objects.get(username=name) for name in ("mara", "jon"))
def torrent(name): return Torrent.objects.filter(name__startswith=name, account__owner=mara).first()
def share(person, name, ago, used, uses, **more):
    more = {"expires_at": now + days(30) - ago} | more
    link = making.share(person=person, torrent=torrent(name), **more).link
    LastingLink.objects.filter(pk=link.pk).update(created_at=now - ago, last_used_at=used and now - used, uses=uses)
def lasting(kind, name, tag, ago, uses):
    link = making.make_list(person=mara, kind=kind, name=name, query={"tag": [tag]}, expires_at=None).link
    LastingLink.objects.filter(pk=link.pk).update(last_used_at=now - ago, uses=uses)
share(mara, "Cosmos", timedelta(seconds=1), None, 0)
share(mara, "Night of", days(2), timedelta(hours=2), 6)
share(mara, "Les Voyages", days(16), days(1), 3, max_uses=10, password="a password")
share(mara, "ubuntu", days(35), days(10), 2, expires_at=now - days(5))
share(jon, "linuxmint", days(6), days(3), 1)
lasting("playlist", "Films playlist", "Films", timedelta(minutes=12), 41)
lasting("podcast", "Books podcast", "Books", timedelta(hours=1), 118)"""
TOLD: dict[str, State] = {
    "notification-settings": ("mara", "/me/notifications/", nothing),
    "household-channel": ("jon", "/me/notifications/", nothing),
    "add-channel": ("mara", "/me/notifications/", add_channel),
    "new-channel": ("mara", "/me/notifications/", channel_form),
    "failing-channels": ("mara", "/status/", at_the_end),
}
SHARED: dict[str, State] = {
    "share": ("mara", "/", asked_to_share),
    "shared": ("mara", "/", shared),
    "links-page": ("mara", "/me/links/", nothing),
    "links-policy": ("mara", "/me/links/", at_the_end),
    "new-playlist": ("mara", "/me/links/", new_playlist),
    "revoke-all-links": ("mara", "/me/links/", revoke_all_asked),
    "no-links": ("nora", "/me/links/", nothing),
}
REFUSED: dict[str, State] = {
    "key-refused": ("jon", "/", nothing),
    "new-key": ("jon", "/", lambda page: page.get_by_role("link", name="Enter a new API key").click()),
}
OUTAGE: dict[str, State] = {
    "outage": ("mara", "/", nothing),
    "no-link": ("mara", "/", no_link),
    "broken": ("mara", "/", broken),
}


def shrink(source: Path, target: Path) -> None:
    """A picture of few colours, since it is made of few."""
    Image.open(source).convert("RGB").quantize(160, dither=Image.Dither.NONE).save(target, optimize=True)
    print(target.relative_to(ROOT), target.stat().st_size)


if __name__ == "__main__":
    words = sys.argv[1:]
    main({word for word in words if word.startswith("--")}, [word for word in words if word[:2] != "--"])
