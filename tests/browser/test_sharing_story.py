"""A household on shared accounts: sharing, choosing where an add goes, keeping something to oneself, who did what."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Stack, eventually, sign_in

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def keys(stack: Stack) -> list[str]:
    stack.sim.restart()
    stack.sim.control.clear_faults()
    stack.sim.control.freeze()
    keys = [str(uuid.uuid4()) for _ in range(2)]
    stack.sim.control.seed(accounts=[{"key": key, "name": "family", "plan": "pro"} for key in keys])
    return keys


def row(page: Page, name: str):
    return page.locator(".row").filter(has_text=name)


def paste(page: Page, text: str) -> None:
    page.locator("#add-text").fill(text)
    expect(page.locator(".preview-row")).to_have_count(1)


def test_share_choose_hide_and_read_who_did_what(stack: Stack, keys: list[str], open_page):
    stack.person("olga", keys[0])
    stack.person("jan", keys[1])
    stack.person("rosa")
    sim = stack.sim.control
    shared, own, secret = (sim.make_work(name, {"film.mkv": 60_000}) for name in ("Shared", "Own", "Secret"))
    sim.cache([work.info_hash for work in (shared, own, secret)])

    olga = open_page(viewport=WIDE)
    sign_in(olga, "olga")
    expect(olga.locator("#list")).to_be_visible()
    for person, level in (("jan", "add"), ("rosa", "view")):
        olga.goto(f"{stack.url}/me/torbox/")
        olga.get_by_role("link", name="olga’s TorBox").click()
        olga.get_by_label("Share with").select_option(label=f"{person} · Member")
        olga.get_by_label("Access", exact=True).select_option(level)
        olga.get_by_role("button", name="Share", exact=True).click()
        expect(olga.get_by_text(f"Shared olga’s TorBox with {person}.")).to_be_visible()

    jan = open_page(viewport=WIDE)
    sign_in(jan, "jan")
    paste(jan, own.magnet)
    expect(jan.locator("#preview-account option:checked")).to_have_text(
        "jan’s TorBox: all cached, no slot needed"
    )
    jan.get_by_role("button", name="Add 1 torrent").click()
    expect(row(jan, "Own")).to_contain_text("jan’s TorBox")
    paste(jan, shared.magnet)
    jan.get_by_label("To:").select_option(label="olga’s TorBox")
    jan.get_by_role("button", name="Add 1 torrent").click()
    expect(row(jan, "Shared")).to_contain_text("olga’s TorBox")
    paste(jan, secret.magnet)
    jan.get_by_label("To:").select_option(label="olga’s TorBox")
    jan.locator("#add-form .more-options summary").click()
    jan.get_by_label("Hide from others").check()
    jan.get_by_role("button", name="Add 1 torrent").click()
    expect(row(jan, "Secret")).to_contain_text("Ready")

    rosa = open_page(viewport=PHONE)
    sign_in(rosa, "rosa")
    expect(row(rosa, "Shared")).to_contain_text("added by jan")
    expect(rosa.locator(".row")).to_have_count(1)
    expect(rosa.locator("#add-form")).to_have_count(0)

    jan.locator("#accounts summary").click()
    jan.get_by_role("link", name="olga’s TorBox").click()
    expect(jan.locator(".row")).to_have_count(2)
    expect(jan).to_have_url(re.compile(r"account=\d"))
    row(jan, "Secret").get_by_label("More actions for Secret").click()
    jan.get_by_role("button", name="Show to others").click()
    eventually(rosa, expect(row(rosa, "Secret")).to_be_visible)

    rosa.get_by_text("Your menu").locator("xpath=..").click()
    rosa.get_by_role("link", name="Activity").click()
    expect(rosa.locator(".activity li").filter(has_text="jan added Secret")).to_be_visible()
    expect(rosa.locator(".activity")).not_to_contain_text("Own")
    rosa.locator("summary").filter(has_text="Everything").click()
    rosa.get_by_role("link", name="Added", exact=True).click()
    expect(rosa.locator(".activity li")).to_have_count(2)
