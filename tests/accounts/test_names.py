"""Names that look the same to a person are the same name, on either database and however they are typed."""

from __future__ import annotations

import io
import unicodedata

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from accounts import services
from accounts.models import TorBoxAccount, User
from tests.factories import PASSWORD, make_user, sign_in
from tests.torrents.test_doctor import doctor

pytestmark = pytest.mark.django_db
SAME = [
    ("jürgen", "JÜRGEN"),
    ("élan", "ÉLAN"),
    ("weiß", "WEISS"),
    ("Weiẞ", "weiss"),
    ("İbrahim", "ibrahim"),
    ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
    ("σίσυφοσ", "Σίσυφος"),
    ("Мария", "МАРИЯ"),
    ("ąę", "ĄĘ"),
]
LOOK_ALIKES = ["m\u0430ra", "ｍａｒａ", "mαra", "ｍara", "𝕞ara", "Μara", "jοn"]
REFUSED = "Use plain letters from one alphabet in each word."


def decomposed(text: str) -> str:
    """As macOS may type it."""
    return unicodedata.normalize("NFD", text)


def signs_in(name: str, password: str = PASSWORD) -> bool:
    client = Client()
    client.post("/sign-in/", {"login": name, "password": password})
    return client.get("/me/").status_code == 200


def invitation(role: str = "member") -> str:
    owner = User.objects.filter(role="owner").first() or make_user("house", User.Role.OWNER)
    return services.link_of(services.invite(owner=owner, role=role)).split("testserver")[-1].split("8000")[-1]


def joins(name: str, **more: str):
    return Client().post(
        invitation(), {"username": name, "password1": PASSWORD, "password2": PASSWORD} | more
    )


class TestSameNames:
    @pytest.mark.parametrize(("name", "other"), SAME)
    def test_either_signs_in(self, name, other):
        make_user(name)
        for spelled in (name, other, decomposed(name), decomposed(other), f" {name} "):
            assert signs_in(spelled)

    @pytest.mark.parametrize(("name", "other"), SAME)
    @pytest.mark.parametrize("more", [{}, {"passkey": "1"}], ids=["password", "passkey"])
    def test_no_one_joins_with_the_other(self, name, other, more):
        make_user(name)
        for spelled in (other, decomposed(name)):
            answer = joins(spelled, **more)
            assert answer.status_code == 422 and "already taken" in answer.content.decode()
        assert User.objects.exclude(role="owner").count() == 1

    def test_nor_is_made_by_a_command(self, monkeypatch):
        make_user("jürgen")
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
        for command in ("createperson", "createowner"):
            with pytest.raises(CommandError, match="already taken"):
                call_command(command, decomposed("JÜRGEN"))

    def test_commands_find_a_person_by_either(self, capsys, monkeypatch):
        make_user("house", User.Role.OWNER)
        make_user("jürgen")
        call_command("recoverylink", decomposed("JÜRGEN"))
        assert "access as jürgen" in capsys.readouterr().out
        monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
        with pytest.raises(CommandError, match="at least 8"):
            call_command("connect", "JÜRGEN")

    def test_a_name_typed_decomposed_is_stored_composed(self):
        assert joins(decomposed("Zoë")).status_code == 302
        assert User.objects.get(username="Zoë").name_key == "zoë"

    def test_tries_for_a_name_are_counted_however_it_is_typed(self):
        make_user("jürgen")
        for name in ("jürgen", "JÜRGEN", decomposed("jürgen"), decomposed("JÜRGEN"), " Jürgen"):
            assert not signs_in(name, "wrong")
        assert not signs_in("jürgen")


def test_the_label_that_confirms_deleting_everything_may_be_typed_decomposed(cast, sim):
    TorBoxAccount.objects.update(label="Café")
    client = sign_in(Client(), cast.owner)
    form = {"operation": "delete", "account": cast.account.pk}
    for typed, said in ((decomposed("Café"), "Deleted all torrents"), ("Cafe", "Nothing was deleted")):
        page = client.post("/everything/", form | {"confirm": typed}, follow=True)
        assert said in page.content.decode()


class TestLookAlikes:
    @pytest.mark.parametrize("name", LOOK_ALIKES)
    @pytest.mark.parametrize("more", [{}, {"passkey": "1"}], ids=["password", "passkey"])
    def test_no_one_joins_with_one(self, name, more):
        answer = joins(name, **more)
        assert answer.status_code == 422 and REFUSED in answer.content.decode()

    @pytest.mark.parametrize("name", LOOK_ALIKES)
    def test_nor_sets_the_instance_up_nor_is_made_by_a_command_nor_shown_as_one(self, name, monkeypatch):
        path = f"/setup/{services.make_setup_link()}/"
        answer = Client().post(path, {"username": name, "password1": PASSWORD, "password2": PASSWORD})
        assert answer.status_code == 422 and REFUSED in answer.content.decode()
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
        with pytest.raises(CommandError, match=REFUSED):
            call_command("createperson", name)
        answer = sign_in(Client(), make_user("eve")).post(
            "/me/profile/", {"shown_name": name, "appearance": "dark"}
        )
        assert answer.status_code == 422 and REFUSED in answer.content.decode()

    @pytest.mark.parametrize(
        "name", ["Мария", "Ελένη", "山田太郎", "박지성", "محمد", "Ærøskøbing", "O-Neill.2"]
    )
    def test_names_of_one_alphabet_are_taken(self, name):
        assert joins(name).status_code == 302 and signs_in(name.upper())

    def test_two_words_may_be_of_two_alphabets(self):
        answer = sign_in(Client(), make_user("eve")).post(
            "/me/profile/", {"shown_name": "Мария Smith", "appearance": "dark"}
        )
        assert answer.status_code == 302


class TestPasswords:
    ODD = "pässwörd mit é und ﬁ"

    def test_one_set_decomposed_signs_in_composed_and_the_other_way_round(self):
        for number, (set_as, typed) in enumerate(
            [(decomposed(self.ODD), self.ODD), (self.ODD, decomposed(self.ODD))]
        ):
            joins(f"person{number}", password1=set_as, password2=set_as)
            assert signs_in(f"person{number}", typed) and signs_in(f"person{number}", set_as)

    def test_one_from_before_passwords_were_normalized_still_works_as_it_was_typed(self):
        from django.contrib.auth.hashers import make_password

        mara = make_user("mara")
        User.objects.filter(pk=mara.pk).update(password=make_password(decomposed(self.ODD)))
        assert signs_in("mara", decomposed(self.ODD)) and not signs_in("mara", "wrong")

    def test_they_are_confirmed_and_changed_in_any_composition(self):
        mara = make_user("mara")
        mara.set_password(self.ODD)
        mara.save()
        client = sign_in(Client(), mara)
        assert client.post("/me/confirm/", {"password": decomposed(self.ODD)}).status_code == 302
        new = decomposed("ein änderes é")
        form = {"oldpassword": decomposed(self.ODD), "password1": new, "password2": new}
        assert client.post("/me/password/", form).status_code == 302
        assert signs_in("mara", "ein änderes é")

    def test_a_compatible_character_is_another_one(self):
        """Composed, not simplified: a password keeps its strength."""
        make_user("mara").set_password("a long ﬁsh word")
        assert not signs_in("mara", "a long fish word")


@pytest.fixture
def old_tables():
    """The database as it was before names had keys, and how to bring it up to date again."""
    cache.clear()  # the table of counters is none that a test gives back
    before = MigrationExecutor(connection)
    before.migrate([("accounts", "0004_call_totals")])
    yield before.loader.project_state([("accounts", "0004_call_totals")]).apps.get_model("accounts", "User")
    call_command("migrate", verbosity=0)


@pytest.mark.django_db(transaction=True)
class TestMigration:
    def test_names_that_clash_are_told_and_everybody_signs_in_as_before(self, old_tables, capsys):
        from django.contrib.auth.hashers import make_password

        for name in ("jürgen", "JÜRGEN", "Jürgen", "élan", "mara"):
            old_tables.objects.create(username=name, password=make_password(f"the password of {name}"))
        call_command("migrate", verbosity=0)
        keys = dict(User.objects.values_list("username", "name_key"))
        assert keys == {
            "jürgen": "jürgen",
            "JÜRGEN": "jürgen#2",
            "Jürgen": "jürgen#3",
            "élan": "élan",
            "mara": "mara",
        }
        said = capsys.readouterr().out
        assert "'JÜRGEN'" in said and "renameperson 'jürgen#2'" in said and "'élan'" not in said
        for name in keys:
            assert signs_in(name, f"the password of {name}")
        assert signs_in("jÜrgen", "the password of jürgen") and signs_in("JÜRGEN#2", "the password of JÜRGEN")
        assert not signs_in("jürgen", "the password of JÜRGEN")

    def test_doctor_reports_them_until_one_is_renamed(self, old_tables, capsys):
        for name in ("jürgen", "JÜRGEN"):
            old_tables.objects.create(username=name)
        call_command("migrate", verbosity=0)
        assert "renameperson" in doctor()[1] and "jürgen#2" in doctor()[1]
        call_command("renameperson", "jürgen#2", "georg")
        assert "renameperson" not in doctor()[1]
        assert User.objects.get(username="georg").name_key == "georg"
        with pytest.raises(CommandError, match="already taken"):
            call_command("renameperson", "georg", "JÜRGEN")
        with pytest.raises(CommandError, match="No person is named"):
            call_command("renameperson", "greta", "gretel")
