"""Visitors are told apart by network and program, without anyone learning who they are."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from links.visitors import visitor_of


def visitor(address: str = "203.0.113.7", program: str = "VLC/3.0") -> str:
    return visitor_of(RequestFactory().get("/", REMOTE_ADDR=address, headers={"user-agent": program}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.7", "203.0.113.250"),
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::1"),
        ("203.0.113.7", "::ffff:203.0.113.9"),
    ],
)
def test_addresses_of_one_household_are_one_visitor(one, other):
    assert visitor(one) == visitor(other)


@pytest.mark.parametrize(
    "other",
    [
        {"address": "203.0.114.7"},
        {"address": "2001:db8::1"},
        {"program": "aria2/1.37"},
        {"program": ""},
        {"address": "unknown"},
    ],
)
def test_another_network_or_program_is_another_visitor(other):
    assert visitor(**other) != visitor()


def test_it_fits_its_column_and_cant_be_tried_out_without_the_key(settings):
    known = visitor()
    assert len(known) == 32
    settings.SECRET_KEY = "another secret"
    assert visitor() != known


def test_a_program_with_an_endless_name_is_one_visitor():
    assert visitor(program="x" * 300) == visitor(program="x" * 8000)
