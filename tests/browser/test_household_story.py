"""A household comes together: an invitation, a passkey on a phone, a share, a guest."""

# ruff: noqa: F811 - `key` is a fixture

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, Stack, eventually, sign_in
from tests.browser.test_main_story import key, row  # noqa: F401

# Passkeys belong to a host name, and of those without https only to this one.
LOCAL = ("127.0.0.1", "localhost")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_a_finger(page: Page, verified: bool = True) -> None:
    """Give the browser a device that makes and uses passkeys, with a finger on its sensor."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR | {"isUserVerified": verified}}
    )


def invite(owner: Page, role: str) -> str:
    owner.get_by_role("link", name="Household").first.click()
    owner.get_by_role("link", name="Invite").click()
    owner.get_by_label(role).check()
    owner.get_by_role("button", name="Create link").click()
    expect(owner.get_by_alt_text("QR code")).to_be_visible()
    assert owner.get_by_alt_text("QR code").evaluate("image => image.naturalWidth") > 100
    return owner.locator("#link").input_value()


def share(owner: Page, person: str, level: str) -> None:
    owner.goto("/me/torbox/")
    owner.locator(".card-link", has_text="API key …").click()
    owner.get_by_label("Share with").select_option(label=person)
    owner.get_by_label("Access", exact=True).select_option(level)
    owner.get_by_role("button", name="Share", exact=True).click()
    expect(owner.locator(".toast").filter(has_text=f"with {person.split()[0]}.")).to_be_visible()


@pytest.fixture
def mara(stack: Stack, key: str, open_page) -> Page:
    """An owner of the instance with a key, signed in; another one for each test."""
    name = f"mara-{key[:8]}"
    stack.person(name, key, command="createowner")
    page = open_page(viewport={"width": 1280, "height": 900}, base_url=stack.url.replace(*LOCAL))
    sign_in(page, name)
    return page


def test_invited_by_link_in_by_passkey_adding_on_a_shared_key_and_a_guest_who_looks_on(
    stack: Stack,
    key: str,
    mara: Page,
    open_page,
):
    film = stack.sim.control.make_work("Film for everybody", {"film.mkv": 60_000})
    stack.sim.control.cache([film.info_hash])

    phone = open_page(**PHONE, base_url=stack.url.replace(*LOCAL))
    with_a_finger(phone)
    phone.goto(invite(mara, "Member").replace(*LOCAL))
    phone.get_by_label("Name").fill("jon-berger")
    phone.get_by_role("button", name="Continue with a passkey").click()
    phone.get_by_role("button", name="Create passkey").click()
    expect(phone.get_by_text("Connect your TorBox account")).to_be_visible()
    share(mara, "jon-berger · Member", "add")
    phone.goto("/")
    phone.locator("#add-text").fill(film.magnet)
    phone.get_by_role("button", name="Add 1 torrent").click()
    expect(row(phone, "Film for everybody")).to_be_visible()

    mara.goto("/")
    eventually(mara, expect(row(mara, "Film for everybody")).to_contain_text, "added by jon-berger")
    mara.goto("/people/")
    expect(mara.get_by_role("row").filter(has_text="jon-berger")).to_contain_text("Passkey · 1 session")

    guest = open_page()
    link = invite(mara, "Guest")
    guest.goto(link)
    guest.get_by_label("Name").fill("grandma")
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_label("Confirm password").fill(PASSWORD)
    guest.get_by_role("button", name="Continue with a password").click()
    expect(guest.get_by_text("Nothing shared with you yet")).to_be_visible()
    share(mara, "grandma · Guest", "view")
    guest.goto("/")
    eventually(guest, expect(row(guest, "Film for everybody")).to_contain_text, "Ready")
    assert guest.locator("#add-text").count() == 0
    with guest.expect_download() as caught:
        row(guest, "Film for everybody").get_by_role("link", name="Download Film for everybody").click()
    assert Path(caught.value.path()).read_bytes() == stack.sim.control.expected_bytes(
        film.info_hash, "film.mkv"
    )
    assert stack.sim.control.accepted(key) == {film.info_hash: 1}
    post_by_hand(guest, "a" * 40)
    guest.goto("/")
    expect(guest.locator(".row")).to_have_count(1)
    assert guest.goto(link).status == 404

    phone.locator(".person summary").click()
    phone.get_by_role("button", name="Sign out").click()
    phone.get_by_role("button", name="Use a passkey").click()
    expect(row(phone, "Film for everybody")).to_be_visible()


def post_by_hand(page: Page, info_hash: str) -> None:
    """What the add bar would send, with the page's own token; the answer leads back with a sentence."""
    page.evaluate(
        """async ([text]) => {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            const body = new URLSearchParams({ text, csrfmiddlewaretoken: token });
            const answer = await fetch("/add/", { method: "POST", body });
            if (!answer.ok && answer.status < 400) throw new Error(answer.status);
        }""",
        [f"magnet:?xt=urn:btih:{info_hash}"],
    )


def test_a_passkey_without_a_finger_on_it_does_not_sign_in_and_says_so(stack: Stack, mara: Page, open_page):
    with_a_finger(mara)
    mara.goto("/me/security/")
    mara.get_by_role("link", name="Add a passkey").click()
    mara.get_by_label("Passkey name").fill("Laptop")
    mara.get_by_role("button", name="Add passkey").click()
    expect(mara.get_by_role("heading", name="Recovery codes")).to_be_visible()
    stranger = open_page(base_url=stack.url.replace(*LOCAL))
    with_a_finger(stranger, verified=False)
    stranger.goto("/sign-in/")
    stranger.get_by_role("button", name="Use a passkey").click()
    expect(stranger.get_by_role("alert").filter(has_text="no passkey for this site")).to_be_visible()
    assert stranger.goto("/me/").url.endswith("/sign-in/?next=/me/")


def test_one_confirms_with_the_passkey_before_a_key_is_changed(stack: Stack, mara: Page):
    with_a_finger(mara)
    mara.goto("/me/passkeys/add/")
    mara.get_by_role("button", name="Add passkey").click()
    expect(mara.get_by_role("heading", name="Recovery codes")).to_be_visible()
    mara.goto("/me/confirm/?next=/torbox/connect/")
    mara.get_by_role("link", name="Use a passkey").click()
    mara.get_by_role("button", name="Use a passkey").click()
    expect(mara.get_by_role("heading", name="Connect your TorBox account")).to_be_visible()
