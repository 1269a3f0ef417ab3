"""The list in use: it updates without jumping, and works with mouse and keyboard."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import requests
from playwright.sync_api import Page, expect

from tests import cookies
from tests.browser.conftest import PASSWORD, Stack, eventually, sign_in

FILMS = 60
BIG = 20_000
WHERE = "row => row.getBoundingClientRect().top"
HIDE = """
  window.away = false;
  Object.defineProperty(document, "hidden", { get: () => window.away });
  window.leave = (away) => { window.away = away; document.dispatchEvent(new Event("visibilitychange")); };
"""


@dataclass
class House:
    """A list of many films, one that moves and one of twenty thousand files; `nora` is signed in everywhere."""

    stack: Stack
    session: requests.Session
    cookies: dict

    def post(self, path: str, **form: str) -> None:
        """Something that nora does in another tab."""
        form["csrfmiddlewaretoken"] = cookies.value(self.session.cookies, "csrf")
        headers = {"Referer": self.stack.url}
        answer = self.session.post(
            f"{self.stack.url}{path}", form, headers=headers, timeout=10, allow_redirects=False
        )
        assert answer.status_code == 302, (path, answer.status_code)


@pytest.fixture(scope="module")
def house(stack: Stack, browser) -> House:
    key = str(uuid.uuid4())
    sim = stack.sim.control
    sim.freeze()
    sim.seed(accounts=[{"key": key, "name": "nora", "plan": "pro"}])
    big = [(f"Huge/{'Odd' if number % 2 else 'Even'}/{number:05}.bin", 10) for number in range(BIG)]
    films = [
        {
            "key": key,
            "name": f"Film {number:02}",
            "files": {"film.mkv": 4000, "film.srt": 40},
            "state": "completed",
        }
        for number in range(FILMS)
    ]
    moving = {"key": key, "name": "Moving", "files": {"clip.mkv": 4_000_000}, "state": "downloading"}
    arriving = moving | {"name": "Arriving", "download_seconds": 600}
    sim.seed(torrents=[*films, moving | {"download_seconds": 100_000}, arriving])
    sim.seed(
        torrents=[
            {"key": key, "name": "Huge", "hash": "b" * 40, "files": big, "state": "completed", "age": 100}
        ]
    )
    stack.person("nora", key)
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    sign_in(page, "nora")
    eventually(page, expect(page.locator(".row").first).to_be_visible)
    cookies = context.storage_state()
    context.close()
    session = requests.Session()
    for cookie in cookies["cookies"]:
        session.cookies.set(cookie["name"], cookie["value"], domain=cookie["domain"])
    return House(stack, session, cookies)


@pytest.fixture
def at(house: House, open_page) -> Callable[..., Page]:
    """Open a page as nora."""

    def go(path: str = "/", script: str = "", **options) -> Page:
        page = open_page(storage_state=house.cookies, viewport={"width": 1280, "height": 900}, **options)
        if script:
            page.add_init_script(script)
        page.goto(path)
        expect(page.locator(".row").first).to_be_visible()
        return page

    return go


def row(page: Page, name: str):
    return page.locator(".row").filter(has_text=name)


def box(page: Page, name: str):
    return row(page, name).locator(".row-check")


def pk(page: Page, name: str) -> str:
    return row(page, name).get_attribute("id").removeprefix("torrent-")


def changed(house: House, page: Page, torrent: str) -> None:
    """Change something in another tab, and wait until this one shows it."""
    house.post(f"/torrents/{torrent}/control/reannounce/")
    page.locator("live-list:not(.htmx-request):not(.htmx-swapping)").wait_for()  # one thing at a time
    with page.expect_response(re.compile("/changes/")) as heard:
        page.evaluate("document.querySelector('live-list').poll()")
    assert heard.value.status == 200


def test_twenty_updates_keep_focus_selection_open_files_scroll_and_typed_text(house: House, at):
    page = at("/?q=Film")
    page.locator("#add-text").fill("magnet:?xt=half")
    expect(page.locator(".preview-row")).to_be_visible()
    row(page, "Film 03").locator(".row-title").click()
    page.get_by_label("Select film.srt").check()
    box(page, "Film 05").check()
    page.evaluate("scrollTo(0, 300)")
    before = row(page, "Film 08").evaluate(WHERE)
    page.locator("#search").evaluate(
        "field => { field.value = 'Film, half ty'; field.focus({preventScroll: true}); }"
    )
    torrents = [pk(page, f"Film {number:02}") for number in (3, 5, 8)]
    for number in range(10):
        changed(house, page, torrents[number % 3])
    expect(page.locator("#search")).to_be_focused()
    expect(page.locator("#search")).to_have_value("Film, half ty")
    row(page, "Film 08").locator(".row-title").evaluate("link => link.focus({preventScroll: true})")
    for number in range(10):
        changed(house, page, torrents[number % 3])
    expect(row(page, "Film 08").locator(".row-title")).to_be_focused()
    expect(page.locator("#add-text")).to_have_value("magnet:?xt=half")
    expect(row(page, "Film 03").get_by_label("Select film.srt")).to_be_checked()
    expect(box(page, "Film 05")).to_be_checked()
    expect(page.locator("input[name=ids]:checked")).to_have_count(1)
    assert row(page, "Film 08").evaluate(WHERE) == before
    assert page.evaluate("scrollY") > 0


def test_a_hidden_tab_does_not_poll_and_catches_up_when_shown(house: House, at):
    asked = []
    page = at(script=HIDE)
    page.on("request", lambda request: asked.append(request.url) if "/changes/" in request.url else None)
    page.clock.install()
    page.evaluate("leave(true)")
    page.clock.run_for(120_000)
    assert not asked
    house.post(f"/torrents/{pk(page, 'Film 01')}/control/reannounce/")
    with page.expect_response(re.compile("/changes/")) as caught_up:
        page.evaluate("leave(false)")
    assert caught_up.value.status == 200


AGED = """() => {
  const time = document.querySelector("#freshness time");
  time.dateTime = new Date(Date.now() - 60_000).toISOString();
  time.dataset.around = "Updated {} · as often as it may";
  Object.assign(document.querySelector("refresh-wait").dataset, { seconds: 3 });
  document.getElementById("refresh").disabled = true;
}"""


def test_an_open_page_updates_its_ages_and_enables_refresh(house: House, at):
    page = at(script=HIDE)
    page.clock.install()
    page.reload()
    page.evaluate("leave(true)")
    page.evaluate(AGED)
    age, refresh = page.locator("#freshness time"), page.locator("#refresh")
    page.clock.run_for(1000)
    expect(refresh).to_have_text("Refresh in 2 s")
    expect(refresh).to_be_disabled()
    page.clock.run_for(2000)
    expect(refresh).to_have_text("Refresh now")
    expect(refresh).to_be_enabled()
    page.clock.run_for(120_000)
    expect(age).to_have_text(re.compile("^Updated [23] minutes ago · as often as it may$"))
    page.clock.run_for(3_600_000)
    expect(age).to_have_text("Updated 1 hour ago · as often as it may")


def test_progress_moves_between_polls_and_not_back(house: House, at):
    page = at("/?tab=downloading", script=HIDE)
    bar = row(page, "Moving").locator("progress")
    at_first = bar.evaluate("bar => bar.value")
    page.clock.install()
    page.reload()
    page.clock.run_for(4000)
    further = bar.evaluate("bar => bar.value")
    assert further > at_first
    changed(house, page, pk(page, "Moving"))
    assert bar.evaluate("bar => bar.value") >= further
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    page.clock.run_for(4000)
    assert bar.evaluate("bar => bar.value") == at_first


def test_files_that_are_open_get_their_links_when_the_torrent_is_ready(house: House, at):
    page = at("/?q=Arriving")
    arriving = row(page, "Arriving")
    arriving.locator(".row-title").click()
    expect(arriving.get_by_text("clip.mkv")).to_be_visible()
    expect(arriving.get_by_label("Download clip.mkv")).to_have_count(0)
    house.stack.sim.control.advance(700)
    house.post("/refresh/")
    page.evaluate("document.querySelector('live-list').poll()")
    eventually(page, expect(arriving.get_by_label("Download clip.mkv")).to_be_visible)


def test_the_back_button_keeps_tab_search_and_page(at):
    page = at()
    page.get_by_role("link", name="Ready").click()
    expect(page).to_have_url(re.compile(r"tab=ready$"))
    expect(page.locator("search-box:defined")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("film")
    expect(page).to_have_url(re.compile(r"/\?tab=ready&q=film$"))
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile(r"page=2"))
    expect(page.locator(".row")).to_have_count(FILMS - 50)
    row(page, "Film").first.locator(".row-title").click(modifiers=["Control"], no_wait_after=True)
    page.goto(row(page, "Film").first.locator(".row-title").get_attribute("href"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?tab=ready&q=film&page=2$"))
    expect(page.locator("#search")).to_have_value("film")
    expect(page.locator(".row")).to_have_count(FILMS - 50)
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?tab=ready&q=film$"))
    expect(page.locator(".tab[aria-current]")).to_contain_text("Ready")


def test_a_late_answer_to_a_poll_does_not_undo_a_search(house: House, at):
    page, held = at(), []
    page.route(re.compile("/changes/"), lambda route: held.append(route))
    house.post(f"/torrents/{pk(page, 'Film 08')}/control/reannounce/")
    page.evaluate("document.querySelector('live-list').poll()")
    page.locator("#search").fill("Film 07")
    expect(page.locator(".row")).to_have_count(1)
    for route in held:
        route.continue_()
    page.unroute_all()
    changed(house, page, pk(page, "Film 07"))
    expect(page.locator(".row")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/\?q=Film\+07$"))


def test_files_are_loaded_at_the_press_and_shown_at_the_click(at):
    page = at("/?q=film&sort=name")
    files = row(page, "Film 03").locator("files-panel")
    row(page, "Film 03").locator(".row-title").hover()
    page.mouse.down()
    expect(files.locator(".file")).to_have_count(2)
    expect(files).to_be_hidden()
    expect(row(page, "Film 03").locator(".row-title")).to_have_attribute("aria-expanded", "false")
    page.mouse.up()
    expect(files).to_be_visible()
    expect(row(page, "Film 03").locator(".row-title")).to_have_attribute("aria-expanded", "true")


def test_files_that_could_not_be_loaded_in_advance_are_asked_for_again(at):
    page, held = at("/?q=film&sort=name"), []
    page.route(re.compile("/files/$"), lambda route: held.append(route), times=1)
    with page.expect_request(re.compile("/files/$")):
        row(page, "Film 03").locator(".row-title").hover()
        page.mouse.down()
    page.mouse.up()
    for route in held:
        route.fulfill(status=500)
    expect(row(page, "Film 03").locator(".file")).to_have_count(2)


MENU = re.compile(r"/torrents/\d+/menu/$")


def test_an_open_menu_stays_open_and_changes_with_its_row(house: House, at):
    page = at("/?q=Moving")
    menu = row(page, "Moving").locator("row-menu")
    menu.get_by_label("More actions").click()
    reannounce = menu.get_by_role("button", name="Reannounce")
    reannounce.focus()
    changed(house, page, pk(page, "Moving"))
    expect(reannounce).to_be_focused()
    expect(menu.get_by_role("button", name="Resume")).to_have_count(0)
    house.post(f"/torrents/{pk(page, 'Moving')}/control/pause/")
    expect(menu.get_by_role("button", name="Resume")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.locator(".menu-list")).to_be_hidden()
    expect(menu.get_by_label("More actions")).to_be_focused()
    house.post(f"/torrents/{pk(page, 'Moving')}/control/resume/")
    eventually(page, expect(row(page, "Moving")).to_contain_text, "Downloading")


def test_keys_pressed_before_a_menu_has_arrived_wait_for_it(at):
    page, held = at("/?q=film&sort=name"), []
    page.route(MENU, lambda route: held.append(route))
    row(page, "Film 03").get_by_label("More actions").focus()
    with page.expect_request(MENU):
        page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(row(page, "Film 03").locator(".menu-list")).to_be_hidden()
    for route in held:
        route.continue_()
    expect(page.get_by_role("dialog")).to_contain_text("Delete this torrent?")
    page.keyboard.press("Escape")
    expect(row(page, "Film 03").get_by_label("More actions")).to_be_focused()


def test_a_menu_that_does_not_arrive_says_so_and_the_next_press_tries_again(at):
    page = at("/?q=film&sort=name")
    page.route(MENU, lambda route: route.fulfill(status=500))
    button = row(page, "Film 03").get_by_label("More actions")
    button.click()
    expect(page.locator(".toast")).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "false")
    page.unroute_all()
    button.click()
    expect(row(page, "Film 03").get_by_role("link", name="Delete")).to_be_visible()


def test_one_menu_is_open_at_a_time(at):
    page = at("/?q=film&sort=name")
    for name in ("Film 03", "Film 01"):
        row(page, name).get_by_label("More actions").click()
        expect(row(page, name).locator(".menu-list")).to_be_visible()
    page.locator("#sort summary").click()
    expect(page.locator(".menu-list:visible")).to_have_count(1)
    page.locator("h1, .header").first.click()
    expect(page.locator(".menu-list:visible")).to_have_count(0)


def test_a_range_a_page_and_all_that_match_can_be_selected(at):
    page = at("/?q=film", accept_downloads=True)
    said = page.locator(".selection-text")
    boxes = page.locator("input[name=ids]")
    boxes.nth(2).check()
    boxes.nth(6).click(modifiers=["Shift"])
    expect(said).to_have_text("5 selected")
    expect(page.locator(".selection-size")).to_have_text("20 kB")
    everything = page.get_by_label(f"All {FILMS}", exact=True)
    expect(everything).to_be_hidden()
    page.get_by_label("Select all on this page").check()
    expect(said).to_have_text("50 selected")
    everything.check()
    expect(said).to_have_text(f"{FILMS} selected")
    page.locator(".selection-bar summary").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Magnet links").first.click()
    assert caught.value.path().read_text().count("magnet:?xt=") == FILMS
    page.get_by_role("button", name="Delete", exact=True).first.click()
    expect(page.get_by_role("dialog")).to_contain_text(f"Delete {FILMS} torrents?")
    page.keyboard.press("Escape")
    boxes.nth(0).uncheck()
    expect(said).to_have_text("49 selected")
    page.keyboard.press("Escape")
    expect(page.locator(".selection-bar")).to_be_hidden()


def test_links_of_a_selection_are_copied_and_exported(at):
    page = at("/?q=film", accept_downloads=True)
    box(page, "Film 01").check()
    box(page, "Film 02").check()
    page.get_by_role("button", name="Copy links").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Links to 4 files")
    links = dialog.locator("textarea").input_value().split("\n")
    assert [requests.head(link, timeout=5).status_code for link in links] == [200] * 4
    page.keyboard.press("Escape")
    page.locator(".selection-bar summary").first.click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Playlist for VLC (M3U)").first.click()
    assert caught.value.suggested_filename == "links.m3u"
    assert caught.value.path().read_text().count("#EXTINF") == 2
    page.locator(".selection-bar summary").click()
    page.get_by_role("button", name="Zip", exact=True).click()
    expect(dialog).to_contain_text("TorBox makes one zip per torrent.")
    expect(dialog.locator(".zips").get_by_role("link")).to_have_count(2)


def test_twenty_thousand_files_are_browsed_in_place(at):
    page = at("/?q=Huge")
    huge = row(page, "Huge")
    huge.locator(".row-title").click()
    expect(huge.locator(".folder-toggle")).to_have_count(2)
    expect(huge.locator(".files-count")).to_have_text("20,000 files")
    huge.get_by_role("button", name="Odd").click()
    expect(huge.get_by_text("00001.bin", exact=True)).to_be_visible()
    expect(huge.locator(".file:not(.folder)")).to_have_count(50)
    huge.locator(".files-more").scroll_into_view_if_needed()
    expect(huge.get_by_text("00401.bin", exact=True)).to_be_attached()
    huge.get_by_label("Select everything in Odd").check()
    expect(huge.locator(".files-count")).to_have_text("10,000 selected")
    huge.get_by_role("searchbox").fill("19999")
    expect(huge.locator(".files-count")).to_have_text("20,000 files, 1 found")
    huge.get_by_label("Select 19999.bin").check()
    huge.get_by_role("button", name="Copy links").click()
    expect(page.get_by_role("dialog")).to_contain_text("Link to 1 file")


def test_a_film_that_the_browser_cannot_play_opens_in_vlc(at):
    page = at("/?q=Film 09")
    row(page, "Film 09").locator(".row-title").click()
    with page.context.expect_page() as opened:
        page.get_by_label("Play film.mkv in a new tab").click()
    player = opened.value
    expect(player.locator("media-player").get_by_role("status")).to_be_visible()
    with player.expect_response(re.compile("/cdn/")) as bytes_:
        player.reload()
    assert bytes_.value.status in (200, 206)
    expect(player.locator("media-player").get_by_role("status")).to_be_visible()
    with player.expect_download() as caught:
        player.get_by_role("link", name="Open in VLC").click()
    assert "#EXTINF:-1,film.mkv" in caught.value.path().read_text()


def test_the_list_by_keyboard_alone(at):
    page = at("/?q=film&sort=name", accept_downloads=True)
    keys = page.keyboard
    for key in "jjk":
        keys.press(key)
    expect(row(page, "Film 00").locator(".row-title")).to_be_focused()
    keys.press("x")
    for key in "jjj":
        keys.press(key)
    keys.press("Shift+X")
    expect(page.locator(".selection-text")).to_have_text("4 selected")
    keys.press("Enter")
    expect(row(page, "Film 03").locator(".file").first).to_be_visible()
    with page.expect_download() as caught:
        keys.press("d")
    assert caught.value.suggested_filename
    keys.press("Delete")
    expect(page.get_by_role("dialog")).to_contain_text("Delete 4 torrents?")
    keys.press("Escape")
    keys.press("Escape")
    expect(page.locator(".selection-bar")).to_be_hidden()
    row(page, "Film 03").locator(".row-title").focus()
    keys.press("Delete")
    expect(page.get_by_role("dialog")).to_contain_text("Delete this torrent?")
    keys.press("Escape")
    keys.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next or previous torrent")
    page.get_by_label("Use single-key shortcuts on this device").uncheck()
    keys.press("Escape")
    keys.press("j")
    expect(row(page, "Film 04").locator(".row-title")).not_to_be_focused()
    assert PASSWORD not in page.content()


def test_an_element_that_is_moved_on_the_page_acts_once(at):
    """A morph moves known elements, and a moved element connects a second time."""
    page = at("/?q=film&sort=name")
    page.evaluate("const menu = document.querySelector('.row row-menu'); menu.parentNode.append(menu)")
    page.locator(".row row-menu > a").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".row .menu-item").first).to_be_focused()
