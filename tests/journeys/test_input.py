"""What people and programs type: read, refused by name, and never an error of ours."""

from __future__ import annotations

import pytest

from monespace_flows import Policy, RequestLink, SignIn, SubmitCode, SubmitIdentity, View
from monespace_flows.policy import CodePolicy, IdentityPolicy, PasswordPolicy
from monespace_flows.screens import Outcome
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, LOGIN, PASSWORD

RPPS_SHAPE = "Le numéro RPPS a 11 chiffres, par exemple 99000000002."
DATE_SHAPE = "Saisissez la date au format JJ/MM/AAAA, par exemple 17/06/1975."
DATE_YEAR = "Saisissez l'année en entier, avec ses 4 chiffres, par exemple 1975."
DATE_UNREAL = "Cette date n'existe pas. Vérifiez le jour et le mois."
DATE_RANGE = "Vérifiez l'année de votre date de naissance."


def identify(
    rpps: str = JOHN.rpps, birth_date: str = JOHN.birth_date, policy: Policy | None = None
) -> View:
    sandbox = Sandbox(policy)
    token = sandbox.flows.start("creation").token
    command = SubmitIdentity(birth_date=birth_date, rpps=rpps, accept_terms=True)
    return sandbox.flows.submit(token, command)


@pytest.mark.parametrize(
    "rpps",
    [
        "٩٩٠٠٠٠٠٠٠٠٢",
        "9900000000²",
        "9900000000O",
        "9900000000②",
        "9.9e10",
        "+99000000002",
        "9900000000",
        "990000000020",
        "99000 00000 2x",
        "99000000002 (RPPS)",
        "N° RPPS : 9900000000",
        "' OR 1=1 --",
        "99000000002\x00",
        "\ud800",
        "%",
        "9" * 10_000,
    ],
    ids=ascii,
)
def test_in_01_what_is_not_eleven_digits_is_named(rpps: str) -> None:
    """Neither digits of another script nor raised ones are digits, and letters stay letters."""
    view = identify(rpps=rpps)

    assert (view.state, acting.errors(view)) == ("enter_identity", {"rpps": RPPS_SHAPE})


@pytest.mark.parametrize("rpps", ["899000000002", "RPPS : 8 99 0000 0000 2", "8-99000000002\u200b"])
def test_in_01_the_national_identifier_gets_a_hint(rpps: str) -> None:
    """Twelve digits beginning with 8 are the number with its type before it."""
    view = identify(rpps=rpps)

    assert acting.errors(view) == {
        "rpps": (
            "Ce numéro a 12 chiffres : c'est votre identifiant national. "
            "Saisissez-le sans le 8 du début."
        )
    }


@pytest.mark.parametrize(
    "rpps",
    [
        "990 0000 0002",
        "99\u00a0000\u00a0000\u00a0002",
        "99\u202f000 000 002 ",
        "99\u2009000\u2007000\u200a002",
        "\t99000000002\r\n",
        "\ufeff99000000002",
        "\u202a99000000002\u202c",
        "990\u200b000\u00ad00002",
        "99.0000.0000.2",
        "99-0000–0000\u20112",
        "N° RPPS : 99000000002",
        "n°RPPS:99000000002",
        "RPPS 99 0000 0000 2",
        "Numéro RPPS 99000000002",
        "９９００００００００２",
    ],
    ids=ascii,
)
def test_in_02_what_cannot_be_seen_or_is_not_of_the_number_does_not_count(rpps: str) -> None:
    """Whoever sees eleven digits typed eleven digits, wherever they were copied from."""
    assert identify(rpps=rpps).state == "choose_channel"


def test_in_01_a_wrong_check_digit_is_let_through_by_default() -> None:
    """Printed examples do not pass the formula: the registry decides."""
    view = identify(rpps="99000000003")

    assert acting.notices(view) == ["identity.unknown"]


def test_in_01_a_host_may_enforce_the_check_digit() -> None:
    """The mistake is then named before the registry is asked."""
    policy = Policy(identity=IdentityPolicy(luhn="enforce"))

    assert acting.errors(identify(rpps="99000000003", policy=policy)) == {
        "rpps": "Ce numéro RPPS comporte une erreur de frappe. Vérifiez-le."
    }
    assert identify(policy=policy).state == "choose_channel"


@pytest.mark.parametrize(
    ("birth_date", "error"),
    [
        ("31/02/1980", DATE_UNREAL),
        ("06/17/1975", DATE_UNREAL),
        ("1975-17-06", DATE_UNREAL),
        ("31021980", DATE_UNREAL),
        ("0/6/1980", DATE_UNREAL),
        ("31 février 1980", DATE_UNREAL),
        ("17/06/75", DATE_YEAR),
        ("170675", DATE_YEAR),
        ("17 juin 75", DATE_YEAR),
        ("17/06/175", DATE_SHAPE),
        ("17 jui 1975", DATE_SHAPE),
        ("17 brumaire 1975", DATE_SHAPE),
        ("1761975", DATE_SHAPE),
        ("juin 1975", DATE_SHAPE),
        ("17/06", DATE_SHAPE),
        ("١٧/٠٦/١٩٧٥", DATE_SHAPE),
        ("17/06/0021", DATE_RANGE),
        ("29/02/1900", DATE_UNREAL),
        ("31/12/1899", DATE_RANGE),
        ("17/06/2075", DATE_RANGE),
        ("23/11/2008", DATE_RANGE),
        ("00/00/0000", DATE_UNREAL),
        ("31/12/2016 23:59:60", DATE_SHAPE),
    ],
)
def test_in_03_what_is_not_a_birth_date_is_named(birth_date: str, error: str) -> None:
    """Shape first, then the calendar, then the age."""
    view = identify(birth_date=birth_date)

    assert (view.state, acting.errors(view)) == ("enter_identity", {"birth_date": error})


@pytest.mark.parametrize(
    "birth_date",
    [
        "17/6/1975",
        "17-06-1975",
        "17.06.1975",
        "17 06 1975",
        " 17 / 6 - 1975 ",
        "17,06,1975",
        "17\u201306\u20131975",
        "17\u204406\u20441975",
        "17//06/1975",
        "17061975",
        "1975-06-17",
        "1975/06/17",
        "19750617",
        "17 juin 1975",
        "17 Juin 1975",
        "17JUIN1975",
        "\ufeff17/06/1975\t",
        "17/06\u200b/1975",
        "\u200e17\u00a0juin\u202f1975\r\n",
    ],
    ids=ascii,
)
def test_in_03_a_date_that_means_one_day_only_is_read(birth_date: str) -> None:
    """In whatever spelling: day first or year first, with any separator or none, in words."""
    assert identify(birth_date=birth_date).state == "choose_channel"


def test_in_03_eighteen_years_today_is_old_enough() -> None:
    """A pair that could be true is asked of the registry."""
    assert acting.notices(identify(birth_date="22/11/2008")) == ["identity.unknown"]


def test_in_03_nothing_is_counted_for_what_is_ill_formed() -> None:
    """A slip of the finger is not a guess."""
    sandbox = Sandbox()
    token = sandbox.flows.start("creation").token
    command = SubmitIdentity(birth_date="", rpps="", accept_terms=True)
    views = [sandbox.flows.submit(token, command) for _ in range(10)]

    assert acting.errors(views[-1]) == {
        "birth_date": "Saisissez votre date de naissance, par exemple 17/06/1975.",
        "rpps": "Saisissez votre numéro RPPS, 11 chiffres.",
    }
    assert sandbox.flows.submit(token, acting.identity()).state == "choose_channel"


def test_c1_every_mistake_of_the_form_is_named_at_once() -> None:
    """Nobody corrects one field to be told of the next."""
    sandbox = Sandbox()
    token = sandbox.flows.start("creation").token

    command = SubmitIdentity(birth_date="hier", rpps="12", accept_terms=False)
    view = sandbox.flows.submit(token, command)

    assert list(acting.errors(view)) == ["birth_date", "rpps", "accept_terms"]


@pytest.mark.parametrize(
    "code",
    [
        "１２３４５",
        "１２３４５６７",
        "12345²",
        "12345",
        "1234567",
        "12345a",
        "🙂🙂🙂🙂🙂🙂",
        "\ud800",
    ],
    ids=ascii,
)
def test_in_04_what_is_not_six_digits_is_named_and_not_counted(code: str) -> None:
    """A code of the wrong shape is no try."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)

    refused = [sandbox.flows.submit(view.token, SubmitCode(code)) for _ in range(9)]

    assert acting.errors(refused[-1]) == {"code": "Le code a 6 chiffres."}
    right = SubmitCode(acting.code_received(sandbox))
    assert sandbox.flows.submit(view.token, right).state == "choose_credentials"


@pytest.mark.parametrize(
    "spelling",
    [
        "{0}\t{1}",
        "{0} {1}\n",
        "{0}-{1}",
        "{0}\u2011{1}",
        "Code : {0} {1}",
        "Votre code est : {0}{1}",
        "\u200b{0}\u200b{1}\ufeff",
        "\u2066{0}{1}\u2069",
    ],
    ids=ascii,
)
def test_in_04_however_a_code_was_copied_it_is_read(spelling: str) -> None:
    """No try is lost for what cannot be seen, nor for what stood beside it in the message."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    code = acting.code_received(sandbox)

    view = sandbox.flows.submit(view.token, SubmitCode(spelling.format(code[:3], code[3:])))

    assert view.state == "choose_credentials"


def test_in_04_full_width_digits_are_digits() -> None:
    """A keyboard for Chinese or Japanese types them, and they look like digits."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in acting.code_received(sandbox))

    assert sandbox.flows.submit(view.token, SubmitCode(wide)).state == "choose_credentials"


@pytest.mark.parametrize("typed", [" - ", "Code :", "\u200b"], ids=ascii)
def test_in_04_an_empty_code_is_asked_for(typed: str) -> None:
    """The field says what it wants."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)

    view = sandbox.flows.submit(view.token, SubmitCode(typed))

    assert acting.errors(view) == {"code": "Saisissez le code reçu."}


def test_in_04_a_host_may_ask_for_eight_digits() -> None:
    """The code, its hint and its error follow."""
    sandbox = Sandbox(Policy(codes=CodePolicy(digits=8)))
    view = acting.awaiting_code(sandbox)
    assert acting.field(view, "code").hint == "8 chiffres, valables 10 minutes"

    refused = sandbox.flows.submit(view.token, SubmitCode("123456"))
    accepted = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    assert acting.errors(refused) == {"code": "Le code a 8 chiffres."}
    assert (len(acting.code_received(sandbox)), accepted.state) == (8, "choose_credentials")


# --- passwords -----------------------------------------------------------------------------------

LONG = "un cheval bleu 9 mange des pommes rouges ; " * 6
ACCENTED = "été à la plage, deux châteaux"


def create(password: str, policy: Policy | None = None) -> tuple[Sandbox, View]:
    sandbox = Sandbox(policy)
    view = acting.code_accepted(sandbox, channel="email")
    return sandbox, sandbox.flows.submit(view.token, acting.creation(password))


@pytest.mark.parametrize(("length", "state"), [(14, "choose_password"), (15, "created")])
def test_in_05_a_password_has_at_least_fifteen_characters(length: int, state: str) -> None:
    """One character less is refused, with the number in the message."""
    _, view = create(LONG[:length])

    assert view.state == state
    if state != "created":
        assert acting.errors(view) == {
            "password": "Choisissez un mot de passe d'au moins 15 caractères."
        }


@pytest.mark.parametrize(("length", "state"), [(64, "created"), (256, "created"), (257, None)])
def test_in_05_a_password_has_at_most_256_characters(length: int, state: str | None) -> None:
    """Long ones are welcome, none is cut."""
    _, view = create(LONG[:length])

    assert view.state == (state or "choose_password")
    if state is None:
        assert acting.errors(view) == {
            "password": "Choisissez un mot de passe d'au plus 256 caractères."
        }


def test_in_05_a_password_has_at_most_1024_bytes() -> None:
    """Where a host allows more characters, the bytes are counted too."""
    policy = Policy(passwords=PasswordPolicy(maximum_length=1024))

    _, fits = create("é" + LONG[:256], policy)
    _, too_long = create("é🙂" * 171, policy)

    assert (fits.state, too_long.state) == ("created", "choose_password")


def test_in_05_no_password_is_cut() -> None:
    """A beginning of a long password does not sign in, nor does one that is longer."""
    sandbox, _ = create(LONG[:256])

    for typed in (LONG[:255], LONG[:72], LONG, LONG[:256] + "x"):
        assert acting.sign_in(sandbox, JOHN.email, typed).state == "enter_credentials"
        sandbox.clock.advance(minutes=15)
    assert acting.sign_in(sandbox, JOHN.email, LONG[:256]).state == "signed_in"


def test_in_06_spaces_at_the_ends_belong_to_the_password() -> None:
    """Nothing is trimmed."""
    sandbox, _ = create(f" {PASSWORD} ")

    assert acting.sign_in(sandbox, JOHN.email, PASSWORD).state == "enter_credentials"
    assert acting.sign_in(sandbox, JOHN.email, f" {PASSWORD} ").state == "signed_in"


def test_in_06_two_ways_of_writing_an_accent_are_one() -> None:
    """A phone and a computer that compose « é » differently both sign in."""
    sandbox, _ = create(ACCENTED)
    decomposed = ACCENTED.replace("é", "e\u0301").replace("à", "a\u0300").replace("â", "a\u0302")
    assert decomposed != ACCENTED

    assert acting.sign_in(sandbox, JOHN.email, decomposed).state == "signed_in"


@pytest.mark.parametrize(
    "password", [f"{PASSWORD}\x00suite", "🙂🙃 cheval correct pile", f"{PASSWORD}\ud800"], ids=ascii
)
def test_in_06_any_character_is_one(password: str) -> None:
    """What a keyboard can send is kept whole, and what a program sends is no error."""
    sandbox, view = create(password)

    assert view.state == "created"
    assert acting.sign_in(sandbox, JOHN.email, password[:-1]).state == "enter_credentials"
    assert acting.sign_in(sandbox, JOHN.email, password).state == "signed_in"


PERSONAL = (
    "Ce mot de passe contient votre adresse, votre numéro RPPS ou de mobile, ou le nom du site. "
    "Choisissez un mot de passe sans information personnelle."
)


@pytest.mark.parametrize(
    "password",
    [
        JOHN.email,
        JOHN.email.upper(),
        "mon john.medecin à moi",
        f"xx{JOHN.rpps}yy",
        "monespace2026plus",
        "c'est Mon Espace à moi",
        "lien monespace.example !",
    ],
)
def test_in_07_a_password_does_not_speak_of_its_owner(password: str) -> None:
    """Neither the address nor the number may be in it, nor what the site is called."""
    _, view = create(password)

    assert acting.notices(view) == ["password.weak"]
    assert acting.errors(view) == {"password": PERSONAL}


NEW = "jeanne12@cabinet.example"


@pytest.mark.parametrize(
    ("place", "personal"),
    [
        (("creation", "choose_credentials"), NEW),
        (("creation", "choose_credentials"), "jeanne12"),
        (("recovery", "choose_credentials"), "jeanne12"),
        (("reset", "choose_new_password"), JOHN.email),
        (("reset", "choose_new_password"), "john.medecin"),
        (("settings", "edit_settings"), NEW),
        (("settings", "edit_settings"), "jeanne12"),
    ],
)
def test_in_07_wherever_a_password_is_chosen_it_may_not_hold_the_address(
    place: tuple[str, str], personal: str
) -> None:
    """Neither the whole of it nor what stands before the at sign."""
    sandbox = Sandbox()
    view = acting.PLACES[place](sandbox)
    password = f"un {personal} 7 zèbre"
    commands = {
        "choose_credentials": acting.activation(NEW, password),
        "choose_new_password": acting.new_password(password),
        "edit_settings": acting.save(email=NEW, password=password),
    }

    view = sandbox.flows.submit(view.token, commands[view.state])

    assert acting.errors(view) == {"password": PERSONAL}


@pytest.mark.parametrize("password", ["aaaaaaaaaaaaaaa", "motdepasse2026!!", "azertyazerty123"])
def test_in_07_a_common_password_is_refused_with_its_reason(password: str) -> None:
    """The person reads what makes a good one."""
    _, view = create(password)

    assert acting.errors(view) == {
        "password": (
            "Ce mot de passe est trop facile à deviner. Les noms, les dates, les mots du métier et "
            "les suites courantes n'y comptent pas ; plusieurs mots sans lien entre eux font un "
            "bon mot de passe."
        )
    }


# --- addresses -----------------------------------------------------------------------------------

NOT_ADDRESSES = [
    "a@b.example\r\nBcc:x@y.example",
    "a@b.example%0aBcc",
    "a@b.example,c@d.example",
    "a,b@c.example",
    '"a b"@c.example',
    "a@[127.0.0.1]",
    "<a@b.example>",
    "Jean <a@b.example>",
    f"{'a' * 65}@b.example",
    f"a@{'b.' * 125}example",
    "a@localhost",
    "a@b.example\x00",
    "mıke@b.example",
    "ſam@b.example",
    "a＠b.example",
    "a․b@c.example",
    "аnna@b.example",
    "\u212aim@b.example",
    "\ud800@b.example",
    "a@b..example",
    "@b.example",
    "a@",
]


@pytest.mark.parametrize("email", NOT_ADDRESSES, ids=ascii)
def test_in_13_in_14_what_is_not_one_address_is_refused(email: str) -> None:
    """No header, no second recipient, no look-alike becomes a login."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)

    view = sandbox.flows.submit(view.token, acting.activation(email))

    assert (view.state, view.outcome) == ("choose_credentials", Outcome.REFUSED)
    assert list(acting.errors(view)) == ["email"]
    assert len(sandbox.messages) == 1


@pytest.mark.parametrize("email", NOT_ADDRESSES, ids=ascii)
def test_in_13_nor_does_it_receive_a_link_or_sign_in(email: str) -> None:
    """The screens answer as to any mistake."""
    sandbox = Sandbox()
    reset, signin = sandbox.flows.start("reset"), sandbox.flows.start("signin")

    asked = sandbox.flows.submit(reset.token, RequestLink(email))
    tried = sandbox.flows.submit(signin.token, SignIn(email=email, password=PASSWORD))

    assert list(acting.errors(asked)) == ["email"]
    assert acting.notices(tried) == ["credentials.refused"]


def test_in_14_case_does_not_make_another_address() -> None:
    """Two spellings cannot have two accounts, and mail goes to the one that was registered."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, email="Jean.Dupont@Cabinet.Example")
    view = acting.code_accepted(sandbox, acting.PAUL)

    view = sandbox.flows.submit(view.token, acting.activation("jean.dupont@cabinet.example"))

    assert acting.notices(view) == ["email.taken"]
    assert acting.newest(sandbox, "confirmation").to == "Jean.Dupont@cabinet.example"


@pytest.mark.parametrize(
    "typed",
    [
        "a@hôpital.example",
        "a@xn--hpital-ixa.example",
        "a@ho\u0302pital.example",
        "\ufeffa@h\u200bôpital.example\t",
    ],
    ids=ascii,
)
def test_in_14_an_international_domain_has_one_key(typed: str) -> None:
    """However it is written, it is the same login."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, email="a@hôpital.example")

    assert acting.sign_in(sandbox, typed).state == "signed_in"


@pytest.mark.parametrize(
    "again",
    ["jeanne@HÔPITAL.example", " jeanne@ho\u0302pital.example\n", "je\u00adanne@hôpital.example"],
    ids=ascii,
)
def test_c8_an_address_is_confirmed_by_what_is_read_of_it(again: str) -> None:
    """Whoever sees the same address twice has typed it twice."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)

    command = acting.activation("jeanne@hôpital.example", again=again)
    view = sandbox.flows.submit(view.token, command)

    assert view.state == "created"


@pytest.mark.parametrize("text", ["' OR 1=1 --", '"; DROP', "%", "_", "{email}", "{0}", "\x1b[31m"])
def test_in_15_in_16_every_field_is_text(text: str) -> None:
    """Nothing typed is a pattern, a template or a command, and nothing of it is shown again."""
    sandbox = Sandbox()
    acting.created(sandbox)
    signin = sandbox.flows.start("signin")

    view = sandbox.flows.submit(signin.token, SignIn(email=text, password=text))

    assert acting.notices(view) == ["credentials.refused"]
    assert text not in "".join(acting.journal_lines(sandbox, view)) or text in "%_"


def test_ft_04_a_birthday_on_the_29th_of_february_is_read() -> None:
    """Leap days exist, in leap years."""
    sandbox = Sandbox()
    sandbox.registry.change(acting.SUSPENDED.rpps, status="inscrit")

    assert acting.identified(sandbox, acting.SUSPENDED).state == "choose_channel"


def test_r7_the_login_may_be_any_free_address() -> None:
    """An address that nobody has is taken as it is typed."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, flow="recovery")

    view = sandbox.flows.submit(view.token, acting.activation(f"\u00a0{LOGIN} "))

    assert view.state == "recovered"
    assert acting.newest(sandbox, "confirmation").to == LOGIN
