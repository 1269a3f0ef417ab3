"""Every page in every state, and what leads there in any language: by address, name, or class, never by words."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect

from tests.browser import saving_jobs
from tests.browser.conftest import PASSWORD
from tests.browser.sharing import COMING, EXPIRED, HOSTILE, LOCKED, SHARED
from tests.browser.sharing import FILM as FILM_LINK

HASH = "08ada5a7a6183aae1e09d831df6748d566095a10"
MAGNETS = f"magnet:?xt=urn:btih:{HASH}&dn=Sintel\n{'ab' * 20}\nno magnet"
FILM = "Sintel (2010)"


def submit(page: Page, address: str) -> None:
    """Press the button of the form that posts to `address`."""
    page.locator(f"main form[action$='{address}'] button[type=submit]").first.click()


def in_menu(page: Page, name: str, address: str) -> None:
    """Choose what leads to `address` in the menu of the torrent of that name."""
    row_menu(page, name)
    page.locator(".row", has_text=name).locator(f".menu-list [id$='{address}']").click()


def row_menu(page: Page, name: str = FILM) -> None:
    page.locator(".row", has_text=name).locator(".row-actions row-menu > a").click()
    page.locator(".row .menu-list").wait_for()


def dialog(page: Page) -> None:
    page.locator("dialog[open]").wait_for()


def follow(page: Page, link: Locator) -> None:
    with page.expect_navigation():
        link.click()


def nothing(page: Page) -> None:
    """As it opens."""


def preview(page: Page) -> None:
    page.fill("#add-text", MAGNETS)
    expect(page.locator(".preview-row")).to_have_count(3)
    page.locator(".more-options summary").click()


def files(page: Page) -> None:
    page.locator(".row-title", has_text=FILM).click()
    page.locator(".files").wait_for()


def selection(page: Page) -> None:
    page.locator(".row-check").nth(2).check()
    row_menu(page)


def delete_dialog(page: Page) -> None:
    in_menu(page, FILM, "/remove/")
    dialog(page)


def person_menu(page: Page) -> None:
    page.locator(".person summary").click()


def bell(page: Page) -> None:
    page.locator("#bell").click()
    page.locator("#notes .note").first.wait_for()


def tag_chosen(page: Page) -> None:
    follow(page, page.locator(".filters .filter").first)
    page.locator("#save-view").wait_for()


def save_view(page: Page) -> None:
    tag_chosen(page)
    page.locator("#save-view").click()
    dialog(page)


def no_result(page: Page) -> None:
    page.fill("#search", "nothing is called this")
    expect(page.locator(".row")).to_have_count(0)


def connect_error(page: Page) -> None:
    page.fill("[name=api_key]", "not-a-key-at-all")
    submit(page, "/torbox/connect/")
    page.locator("[role=alert]").wait_for()


def looked_up(page: Page) -> None:
    page.fill("[name=hash]", HASH)
    submit(page, "/lookup/")
    page.locator("#lookup-answer form").wait_for()


def checked(page: Page) -> None:
    page.fill("[name=text]", MAGNETS)
    submit(page, "/check/")
    page.locator(".raw").wait_for()


def detail(page: Page) -> None:
    page.goto(page.locator(".row-title", has_text=FILM).get_attribute("href") or "")


def player(page: Page) -> None:
    detail(page)
    href = page.locator(".file", has_text="1080p.mkv").locator("[href$='/play/']").get_attribute("href")
    page.goto(href or "", wait_until="domcontentloaded")
    page.locator("media-player").wait_for()


def delete_page(page: Page) -> None:
    row = page.locator(".row", has_text=FILM).get_attribute("id") or ""
    page.goto(f"/torrents/{row.removeprefix('torrent-')}/remove/")


def confirm(page: Page) -> None:
    """Give the password where a page asks for it because the sign-in was more than five minutes ago."""
    if "/me/confirm/" in page.url:
        page.fill("[name=password]", PASSWORD)
        submit(page, "/me/confirm/")
        page.wait_for_url(lambda url: "/me/confirm/" not in url)


def account(page: Page) -> None:
    follow(page, page.locator(".card-link[href*='/torbox/']:not([href$='/connect/'])").first)


def usage(page: Page) -> None:
    """The Usage page with TorBox's report, and its table open."""
    account(page)
    follow(page, page.locator("main a[href$='/usage/']"))
    page.locator(".chart").wait_for()
    page.locator("#usage:not([hx-get])").wait_for()
    page.locator(".usage-table > summary").click()


def disconnect(page: Page) -> None:
    account(page)
    follow(page, page.locator("main a[href$='/disconnect/']"))
    confirm(page)


def replace_key(page: Page) -> None:
    account(page)
    follow(page, page.locator("main a[href$='/key/']"))
    confirm(page)


def invitation(page: Page) -> None:
    page.locator("[name=role][value=guest]").check()
    submit(page, "/people/invite/")
    page.locator(".qr").wait_for()


def invited(page: Page) -> None:
    """The household page with an invitation on it."""
    page.goto("/people/invite/")
    invitation(page)
    page.goto("/people/")


def one_person(page: Page) -> None:
    named = page.locator(".people-name", has_text="greta")
    follow(page, page.locator(".people-row", has=named).locator("a.icon-only"))
    confirm(page)


def remove_person(page: Page) -> None:
    one_person(page)
    follow(page, page.locator("main a[href$='/delete/']"))


def wrong_password(page: Page) -> None:
    page.fill("[name=password]", "wrong")
    submit(page, "/me/confirm/")
    page.locator(".errorlist").wait_for()


def wrong_code(page: Page) -> None:
    page.fill("[name=code]", "000000")
    submit(page, "/me/app/")
    page.locator(".errorlist").wait_for()


def stale_form(page: Page) -> None:
    page.evaluate(
        "document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach((it) => { it.value = 'x'; })"
    )
    submit(page, "/me/profile/")
    page.locator(".empty-mark").wait_for()


def keys(page: Page) -> None:
    page.keyboard.press("?")
    dialog(page)


def bulk_menu(page: Page) -> None:
    page.locator("#bulk .menu summary").click()


def tag_picker(page: Page) -> None:
    """The tags of two torrents, one of which has a tag."""
    dialog_of_edit(page, "tags")
    page.fill("dialog [name=new]", "Films, Kids")
    page.locator("dialog [type=submit]").click()
    expect(page.locator("dialog")).to_have_count(0)
    for name in (FILM, "Blender Open Movies"):
        page.locator(".row", has_text=name).locator(".row-check").check()
    page.locator("#tag-selected").click()
    page.locator("tag-picker [data-some]").first.wait_for()
    page.locator("tag-picker > input").fill("Fil")


def dialog_of_edit(page: Page, address: str) -> None:
    """Open the dialog with the tags or the name of a torrent."""
    in_menu(page, FILM, f"/{address}/")
    dialog(page)


def tags_dialog(page: Page) -> None:
    dialog_of_edit(page, "tags")


def rename_dialog(page: Page) -> None:
    """The dialog after a name that can't be."""
    dialog_of_edit(page, "rename")
    page.fill("dialog [name=name]", " ")
    page.keyboard.press("Enter")
    page.locator("dialog .errorlist").wait_for()


def replace_dialog(page: Page) -> None:
    for name in (FILM, "Blender Open Movies"):
        page.locator(".row", has_text=name).locator(".row-check").check()
    bulk_menu(page)
    page.locator("#bulk [formaction$='/bulk/rename/']").click()
    page.fill("dialog [name=find]", "e")
    page.locator("dialog .renames li").nth(1).wait_for()


def edit_page(page: Page, address: str, name: str = FILM) -> None:
    row = page.locator(".row", has_text=name).get_attribute("id") or ""
    page.goto(f"/torrents/{row.removeprefix('torrent-')}/{address}/")


def zips(page: Page) -> None:
    for name in (FILM, "Blender Open Movies"):
        page.locator(".row", has_text=name).locator(".row-check").check()
    bulk_menu(page)
    page.locator("#bulk button[value=zips]").click()
    dialog(page)


def links(page: Page) -> None:
    page.locator(".row", has_text=FILM).locator(".row-check").first.check()
    page.locator("#bulk button[value=links]").click()
    dialog(page)


def picked_files(page: Page) -> None:
    files(page)
    page.locator(".files-list .files-check").first.check()
    page.locator(".files-actions summary").first.click()


def channels(page: Page) -> None:
    """The settings of notifications with a channel that gets nothing, and its menu open."""
    page.fill("[name=token]", "o.abcdefghijklmn")
    submit(page, "/channels/add/")
    page.goto("/me/notifications/")
    column = page.locator("[name=places]").last.get_attribute("value")
    for event in ("ready", "failed"):
        page.uncheck(f"[name='{event}-{column}']")
    with page.expect_navigation():
        submit(page, "/me/notifications/")
    page.locator(".channel .menu > details > summary").first.click()


def add_channel(page: Page) -> None:
    page.locator("main [hx-get$='/channels/add/']").click()
    dialog(page)


def channel_form(page: Page) -> None:
    """The fields of a new channel, after an address that can't be."""
    add_channel(page)
    page.locator("dialog .kind[href$='=discord']").click()
    page.fill("dialog [name=url]", "https://example.org/")
    page.keyboard.press("Enter")
    page.locator("dialog .errorlist").wait_for()


def remove_channel(page: Page) -> None:
    channels(page)
    page.locator(".channel [href$='/remove/']").first.click()
    dialog(page)


def wrong_link_password(page: Page) -> None:
    page.fill("[name=password]", "wrong")
    page.locator("form [type=submit]").click()
    page.locator("#problem").wait_for()


def share_player(page: Page) -> None:
    page.goto(page.locator("[href*='/play/']").get_attribute("href") or "", wait_until="domcontentloaded")
    page.locator("media-player").wait_for()


def share_code(page: Page) -> None:
    page.locator(".shared-qr > summary").click()
    page.locator(".qr").wait_for()


def share_new(page: Page) -> None:
    """The fields of a new link to a torrent. One that an earlier state made is revoked first."""
    share_dialog(page)
    if page.locator(".share-revoke").count():
        page.locator(".share-revoke").click()
        expect(page.locator("dialog")).to_have_count(0)
        share_dialog(page)
    page.locator("dialog .form-actions .primary").wait_for()


def share_dialog(page: Page) -> None:
    in_menu(page, "Night Mail", "/share/")
    dialog(page)


def shared(page: Page) -> None:
    """A link with a password that was just saved."""
    share_new(page)
    page.locator("dialog .primary").click()
    page.locator(".made .qr").wait_for()
    page.fill("#share_password", "a password")
    page.keyboard.press("Tab")
    expect(page.locator("#share-saved")).not_to_be_empty()


def links_page(page: Page) -> None:
    """The links of a person: one that works, with its menu open, one that was revoked, and a podcast."""
    shared(page)
    page.goto("/me/links/new/")
    page.locator("[name=kind][value=podcast]").check()
    submit(page, "/me/links/new/")
    page.goto("/")
    share_new(page)
    page.locator("dialog .primary").click()
    page.locator(".made .qr").wait_for()
    page.goto("/me/links/")
    page.locator(".links-row .menu summary").first.click()


def new_playlist(page: Page) -> None:
    page.locator("#links-head [hx-get$='/new/']").click()
    dialog(page)


def revoke_all(page: Page) -> None:
    page.goto("/me/links/revoke-all/")


def operation_opened(page: Page) -> None:
    page.locator("#list_torrents > summary").click()


def new_token(page: Page) -> None:
    """The fields of a new token, after a form without what it needs."""
    page.fill("[name=name]", "Sonarr")
    page.locator("[name=expires][value=day]").check()
    submit(page, "/me/api/new/")
    page.locator(".errorlist").first.wait_for()


def token_made(page: Page) -> None:
    """A token that was just made, and a category."""
    page.fill("[name=name]", "Sonarr")
    for scope in ("read", "links", "qbittorrent"):
        page.locator(f"[name=scopes][value={scope}]").check()
    submit(page, "/me/api/new/")
    page.locator(".token-made").wait_for()
    if not page.locator(".category-row").count():
        page.locator(".category-form [name=name]").fill("tv-sonarr")
        submit(page, "/me/api/categories/")
        page.locator(".category-row").wait_for()


def revoke_token(page: Page) -> None:
    token_made(page)
    page.locator("#tokens .token-actions a").first.click()
    dialog(page)


def share_page(page: Page) -> None:
    """The fields of a link as a page, for where there is no script."""
    edit_page(page, "share")


def tab_saving(page: Page) -> None:
    """The tab with a row in each state, and the menu of one of them open."""
    row_menu(page, saving_jobs.WAITING)


def save_dialog(page: Page) -> None:
    in_menu(page, saving_jobs.READY[0], "/save/")
    dialog(page)


def save_several_dialog(page: Page) -> None:
    for name in saving_jobs.READY:
        page.locator(".row", has_text=name).locator(".row-check").check()
    page.locator("#save-selected").click()
    page.locator("dialog [name=always]").first.wait_for()


def save_page(page: Page) -> None:
    edit_page(page, "save", saving_jobs.READY[0])


def begun(page: Page) -> None:
    """Wait until the film that is being saved has begun, since only then there may be a partial file to keep."""
    page.locator(".row", has_text=saving_jobs.FILM).locator(".row-note").wait_for()


def cancel_dialog(page: Page) -> None:
    begun(page)
    page.locator(".row", has_text=saving_jobs.FILM).locator("[id$='/saving-cancel/']").click()
    dialog(page)


def cancel_page(page: Page) -> None:
    edit_page(page, "saving-cancel", saving_jobs.FILM)


def one_being_saved(page: Page) -> None:
    page.goto(page.locator(".row-title", has_text=saving_jobs.FILM).get_attribute("href") or "")
    page.locator(".detail-saving").wait_for()


def folder_menu(page: Page) -> None:
    page.locator(".folder-row .menu summary").first.click()


def rule_menu(page: Page) -> None:
    page.locator(".lines .menu summary").first.click()


def folder_form(page: Page) -> None:
    """The fields of a new folder: all of them, with what can't be sent."""
    page.locator("main [hx-get$='/folders/add/']").click()
    dialog(page)
    page.fill("dialog [name=path]", "/nowhere")
    page.locator("dialog [name=who][value=some]").check()
    page.locator("dialog [name=after][value=delete]").check()
    page.fill("dialog [name=name]", "Films")
    page.locator("dialog [type=submit]").click()
    page.locator("dialog .errorlist").first.wait_for()


def folder_page(page: Page) -> None:
    page.goto("/settings/saving/folders/add/")
    page.fill("[name=name]", "Films")
    page.locator("[name=after][value=delete]").check()
    submit(page, "/folders/add/")
    page.locator(".errorlist").first.wait_for()


def change_folder(page: Page) -> None:
    folder_menu(page)
    page.locator(".folder-row .menu-list > a").first.click()
    dialog(page)


def remove_folder(page: Page) -> None:
    folder_menu(page)
    page.locator(".folder-row .menu-list .danger").first.click()
    dialog(page)


def cancel_all_of_folder(page: Page) -> None:
    folder_menu(page)
    page.locator(".folder-row .menu-list [href$='/cancel/']").first.click()
    dialog(page)


def use_folder_again(page: Page) -> None:
    """The question about a folder without the file by which it is known."""
    row = page.locator(".folder-row", has_text="Archive")
    row.locator(".menu summary").click()
    row.locator("form[action$='/test/'] button").click()
    dialog(page)


def rule_form(page: Page) -> None:
    page.locator("main [hx-get$='/rules/add/']").click()
    dialog(page)
    page.locator("dialog [type=submit]").click()
    page.locator("dialog .errorlist").first.wait_for()


def rule_of_a_person(page: Page) -> None:
    page.locator("main [hx-get$='/rules/add/']").click()
    page.locator("dialog [name=kind][value=person]").check()


def wrong_hours(page: Page) -> None:
    page.fill("[name=full_until]", "")
    submit(page, "/schedule/")
    page.locator(".errorlist").wait_for()


class State(NamedTuple):
    name: str
    address: str
    reach: Callable[[Page], None] = nothing
    scope: str | None = "main"
    """The part of a page that isn't in another state, or None for the whole page."""


STATES = [
    State("list", "/", scope=None),
    State("expiring", "/?tab=expiring", scope="#tabs, #list"),
    State("preview", "/", preview, "#add"),
    State("files", "/", files, ".row:has(.files)"),
    State("selection and menu", "/", selection, "#bulk, .row:has(.menu-list)"),
    State("delete dialog", "/", delete_dialog, "dialog"),
    State("tag picker", "/", tag_picker, "#bulk"),
    State("tags dialog", "/", tags_dialog, "dialog"),
    State("rename dialog", "/", rename_dialog, "dialog"),
    State("replace dialog", "/", replace_dialog, "dialog"),
    State("tags page", "/", lambda page: edit_page(page, "tags")),
    State("rename page", "/", lambda page: edit_page(page, "rename")),
    State("person’s menu", "/", person_menu, "header"),
    State("bell", "/", bell, "header"),
    State("notifications", "/notifications/?muted=1"),
    State("zips", "/", zips, "dialog"),
    State("links", "/", links, "dialog"),
    State("picked files", "/", picked_files, ".row:has(.files)"),
    State("no result", "/", no_result, "#list"),
    State("tag", "/", tag_chosen, "#filter-row"),
    State("save view", "/", save_view, "dialog"),
    State("empty tag", "/?tag=Nothing+has+this+tag", scope="#list, #filter-row"),
    State("one torrent", "/", detail, None),
    State("keys", "/", keys, "dialog"),
    State("player", "/", player, None),
    State("delete page", "/", delete_page, None),
    State("linked preview", f"/add/?url=magnet:?xt=urn:btih:{HASH}", scope=None),
    State("all options", "/add/", scope=None),
    State("cache check", "/check/", checked, None),
    State("look-up", "/lookup/", looked_up, None),
    State("everything", "/everything/", scope=None),
    State("deleted", "/deleted/", scope=None),
    State("activity", "/activity/", scope=None),
    State("status", "/status/", scope=None),
    State("settings", "/me/", scope=None),
    State("profile", "/me/profile/"),
    State("TorBox accounts", "/me/torbox/"),
    State("notification settings", "/me/notifications/channels/add/?kind=pushbullet", channels),
    State("add a channel", "/me/notifications/", add_channel, "dialog"),
    State("new channel", "/me/notifications/", channel_form, "dialog"),
    State("remove a channel", "/me/notifications/channels/add/?kind=pushbullet", remove_channel, "dialog"),
    State("add a channel without script", "/me/notifications/channels/add/"),
    State("share dialog", "/", share_new, "dialog"),
    State("shared", "/", shared, "dialog"),
    State("links page and menu", "/", links_page),
    State("new playlist", "/me/links/", new_playlist, "dialog"),
    State("revoke all", "/me/links/", revoke_all),
    State("share page without script", "/", share_page),
    State("new token", "/me/api/new/", new_token),
    State("documentation of the API", "/api/v1/docs/", operation_opened),
    State("token", "/me/api/new/", token_made),
    State("revoke a token", "/me/api/new/", revoke_token, "dialog"),
    State("this browser", "/me/browser/"),
    State("your data", "/me/data/"),
    State("account", "/me/torbox/", account, None),
    State("usage", "/me/torbox/", usage, None),
    State("disconnect", "/me/torbox/", disconnect),
    State("new key", "/me/torbox/", replace_key),
    State("household", "/people/invite/", invited, None),
    State("invite", "/people/invite/"),
    State("invitation", "/people/invite/", invitation),
    State("one person", "/people/", one_person),
    State("remove a person", "/people/", remove_person),
    State("security", "/me/security/"),
    State("sessions", "/me/sessions/"),
    State("add a passkey", "/me/passkeys/add/"),
    State("authenticator app", "/me/app/", wrong_code),
    State("confirm", "/me/confirm/?next=/me/", wrong_password),
    State("delete me", "/me/delete/"),
    State("password", "/me/password/"),
    State("connect", "/torbox/connect/", connect_error),
    State("sign out", "/sign-out/"),
    State("not found", "/nowhere/", scope=None),
    State("stale form", "/me/profile/", stale_form, None),
    State("offline", "/offline/", scope=None),
    State("share page", f"/l/{SHARED}/", share_code, scope=None),
    State("share page of a file", f"/l/{FILM_LINK}/", scope=None),
    State("share page of a torrent that isn’t ready", f"/l/{COMING}/", scope=None),
    State("share page with a hostile name", f"/l/{HOSTILE}/", scope=None),
    State("share player", f"/l/{SHARED}/", share_player, None),
    State("password of a link", f"/l/{LOCKED}/", wrong_link_password, None),
    State("expired link", f"/l/{EXPIRED}/", scope=None),
    State("unknown link", "/l/nothing/", scope=None),
    State("empty saving tab", "/?tab=saving", scope="#tabs, #filter-row, #list"),
]
# Those of the person of saving_jobs.py.
SAVING_STATES = [
    State("saving tab and menu", "/?tab=saving", tab_saving, "#tabs, #filter-row, #list"),
    State("rows being saved", "/", scope="#list"),
    State("one torrent being saved", "/", one_being_saved),
    State("save dialog", "/", save_dialog, "dialog"),
    State("save dialog for several", "/", save_several_dialog, "dialog"),
    State("save page", "/", save_page),
    State("cancel dialog", "/?tab=saving", cancel_dialog, "dialog"),
    State("cancel page", "/?tab=saving", cancel_page),
    State("saving settings", "/settings/saving/"),
    State("folder menu", "/settings/saving/", folder_menu, ".folders"),
    State("rule menu", "/settings/saving/", rule_menu, "main .lines"),
    State("add a folder", "/settings/saving/", folder_form, "dialog"),
    State("folder page", "/settings/saving/", folder_page),
    State("change a folder", "/settings/saving/", change_folder, "dialog"),
    State("remove a folder", "/settings/saving/", remove_folder, "dialog"),
    State("cancel all saving to a folder", "/settings/saving/", cancel_all_of_folder, "dialog"),
    State("use a folder again", "/settings/saving/", use_folder_again, "dialog"),
    State("rule of a tag", "/settings/saving/", rule_form, "dialog"),
    State("rule of a person", "/settings/saving/", rule_of_a_person, "dialog"),
    State("wrong hours", "/settings/saving/", wrong_hours),
    State("status of saving", "/status/", scope="#status"),
]
BY_NAME = {state.name: state for state in STATES}
SAVING_BY_NAME = {state.name: state for state in SAVING_STATES}


def reach(page: Page, state: State) -> None:
    """Open a page and lead it into a state."""
    page.goto(state.address)
    if state.name != "confirm":
        confirm(page)
    state.reach(page)
